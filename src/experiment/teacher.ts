/** @file A teacher that an experiment knows by its outputs: an ONNX file, or logits from a file. */
import type { Dataset } from "../data/dataset.ts";
import type { Model } from "../models/index.ts";
import {
  withLogits,
  LOGITS,
  ensembleOutputs,
  wantedOfMember,
  type PixelNumbers,
  type Preprocessing,
  type TeacherOrigin,
  type TeacherOutputs,
} from "../teachers/index.ts";
import type { Progress } from "../train/events.ts";
import { togetherToTime, type Timeable } from "../train/timeable.ts";
import { classColumns, type OtherClasses, type TeacherLabels } from "./teacher-classes.ts";

export type SplitName = "train" | "validation" | "test";

/** One teacher, or several together. */
export interface ExternalTeacher {
  readonly name: string;
  readonly origins: readonly TeacherOrigin[];
  readonly parameters: number;
  /** Of its file. */
  readonly bytes: number;
  /** For the training images, computed when they are read. */
  readonly outputs: TeacherOutputs;
  /** On which images it can be asked what they show. */
  readonly knows: ReadonlySet<SplitName>;
  /** Whether it can be asked about them mirrored, too. */
  readonly isQueriedMirrored: boolean;
  /** What is wanted of the images of a split that it knows, as they are or mirrored: from where it was kept, else computed once and kept. */
  ask(which: SplitName, wanted: readonly string[], how?: AskOptions): AsyncGenerator<Progress, TeacherOutputs>;
  /** What it says of these images of a split if their pixels become other numbers than its preprocessing makes of them. */
  readonly trial?: Trial;
  /** The same network for the student's images as they are in a step, where it takes such, with these of its logits, or all; its values are put into the engine. */
  inStep?(columns?: readonly number[]): Promise<Model>;
  /** Multiply-adds of an image; `undefined` where they cannot be told. Missing for stored logits, which nothing computes. */
  countMultiplyAdds?(): Promise<number | undefined>;
  /** To be timed; missing for stored logits. */
  readonly toTime?: Timeable;
  /** Why its logits are none of the data set's classes, if they are not. */
  readonly otherClasses?: OtherClasses;
}

/** A teacher that can be asked with other preprocessing. */
export interface Trial {
  readonly preprocessing: Preprocessing;
  outputs(which: SplitName, places: readonly number[], numbers: PixelNumbers): TeacherOutputs;
}

export interface AskOptions {
  readonly isMirrored?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** The teacher with one logit a class of the data set, where that can be told, and what a person should know of it. Throws ARGUMENT for labels that do not name every class once. */
export function fitTeacherClasses(
  teacher: ExternalTeacher,
  dataset: Pick<Dataset, "name" | "classes">,
  labels: TeacherLabels | undefined,
): { readonly teacher: ExternalTeacher; readonly note?: string } {
  const { outputs, origins, inStep, trial } = teacher;
  const { classNames, shapes } = outputs;
  const source = origins[0]?.file ?? teacher.name;
  const [classes = 0] = shapes.get(LOGITS) ?? [];
  const told = { source, classes, ...(classNames && { description: { classNames } }) };
  const { columns, note, otherClasses } = classColumns(told, dataset, labels);
  if (otherClasses) return { teacher: { ...teacher, otherClasses } };
  if (!columns) {
    const unnamed = `${source} does not name its ${classes} classes: they are taken for those of ${dataset.name}, in their order`;
    return { teacher, ...(!classNames && { note: unnamed }) };
  }
  const chosen = (all: TeacherOutputs): TeacherOutputs => withLogits(all, columns, dataset.classes);
  const fitted: ExternalTeacher = {
    ...teacher,
    ...(inStep && { inStep: () => inStep(columns) }),
    ...(trial && { trial: { ...trial, outputs: (...of) => chosen(trial.outputs(...of)) } }),
    outputs: chosen(outputs),
    async *ask(which, wanted, how) {
      return chosen(yield* teacher.ask(which, wanted, how));
    },
  };
  return { teacher: fitted, ...(note !== undefined && { note }) };
}

/** Several as one, by the weighted mean of their logits. Throws ARGUMENT as `together`. */
export function ensembleOf(teachers: readonly ExternalTeacher[], weights?: readonly number[]): ExternalTeacher {
  const [first, ...others] = teachers;
  if (first && others.length === 0) return first;
  const sum = (of: (teacher: ExternalTeacher) => number): number => teachers.reduce((all, each) => all + of(each), 0);
  const outputs = ensembleOutputs(
    teachers.map((teacher) => teacher.outputs),
    weights,
  );
  const toTime = teachers.flatMap((teacher) => teacher.toTime ?? []);
  return {
    name: outputs.name,
    origins: teachers.flatMap(({ origins }) => origins),
    parameters: sum(({ parameters }) => parameters),
    async countMultiplyAdds() {
      const counts = await Promise.all(teachers.map((teacher) => teacher.countMultiplyAdds?.()));
      return counts.reduce((total, each) => (total === undefined || each === undefined ? undefined : total + each), 0);
    },
    ...(toTime.length === teachers.length && { toTime: togetherToTime(toTime) }),
    bytes: sum(({ bytes }) => bytes),
    outputs,
    knows: new Set([...(first?.knows ?? [])].filter((which) => teachers.every(({ knows }) => knows.has(which)))),
    isQueriedMirrored: teachers.every(({ isQueriedMirrored }) => isQueriedMirrored),
    async *ask(which, wanted, how) {
      const asked: TeacherOutputs[] = [];
      for (const [i, teacher] of teachers.entries())
        asked.push(yield* teacher.ask(which, wantedOfMember(wanted, i), how));
      return ensembleOutputs(asked, weights);
    },
  };
}
