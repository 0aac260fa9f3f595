/** @file The networks that classify a picture of the page, which is decoded once for all: those of Limbeck's, and teachers of other kinds. */
import type { Engine } from "../../engine/contract.ts";
import { classifyPictures, type UsableNetwork } from "../../use/index.ts";
import { classColumns } from "../../experiment/index.ts";
import type { TeacherLabels } from "../../experiment/settings/index.ts";
import { loadModel, mostProbable, type ModelDescription, type Prediction } from "../../model-file/index.ts";
import { LOGITS, teacherView, type Teacher } from "../../teachers/index.ts";
import { decodePicture } from "../../data/node/images/decode.ts";
import type { Picture, Preparation } from "../../images/index.ts";

/** A network, as the page names it. */
export interface ServedNetwork {
  readonly title: string;
  /** Its file. */
  readonly weights: string;
  readonly classes: number;
}

/** The same, ready. */
export interface ReadyNetwork extends ServedNetwork {
  /** Throws DATA_FORMAT for bytes that are no whole picture; as `predict`. */
  classify(picture: ServedPicture): Promise<Prediction>;
  close(): Promise<void>;
}

/** How many classes of each network are sent. */
const TOP = 5;

/** Throws as `loadModel`. */
export async function servedNetwork(
  title: string,
  { bytes, ...network }: UsableNetwork,
  engine: Engine,
): Promise<ReadyNetwork> {
  const model = await loadModel(bytes, engine, network);
  return {
    title,
    weights: network.source,
    classes: model.classes,
    async classify(picture) {
      const source = { path: PICTURE, read: () => picture(model.description?.preparation) };
      const answers = classifyPictures(model, [source], { top: TOP });
      const [answer] = (await answers.next()).value;
      if ("error" in answer) throw answer.error;
      return answer.classes;
    },
    close: () => model.close(),
  };
}

/** The teacher with the student's classes where it has them by name, as it taught, else with its own. Throws ARGUMENT for labels that do not fit. */
export function servedTeacher(
  title: string,
  teacher: Teacher,
  { weights, student, labels }: TaughtStudent,
): ReadyNetwork {
  const { preparation, classNames: classes, dataset: name = "its student" } = student;
  const { classNames } = teacher;
  const theirs = { source: weights, classes: teacher.classes, description: classNames && { classNames } };
  const { columns, otherClasses } = classes ? classColumns(theirs, { name, classes }, labels) : {};
  const named = { name: teacher.name, description: { classNames: classes && !otherClasses ? classes : classNames } };
  return {
    title,
    weights,
    classes: columns?.length ?? teacher.classes,
    async classify(picture) {
      const whole = await picture(preparation);
      const { [LOGITS]: logits } = await teacher.outputs(teacherView(whole, teacher.preprocessing).pixels, 1);
      const chosen = columns ? columns.map((column) => logits![column]!) : logits!;
      return mostProbable(named, chosen, TOP);
    },
    close: () => teacher.close(),
  };
}

/** The student of a teacher. */
export interface TaughtStudent {
  /** The path of the teacher's file. */
  readonly weights: string;
  readonly student: ModelDescription;
  readonly labels: TeacherLabels | undefined;
}

/** The memory that decoding one may take: a photograph of 60 megapixels, a scan in grey of 89. */
const MOST_BYTES = 3 * 2 ** 27;
/** What messages call the picture, which has no name here. */
const PICTURE = "The file";

/** Turned, and laid on a background, as a preparation has it. Throws DATA_FORMAT for bytes that are no whole picture, or one that is too large. */
export type ServedPicture = (preparation: Preparation | undefined) => Promise<Picture>;

export function servedPicture(bytes: Uint8Array): ServedPicture {
  let last: { readonly key: string; readonly picture: Promise<Picture> } | undefined;
  return ({ exif = true, background }: Partial<Preparation> = {}) => {
    const key = JSON.stringify([exif, background]);
    if (last?.key !== key) {
      const options = { exif, maxBytes: MOST_BYTES, background };
      last = { key, picture: decodePicture(PICTURE, bytes, options) };
    }
    return last.picture;
  };
}
