/** @file What a finished experiment leaves behind, in memory and as `results.json` and `run.json`. */
import type { Weight } from "../distill/index.ts";
import type { Evaluation } from "../train/evaluate.ts";
import type { EpochEvent } from "../train/events.ts";

export type { Evaluation } from "../train/evaluate.ts";

/** One trained network (`run.json` in its folder). */
export interface RunRecord {
  /** Also its folder: `student-kd`. */
  readonly name: string;
  /** For people: `Student, soft targets`. */
  readonly title: string;
  readonly model: string;
  /** A method's name; `ce` for plain training. */
  readonly method: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** The method's preset that the options were taken from, if one was asked for. */
  readonly preset?: string;
  readonly weights: Readonly<Record<string, Weight>>;
  /** Which places of teacher and student the method compares, if it compares any. */
  readonly pairs?: readonly PairRecord[];
  readonly parameters: number;
  /** Trained beside it and dropped at the end. */
  readonly auxiliaryParameters: number;
  /** Size of `model.safetensors`, without what it says of how the network was made. */
  readonly bytes: number;
  readonly epochs: readonly EpochRecord[];
  /** What the method put before them. */
  readonly pretraining?: readonly {
    readonly name: string;
    readonly title: string;
    readonly epochs: readonly EpochRecord[];
  }[];
  /** Seconds of training, and of computing the teacher's outputs beforehand. */
  readonly seconds: number;
  readonly teacherSeconds: number;
  /** Why the teacher's outputs were not kept, so that it ran in each step: it had to see the student's `views`, or for lack of `memory`. */
  readonly onlineTeacher?: "views" | "memory";
  /** The images held out to choose by, the epoch whose weights were kept, and how many percent of them those classify rightly. */
  readonly validation?: { readonly images: number; readonly keptEpoch: number; readonly accuracy: number };
  readonly test: Evaluation;
}

/** Two places that are compared: their paths and shapes for one image. */
export interface PairRecord {
  /** The method's name. */
  readonly method: string;
  readonly teacher: string;
  readonly student: string;
  readonly teacherShape: readonly number[];
  readonly studentShape: readonly number[];
}

/** Means of an epoch's batches. */
export type EpochRecord = Omit<EpochEvent, "kind" | "epochs" | "phase">;

/** `results.json`: the comparison as a table. */
export interface Results {
  readonly dataset: string;
  readonly seed: number;
  /** By model name. */
  readonly parameters: Readonly<Record<string, number>>;
  /** Euclidean norm of the first layer's initial weight, by model name. */
  readonly firstLayerNorm: Readonly<Record<string, number>>;
  readonly runs: readonly {
    readonly name: string;
    readonly model: string;
    readonly method: string;
    /** Of the method, defaults filled in; of several, by the method's name. */
    readonly options: Readonly<Record<string, unknown>>;
    readonly testAccuracy: number;
    readonly epochLosses: readonly number[];
    readonly pairs?: readonly PairRecord[];
    readonly seconds: number;
  }[];
  readonly environment: Environment;
}

/** Where the figures come from. */
export interface Environment {
  readonly limbeck: string;
  readonly runtime: string;
  readonly engine: string;
  readonly machine: string;
  readonly date: string;
}
