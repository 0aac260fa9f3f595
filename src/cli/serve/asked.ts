/** @file What the page asks about a picture, decoded once for all: a network of Limbeck's, or a teacher that is an ONNX file. */
import type { Engine } from "../../engine/contract.ts";
import { classifyPictures, type UsableNetwork } from "../../use/index.ts";
import { classColumns } from "../../experiment/teacher-classes.ts";
import type { TeacherLabels } from "../../experiment/teacher-config.ts";
import { loadModel, mostProbable, type ModelDescription, type Prediction } from "../../model-file/index.ts";
import { LOGITS, teacherView } from "../../teachers/index.ts";
import type { OpenedTeacher } from "../../teachers/node/index.ts";
import { decodePicture } from "../../data/node/images/decode.ts";
import type { Picture } from "../../images/picture.ts";
import type { Preparation } from "../../images/preparation.ts";

/** A network that is asked, as the page names it. */
export interface ServedNetwork {
  readonly title: string;
  /** Its file. */
  readonly weights: string;
  readonly classes: number;
}

/** The same, ready. */
export interface AskedNetwork extends ServedNetwork {
  /** Throws DATA_FORMAT for bytes that are no whole picture; as `predict`. */
  ask(picture: ServedPicture): Promise<Prediction>;
  close(): Promise<void>;
}

/** How many classes of each network are sent. */
const TOP = 5;

/** Throws as `loadModel`. */
export async function askedNetwork(
  title: string,
  { bytes, ...network }: UsableNetwork,
  engine: Engine,
): Promise<AskedNetwork> {
  const model = await loadModel(bytes, engine, network);
  return {
    title,
    weights: network.source,
    classes: model.classes,
    async ask(picture) {
      const source = { path: PICTURE, read: () => picture(model.description?.preparation) };
      const answers = classifyPictures(model, [source], { top: TOP });
      const [answer] = (await answers.next()).value;
      if ("error" in answer) throw answer.error;
      return answer.classes;
    },
    close: () => model.close(),
  };
}

/** The teacher with the student's classes where it tells them by name, as it taught, else with its own. Throws ARGUMENT for labels that do not fit. */
export function askedTeacher(
  title: string,
  teacher: OpenedTeacher,
  { weights, student, labels }: TaughtStudent,
): AskedNetwork {
  const { preparation, classNames: classes, dataset: name = "its student" } = student;
  const { classNames } = teacher;
  const theirs = { source: weights, classes: teacher.classes, ...(classNames && { description: { classNames } }) };
  const { columns, otherClasses } = classes ? classColumns(theirs, { name, classes }, labels) : {};
  const named = { name: teacher.name, description: { classNames: classes && !otherClasses ? classes : classNames } };
  return {
    title,
    weights,
    classes: columns?.length ?? teacher.classes,
    async ask(picture) {
      const whole = await picture(preparation);
      const { [LOGITS]: logits } = await teacher.outputs(teacherView(whole, teacher.preprocessing).pixels, 1);
      const chosen = columns ? columns.map((column) => logits![column]!) : logits!;
      return mostProbable(named, chosen, TOP);
    },
    close: () => teacher.close(),
  };
}

/** Whom an ONNX file taught. */
export interface TaughtStudent {
  /** The ONNX file's path. */
  readonly weights: string;
  readonly student: ModelDescription;
  readonly labels: TeacherLabels | undefined;
}

/** The memory that decoding one may take: a photograph of 60 megapixels, a scan in grey of 89. */
const MOST_BYTES = 3 * 2 ** 27;
/** What messages call the picture, which has no name here. */
export const PICTURE = "The file";

/** Turned, and laid on a background, as a preparation has it. Throws DATA_FORMAT for bytes that are no whole picture, or one that is too large. */
export type ServedPicture = (preparation: Preparation | undefined) => Promise<Picture>;

export function servedPicture(bytes: Uint8Array): ServedPicture {
  let last: { readonly key: string; readonly picture: Promise<Picture> } | undefined;
  return ({ exif = true, background }: Partial<Preparation> = {}) => {
    const key = JSON.stringify([exif, background]);
    if (last?.key !== key) {
      const options = { exif, maxBytes: MOST_BYTES, ...(background && { background }) };
      last = { key, picture: decodePicture(PICTURE, bytes, options) };
    }
    return last.picture;
  };
}
