/** @file What the page asks about a picture: a network of Limbeck's, or a teacher that is an ONNX file. */
import type { Engine } from "../../engine/contract.ts";
import { classifyPictures } from "../../use/index.ts";
import type { UsableNetwork } from "../../use/index.ts";
import { classColumns, type TeacherLabels } from "../../experiment/teacher-classes.ts";
import { loadModel, mostProbable, type ModelDescription, type Prediction } from "../../model-file/index.ts";
import { LOGITS, teacherView } from "../../teachers/index.ts";
import type { OpenedTeacher } from "../../teachers/node/open.ts";
import { PICTURE, type ServedPicture } from "./picture.ts";

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
