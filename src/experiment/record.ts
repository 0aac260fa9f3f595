/** @file What a finished experiment leaves behind, in memory and as `results.json` and `run.json`, and how that is read again. */
import * as z from "zod/mini";
import type { ClassSize } from "../data/class-sizes.ts";
import { parseWith } from "../parse-with.ts";
import type { RandomState } from "../random/index.ts";
import {
  figuresOf,
  type AugmentedEvaluation,
  type Evaluation,
  type Interval,
  type Share,
} from "../train/evaluate/index.ts";
import { recordFromJson, type Measured } from "./agreement.ts";
import { readJson, type ExperimentFolder } from "./folder.ts";
import type { TeacherOrigin } from "../teachers/index.ts";

export {
  type CalibrationBin,
  type AugmentedEvaluation,
  type Evaluation,
  agreement,
  pairedDifference,
  share,
  type Interval,
  type PairedDifference,
  type Share,
} from "../train/evaluate/index.ts";

const count = z.int().check(z.nonnegative());
const counts = z.array(count);
const fromOne = z.int().check(z.positive());
const fromZero = z.number().check(z.nonnegative());
const text = z.string();
const interval = z.tuple([z.number(), z.number()]);

const epoch = z.object({
  epoch: fromOne,
  loss: z.number(),
  terms: z.record(text, z.number()),
  seconds: fromZero,
  validationAccuracy: z.optional(z.number()),
  validationLoss: z.optional(z.number()),
});

const pair = z.object({
  /** The method's name. */
  method: text,
  teacher: text,
  student: text,
  teacherShape: counts,
  studentShape: counts,
});

const start = z.object({
  /** The file of the weights, or the network that they were of. */
  source: text,
  /** Of the file. */
  sha256: z.optional(text),
  /** How many parameters and buffers were taken. */
  taken: count,
  /** Names of those that were initialised all the same: a new head's. */
  drawn: z.array(text),
});

const latency = z.object({
  /** Images at once. */
  batch: fromOne,
  /** The median of the passes that nothing interrupted. */
  milliseconds: fromZero,
  /** Of the median, with 95 % confidence. */
  interval: z.optional(interval),
  passes: fromOne,
  /** Where it was timed: a run that is resumed on another machine keeps what it has. */
  machine: text,
  /** What ran it: `wasm`, `ONNX Runtime`. */
  runner: z.optional(text),
  /** The share of the time that other work had the processor, where the system says so. */
  busy: z.optional(z.number().check(z.nonnegative(), z.lte(1))),
});

const untimed = z.object({ batch: fromOne, reason: text });

const origin: z.ZodMiniType<TeacherOrigin> = z.object({
  file: text,
  revision: z.exactOptional(text),
  sha256: text,
  kind: text,
  runner: z.exactOptional(z.enum(["import", "onnxruntime"])),
  notImported: z.exactOptional(text),
});

const share = z.object({ images: count, of: count, percent: z.exactOptional(z.number()), interval });
const classSize = z.object({ label: count, images: fromOne, percent: z.number() });

const evaluation: z.ZodMiniType<Evaluation> = z
  .object({
    accuracy: z.number(),
    balancedAccuracy: z.number(),
    largestClass: classSize,
    smallestClass: classSize,
    isUnequal: z.boolean(),
    interval,
    correct: count,
    count: fromOne,
    perClass: z.array(share),
    confusion: z.array(counts),
    predictions: counts,
    calibration: z.exactOptional(z.array(z.object({ images: count, correct: count, confidence: fromZero }))),
    calibrationError: z.exactOptional(z.number()),
    crossEntropy: z.exactOptional(fromZero),
    augmented: z.exactOptional(
      z
        .object({
          tta: z.enum(["flip", "flip+shift"]),
          passes: fromOne,
          accuracy: z.number(),
          interval,
          correct: count,
          count: fromOne,
          crossEntropy: z.exactOptional(fromZero),
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
      (test) => same(figuresOf(test), test),
      "expected intervals, a balanced accuracy, class sizes and a calibration error that follow from the counts",
    ),
  );

/** `run.json`: the one declaration of a record, which its type follows from. */
const record = z.object({
  /** Also its folder: `student-kd`. */
  name: text,
  /** For people: `Student, soft targets`. */
  title: text,
  model: text,
  /** The options of the model's own that were given. */
  modelOptions: z.optional(z.record(text, z.unknown())),
  /** A method's name; `ce` for plain training. */
  method: text,
  /** Of its initial values and the order of its images. */
  seed: count,
  options: z.record(text, z.unknown()),
  /** The preset that the options were taken from, if any. */
  preset: z.optional(text),
  weights: z.record(text, z.union([z.number(), z.object({ value: z.number(), rampEpochs: z.number() })])),
  /** SHA-256 of the modules that gave the experiment models, methods or the data set, by their paths. */
  modules: z.optional(z.record(text, text)),
  /** Which places of teacher and student the method compares, if it compares any. */
  pairs: z.optional(z.array(pair)),
  parameters: count,
  /** Of auxiliary modules, which are dropped at the end. */
  auxiliaryParameters: count,
  /** Multiply-adds of one image (`countMultiplyAdds`); missing for a network that Limbeck does not run itself. */
  multiplyAdds: z.optional(count),
  /** Forward passes on one thread, timed when all runs had ended; missing where nothing was timed. */
  latency: z.optional(z.array(latency)),
  /** Batches without a figure, and why. */
  untimed: z.optional(z.array(untimed)),
  /** Where the training started, if not all values were initialised. */
  start: z.optional(start),
  /** Size of `model.safetensors`, without its metadata. */
  bytes: count,
  epochs: z.array(epoch),
  /** What the method put before them. */
  pretraining: z.optional(z.array(z.object({ name: text, title: text, epochs: z.array(epoch) }))),
  /** Of training. */
  seconds: fromZero,
  /** Of computing the teacher's outputs beforehand. */
  teacherSeconds: fromZero,
  /** Why the teacher's outputs were not cached, so that it ran in each step: it had to see the student's `views`, or for lack of `memory`. */
  uncachedTeacher: z.optional(z.enum(["views", "memory"])),
  /** Where its teachers come from that are known by their outputs: an ONNX file; of such a teacher's own run, itself. */
  teachers: z.optional(z.array(origin)),
  /** Of which views the teacher's outputs were cached, if not of each image as it is: of both sides, each for views of that side, or their mean. */
  teacherViews: z.optional(z.enum(["flip", "mean"])),
  /** Whether it saw views of images that its teacher did not see. */
  isTeacherFixed: z.optional(z.boolean()),
  /** What was done about unequal classes, if anything was. */
  balance: z.optional(z.enum(["weights", "sampler"])),
  measure: z.optional(z.literal("agreement")),
  measuredOn: z.optional(z.literal("validation")),
  /** Of the training images as they are, where that was asked for. */
  train: z.optional(z.object({ accuracy: z.number(), interval, correct: count, count: fromOne })),
  validation: z.optional(
    z.object({
      /** How many were held out. */
      images: count,
      /** The epoch whose weights were selected, and how many percent of the images they classify rightly. */
      keptEpoch: count,
      accuracy: z.number(),
      /** The best of all epochs, which was found by the same images and so looks better than it is. */
      best: z.optional(z.object({ epoch: count, accuracy: z.number() })),
    }),
  ),
  test: evaluation,
});

const randomState = z.strictObject({ words: counts, used: count, pendingNormal: z.nullable(z.number()) });

type ReadonlyInside<T> = T extends object ? { readonly [Key in keyof T]: ReadonlyInside<T[Key]> } : T;

/** One trained network (`run.json` in its folder). */
export type RunRecord = ReadonlyInside<z.output<typeof record>>;

/** Weights that a training started from. */
export type StartRecord = NonNullable<RunRecord["start"]>;

/** Two places that are compared: their paths and shapes for one image. */
export type PairRecord = NonNullable<RunRecord["pairs"]>[number];

/** Means of an epoch's batches. */
export type EpochRecord = RunRecord["epochs"][number];

/** A forward pass over a batch, timed. */
export type Latency = NonNullable<RunRecord["latency"]>[number];

/** A batch for which there is no figure. */
export type Untimed = NonNullable<RunRecord["untimed"]>[number];

/** The answer that a teacher gives most often of some images. */
export interface MostCommonAnswer {
  readonly name: string;
  readonly images: number;
  /** Of all images: what always giving this answer would agree on. */
  readonly percent: number;
}

/** What the comparison takes of a record as it is. */
type ComparedFigures = Pick<
  RunRecord,
  "name" | "model" | "method" | "seed" | "options" | "pairs" | "multiplyAdds" | "latency" | "untimed" | "seconds"
>;

/** `results.json`: the comparison as a table. */
export interface Results extends Measured {
  readonly dataset: string;
  readonly seed: number;
  /** By model name. */
  readonly parameters: Readonly<Record<string, number>>;
  /** Euclidean norm of the first layer's initial weight, by model name. */
  readonly firstLayerNorm: Readonly<Record<string, number>>;
  readonly runs: readonly (ComparedFigures & {
    readonly testAccuracy: number;
    /** Its 95 % confidence interval, percent. */
    readonly testInterval: Interval;
    /** The mean over classes, and what always saying the largest class comes to; see `Evaluation`. */
    readonly balancedAccuracy: number;
    readonly largestClass: ClassSize;
    /** The same by test-time augmentation, where that was asked for. */
    readonly augmented?: AugmentedEvaluation | undefined;
    /** Percent of the training images, where that was asked for. */
    readonly trainAccuracy?: number | undefined;
    /** The expected calibration error, percent, where confidences are known. */
    readonly calibrationError?: number | undefined;
    /** Of how many test images the network says what the run named `teacher` says. */
    readonly agreement?: Share | undefined;
    readonly epochLosses: readonly number[];
  })[];
  /** Where agreement is measured: what the teacher says most often. */
  readonly mostCommonAnswer?: MostCommonAnswer | undefined;
  /** Those that are known by their outputs. */
  readonly teachers?: readonly TeacherOrigin[] | undefined;
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
  return parseWith(record, recordFromJson(value), "OUTPUT", path);
}

/** Its `random.json`; `undefined` if there is none. Throws OUTPUT. */
export async function readRandomState(folder: ExperimentFolder, run: string): Promise<RandomState | undefined> {
  const path = `${run}/random.json`;
  const value = await readJson(folder, path);
  return value === undefined ? undefined : parseWith(randomState, value, "OUTPUT", path);
}

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
