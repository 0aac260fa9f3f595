/** @file What a finished experiment leaves behind, in memory and as `results.json` and `run.json`, and how that is read again. */
import * as z from "zod/mini";
import type { ClassSize } from "../data/class-sizes.ts";
import type { Weight } from "../distill/index.ts";
import { parseWith } from "../parse-with.ts";
import type { RandomState } from "../random/index.ts";
import type { Interval, Share } from "../train/evaluate/interval.ts";
import { figuresOf, type AugmentedEvaluation, type Evaluation } from "../train/evaluate/evaluation.ts";
import type { EpochEvent } from "../train/events.ts";
import { fromWords, type Measured } from "./agreement.ts";
import { readJson, type ExperimentFolder } from "./folder.ts";
import type { TeacherOrigin } from "../teachers/index.ts";
import type { Latency, Untimed } from "./latency.ts";

export type { CalibrationBin } from "../train/evaluate/calibration.ts";
export type { AugmentedEvaluation, Evaluation } from "../train/evaluate/evaluation.ts";
export {
  agreement,
  pairedDifference,
  share,
  type Interval,
  type PairedDifference,
  type Share,
} from "../train/evaluate/interval.ts";

/** One trained network (`run.json` in its folder). */
export interface RunRecord extends Measured {
  /** Also its folder: `student-kd`. */
  readonly name: string;
  /** For people: `Student, soft targets`. */
  readonly title: string;
  readonly model: string;
  /** The options of the model's own that were given. */
  readonly modelOptions?: Readonly<Record<string, unknown>>;
  /** A method's name; `ce` for plain training. */
  readonly method: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** The preset that the options were taken from, if any. */
  readonly preset?: string;
  readonly weights: Readonly<Record<string, Weight>>;
  /** SHA-256 of the modules that gave the experiment models, methods or the data set, by their paths. */
  readonly modules?: Readonly<Record<string, string>>;
  /** Which places of teacher and student the method compares, if it compares any. */
  readonly pairs?: readonly PairRecord[];
  readonly parameters: number;
  /** Of auxiliary modules, which are dropped at the end. */
  readonly auxiliaryParameters: number;
  /** Multiply-adds of one image (`countMultiplyAdds`); missing for a network that is computed elsewhere. */
  readonly multiplyAdds?: number;
  /** Forward passes on one thread, timed when all runs had ended; missing where nothing was timed. */
  readonly latency?: readonly Latency[];
  /** Batches without a figure, and why. */
  readonly untimed?: readonly Untimed[];
  /** Where the training started, if not all values were drawn. */
  readonly start?: StartRecord;
  /** Size of `model.safetensors`, without its metadata. */
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
  /** Why the teacher's outputs were not cached, so that it ran in each step: it had to see the student's `views`, or for lack of `memory`. */
  readonly uncachedTeacher?: "views" | "memory";
  /** Where its teachers come from that are known by their outputs: an ONNX file; of such a teacher's own run, itself. */
  readonly teachers?: readonly TeacherOrigin[];
  /** Of which views the teacher's outputs were kept, if not of each image as it is alone: of both sides, each for views of that side, or their mean. */
  readonly teacherSaw?: "flip" | "mean";
  /** What was done about unequal classes, if anything was. */
  readonly balance?: "weights" | "sampler";
  /** Whether it saw views of images that its teacher did not see. */
  readonly isTeacherFixed?: boolean;
  /**
   * How many images were held out, the epoch whose weights were selected, and how many percent of those images they classify rightly; the best of all
   * epochs, which was found by the same images and so looks better than it is.
   */
  readonly validation?: {
    readonly images: number;
    readonly keptEpoch: number;
    readonly accuracy: number;
    readonly best?: { readonly epoch: number; readonly accuracy: number };
  };
  /** Of the training images as they are, where that was asked for. */
  readonly train?: Pick<Evaluation, "accuracy" | "interval" | "correct" | "count">;
  readonly test: Evaluation;
}

/** Weights that a training started from. */
export interface StartRecord {
  /** Their file, or the network that they were of. */
  readonly source: string;
  /** Of the file. */
  readonly sha256?: string;
  /** How many parameters and buffers were taken. */
  readonly taken: number;
  /** Names of those that were drawn all the same: a new head's. */
  readonly drawn: readonly string[];
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

/** The answer that a teacher gives most often of some images. */
export interface MostCommonAnswer {
  readonly name: string;
  readonly images: number;
  /** Of all images: what always giving this answer would agree on. */
  readonly percent: number;
}

/** `results.json`: the comparison as a table. */
export interface Results extends Measured {
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
    /** Its 95 % confidence interval, percent. */
    readonly testInterval: Interval;
    /** The mean over classes, and what always saying the largest class comes to; see `Evaluation`. */
    readonly balancedAccuracy: number;
    readonly largestClass: ClassSize;
    /** The same by test-time augmentation, where that was asked for. */
    readonly augmented?: AugmentedEvaluation;
    /** Percent of the training images, where that was asked for. */
    readonly trainAccuracy?: number;
    /** The expected calibration error, percent, where confidences are known. */
    readonly calibrationError?: number;
    /** Of how many test images the network says what the run named `teacher` says. */
    readonly agreement?: Share;
    readonly multiplyAdds?: number;
    readonly latency?: readonly Latency[];
    readonly untimed?: readonly Untimed[];
    readonly epochLosses: readonly number[];
    readonly pairs?: readonly PairRecord[];
    readonly seconds: number;
  }[];
  /** Where agreement is measured: what the teacher says most often. */
  readonly mostCommonAnswer?: MostCommonAnswer;
  /** Those that are known by their outputs. */
  readonly teachers?: readonly TeacherOrigin[];
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

/** A run's `run.json`, checked; `undefined` if there is none. Throws OUTPUT for one that no run writes. */
export async function readRecord(folder: ExperimentFolder, run: string): Promise<RunRecord | undefined> {
  const path = `${run}/run.json`;
  const value = await readJson(folder, path);
  return value === undefined ? undefined : parseRecord(value, path);
}

/** The record that a `run.json` holds; `path` names it in messages. Throws OUTPUT for one that no run writes. */
export function parseRecord(value: unknown, path: string): RunRecord {
  return parseWith(record, fromWords(value), "OUTPUT", path) as unknown as RunRecord;
}

/** Its `random.json`; `undefined` if there is none. Throws OUTPUT. */
export async function readRandomState(folder: ExperimentFolder, run: string): Promise<RandomState | undefined> {
  const path = `${run}/random.json`;
  const value = await readJson(folder, path);
  return value === undefined ? undefined : parseWith(randomState, value, "OUTPUT", path);
}

const count = z.int().check(z.nonnegative());
const counts = z.array(count);
const text = z.string();

const randomState = z.strictObject({ words: counts, used: count, pendingNormal: z.nullable(z.number()) });

const epoch = z.looseObject({
  epoch: z.int().check(z.positive()),
  loss: z.number(),
  terms: z.record(text, z.number()),
  seconds: z.number().check(z.nonnegative()),
  validationAccuracy: z.optional(z.number()),
  validationLoss: z.optional(z.number()),
});

const interval = z.tuple([z.number(), z.number()]);
const share = z.looseObject({ images: count, of: count, percent: z.optional(z.number()), interval });
const classSize = z.looseObject({ label: count, images: z.int().check(z.positive()), percent: z.number() });

const evaluation = z
  .looseObject({
    accuracy: z.number(),
    balancedAccuracy: z.number(),
    largestClass: classSize,
    smallestClass: classSize,
    isUnequal: z.boolean(),
    interval,
    correct: count,
    count: z.int().check(z.positive()),
    perClass: z.array(share),
    confusion: z.array(counts),
    predictions: counts,
    calibration: z.optional(
      z.array(z.looseObject({ images: count, correct: count, confidence: z.number().check(z.nonnegative()) })),
    ),
    calibrationError: z.optional(z.number()),
    crossEntropy: z.optional(z.number().check(z.nonnegative())),
    augmented: z.optional(
      z
        .looseObject({
          tta: z.enum(["flip", "flip+shift"]),
          passes: z.int().check(z.positive()),
          accuracy: z.number(),
          interval,
          correct: count,
          count: z.int().check(z.positive()),
          crossEntropy: z.optional(z.number().check(z.nonnegative())),
        })
        .check(
          z.refine(
            ({ accuracy, correct, count: all }) => Math.abs((100 * correct) / all - accuracy) < 1e-6,
            "augmented: expected an accuracy that follows from its counts",
          ),
        ),
    ),
  })
  .check(
    z.refine(
      ({ confusion }) => confusion.every(({ length }) => length === confusion.length),
      "confusion: expected a square",
    ),
    z.refine(
      ({ predictions, confusion, count: all }) =>
        predictions.length === all && (confusion.length === 0 || predictions.every((each) => each < confusion.length)),
      "predictions: expected a class for each image",
    ),
    z.refine(
      ({ confusion, count: all, correct, accuracy }) =>
        // There is none of very many classes.
        (confusion.length === 0 ||
          (sum(confusion.map(sum)) === all && sum(confusion.map((row, i) => row[i] ?? 0)) === correct)) &&
        Math.abs((100 * correct) / all - accuracy) < 1e-6,
      "expected an accuracy and a confusion that fit each other",
    ),
    z.refine(
      ({ calibration, count: all, correct }) =>
        calibration === undefined ||
        (sum(calibration.map(({ images }) => images)) === all &&
          sum(calibration.map((bin) => bin.correct)) === correct &&
          calibration.every((bin) => bin.correct <= bin.images && bin.confidence <= bin.images * (1 + 1e-9))),
      "calibration: expected bins of all images",
    ),
    z.refine(
      ({ augmented, count: all }) => augmented === undefined || augmented.count === all,
      "augmented: expected the same images",
    ),
    z.refine(
      (test) => same(figuresOf(test as Evaluation), test),
      "expected intervals, a balanced accuracy, class sizes and a calibration error that follow from the counts",
    ),
  );

const pair = z.looseObject({
  method: text,
  teacher: text,
  student: text,
  teacherShape: counts,
  studentShape: counts,
});

const record = z.looseObject({
  name: text,
  title: text,
  model: text,
  modelOptions: z.optional(z.record(text, z.unknown())),
  method: text,
  options: z.record(text, z.unknown()),
  weights: z.record(text, z.union([z.number(), z.looseObject({ value: z.number(), rampEpochs: z.number() })])),
  modules: z.optional(z.record(text, text)),
  pairs: z.optional(z.array(pair)),
  parameters: count,
  auxiliaryParameters: count,
  multiplyAdds: z.optional(count),
  latency: z.optional(
    z.array(
      z.looseObject({
        batch: z.int().check(z.positive()),
        milliseconds: z.number().check(z.nonnegative()),
        interval: z.optional(interval),
        passes: z.int().check(z.positive()),
        machine: text,
        runner: z.optional(text),
        busy: z.optional(z.number().check(z.nonnegative(), z.lte(1))),
      }),
    ),
  ),
  untimed: z.optional(z.array(z.looseObject({ batch: z.int().check(z.positive()), reason: text }))),
  start: z.optional(z.looseObject({ source: text, sha256: z.optional(text), taken: count, drawn: z.array(text) })),
  bytes: count,
  epochs: z.array(epoch),
  pretraining: z.optional(z.array(z.looseObject({ name: text, title: text, epochs: z.array(epoch) }))),
  seconds: z.number().check(z.nonnegative()),
  teacherSeconds: z.number().check(z.nonnegative()),
  uncachedTeacher: z.optional(z.enum(["views", "memory"])),
  teachers: z.optional(z.array(z.looseObject({ file: text, sha256: text, kind: text }))),
  teacherSaw: z.optional(z.enum(["flip", "mean"])),
  isTeacherFixed: z.optional(z.boolean()),
  balance: z.optional(z.enum(["weights", "sampler"])),
  measure: z.optional(z.literal("agreement")),
  measuredOn: z.optional(z.literal("validation")),
  train: z.optional(
    z.looseObject({ accuracy: z.number(), interval, correct: count, count: z.int().check(z.positive()) }),
  ),
  validation: z.optional(
    z.looseObject({
      images: count,
      keptEpoch: count,
      accuracy: z.number(),
      best: z.optional(z.looseObject({ epoch: count, accuracy: z.number() })),
    }),
  ),
  test: evaluation,
});

/** Whether a value has all that is expected, numbers but for the last digits. */
function same(expected: unknown, value: unknown): boolean {
  if (typeof expected === "number") return typeof value === "number" && Math.abs(expected - value) < 1e-6;
  if (typeof expected !== "object" || expected === null) return expected === value;
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(expected) && Array.isArray(value) && expected.length !== value.length) return false;
  return Object.entries(expected).every(([key, part]) => same(part, (value as Record<string, unknown>)[key]));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
