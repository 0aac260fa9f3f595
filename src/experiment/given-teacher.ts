/** @file A teacher that an experiment knows by its outputs: an ONNX file, or logits from a file. */
import type { Dataset } from "../data/dataset.ts";
import type { Model } from "../models/index.ts";
import {
  chosenClasses,
  LOGITS,
  together,
  wantedOf,
  type PixelNumbers,
  type Preprocessing,
  type TeacherOutputs,
} from "../teachers/index.ts";
import type { Progress } from "../train/events.ts";
import { togetherToTime, type Timeable } from "../train/timeable.ts";
import type { TeacherOrigin } from "./teacher-origin.ts";
import { classColumns, type OtherClasses, type TeacherLabels } from "./teacher-classes.ts";

export type SplitName = "train" | "validation" | "test";

/** One teacher, or several together. */
export interface GivenTeacher {
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
  readonly isAskedMirrored: boolean;
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
export function fittedGiven(
  teacher: GivenTeacher,
  dataset: Pick<Dataset, "name" | "classes">,
  labels: TeacherLabels | undefined,
): { readonly teacher: GivenTeacher; readonly note?: string } {
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
  const chosen = (all: TeacherOutputs): TeacherOutputs => chosenClasses(all, columns, dataset.classes);
  const fitted: GivenTeacher = {
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
export function givenTogether(teachers: readonly GivenTeacher[], weights?: readonly number[]): GivenTeacher {
  const [first, ...others] = teachers;
  if (first && others.length === 0) return first;
  const sum = (of: (teacher: GivenTeacher) => number): number => teachers.reduce((all, each) => all + of(each), 0);
  const outputs = together(
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
    isAskedMirrored: teachers.every(({ isAskedMirrored }) => isAskedMirrored),
    async *ask(which, wanted, how) {
      const asked: TeacherOutputs[] = [];
      for (const [i, teacher] of teachers.entries()) asked.push(yield* teacher.ask(which, wantedOf(wanted, i), how));
      return together(asked, weights);
    },
  };
}
