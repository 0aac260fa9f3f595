/** @file A teacher for a data set, whatever its kind: what caching, evaluating, ensembles and records need of it. */
import type { Model } from "../models/index.ts";
import type { Progress } from "../train/events.ts";
import { togetherToTime, type Timeable } from "../train/timeable.ts";
import { ensembleOutputs, wantedOfMember } from "./ensemble.ts";
import type { TeacherOutputs } from "./outputs.ts";
import type { PixelNumbers, Preprocessing } from "./preprocessing.ts";
import type { TeacherOrigin } from "./teacher.ts";

export type SplitName = "train" | "validation" | "test";

/** One teacher, or an ensemble. */
export interface DatasetTeacher {
  readonly name: string;
  readonly origins: readonly TeacherOrigin[];
  readonly parameters: number;
  /** Of its file. */
  readonly bytes: number;
  /** For the training images, computed when they are read. */
  readonly outputs: TeacherOutputs;
  /** The splits on which it can be queried. */
  readonly knows: ReadonlySet<SplitName>;
  /** Whether mirrored images can be queried, too. */
  readonly isQueriedMirrored: boolean;
  /** What is wanted of the images of a split that it knows, as they are or mirrored: from where it was kept, else computed once and kept. */
  query(which: SplitName, wanted: readonly string[], how?: QueryOptions): AsyncGenerator<Progress, TeacherOutputs>;
  /** What it gives of these images of a split if their pixels become other numbers than its preprocessing makes of them. */
  readonly trial?: Trial;
  /** The same network for the student's images as they are in a step, where it takes such, with these of its logits, or all; its values are put into the engine. */
  inStep?(columns?: readonly number[]): Promise<Model>;
  /** Multiply-adds of an image; `undefined` where they are not known. Missing for stored logits, which nothing computes. */
  countMultiplyAdds?(): Promise<number | undefined>;
  /** To be timed; missing for stored logits. */
  readonly toTime?: Timeable;
  /** Why its logits are none of the data set's classes, if they are not. */
  readonly otherClasses?: OtherClasses;
}

/** A teacher's classes that are not those of the data set. */
export interface OtherClasses {
  /** For messages. */
  readonly finding: string;
  /** What to do about it, first: `choose its data set, zoo, or `. */
  readonly fix: string;
}

/** A teacher that can be queried with other preprocessing. */
export interface Trial {
  readonly preprocessing: Preprocessing;
  outputs(which: SplitName, places: readonly number[], numbers: PixelNumbers): TeacherOutputs;
}

export interface QueryOptions {
  readonly isMirrored?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Several as one, by the weighted mean of their logits. Throws as `ensembleOutputs`. */
export function ensembleOf(teachers: readonly DatasetTeacher[], weights?: readonly number[]): DatasetTeacher {
  const [first, ...others] = teachers;
  if (first && others.length === 0) return first;
  const sum = (of: (teacher: DatasetTeacher) => number): number => teachers.reduce((all, each) => all + of(each), 0);
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
    async *query(which, wanted, how) {
      const given: TeacherOutputs[] = [];
      for (const [i, teacher] of teachers.entries())
        given.push(yield* teacher.query(which, wantedOfMember(wanted, i), how));
      return ensembleOutputs(given, weights);
    },
  };
}
