/** @file The runs side by side: who plays which part, what each gained, how sure it is and what it costs. */
import {
  agreement,
  type AugmentedEvaluation,
  imagesMeasured,
  type Interval,
  type Measured,
  pairedDifference,
  type PairedDifference,
  type RunRecord,
  type Share,
} from "../experiment/index.ts";
import { LimbeckError } from "../errors.ts";
import { milliseconds } from "./format.ts";

/** The parts that runs play in a comparison. */
export interface Roles {
  readonly teacher: RunRecord | undefined;
  /** The student trained by cross entropy alone. */
  readonly alone: RunRecord | undefined;
  readonly distilled: readonly RunRecord[];
}

/** One line of the comparison. */
export interface Row {
  readonly name: string;
  readonly title: string;
  readonly method: string;
  /** Percent of the test images. */
  readonly accuracy: number;
  /** Whether that is how often it says what its teacher says. */
  readonly measure?: "agreement" | undefined;
  /** Whether it is of the validation images, because nobody looked at those for the test. */
  readonly measuredOn?: "validation" | undefined;
  /** Percent; see `Evaluation`. */
  readonly interval: Interval;
  /** By test-time augmentation, which no other figure here is. */
  readonly augmented: AugmentedEvaluation | undefined;
  /** Percent, the mean over classes; only where these are unequal, and so an accuracy says little of the small ones. */
  readonly balancedAccuracy: number | undefined;
  /** Percent of the training images as they are. */
  readonly trainAccuracy: number | undefined;
  /** Against the student alone with the same seed, on the same images; only for distilled students beside one. */
  readonly gain: PairedDifference | undefined;
  /** Test images of which the network says what the teacher says; of none but the others beside a teacher. */
  readonly agreement: Share | undefined;
  /** Percent; see `Evaluation`. */
  readonly calibrationError: number | undefined;
  readonly parameters: number;
  /** Of one image. */
  readonly multiplyAdds: number | undefined;
  /** Forward passes on one thread. */
  readonly latency: RunRecord["latency"];
  /** Batches without a figure, and why. */
  readonly untimed: RunRecord["untimed"];
  readonly bytes: number;
  /** Training, and computing the teacher's outputs beforehand. */
  readonly seconds: number;
}

const A_TEACHER = /^teacher(-\d+)?$/;
/** Of a teacher that is several, and of assistants between teacher and student, none is a student. */
const NO_STUDENT = /^(teacher|assistant)(-\d+)?$/;

/** The run named `teacher`, the student trained by plain cross entropy, and those distilled by a method. */
export function roles(runs: readonly RunRecord[]): Roles {
  const students = runs.filter(({ name }) => !NO_STUDENT.test(name));
  return {
    teacher: runs.find(({ name }) => name === "teacher"),
    alone: students.find(({ method }) => method === "ce"),
    distilled: students.filter(({ method }) => method !== "ce"),
  };
}

/**
 * The finished runs, one a row: how well each classifies, and what it gained over the student alone. `labels` are the true classes
 * of the test images. Throws ARGUMENT, also where a run has no prediction for each of them.
 */
export function comparison(runs: readonly RunRecord[], labels: ArrayLike<number>): readonly Row[] {
  for (const run of runs) checkPredictions(run, labels);
  const { teacher, distilled } = roles(runs);
  return runs.map((run) => ({
    name: run.name,
    title: run.title,
    method: run.method,
    accuracy: run.test.accuracy,
    measure: run.measure,
    measuredOn: run.measuredOn,
    interval: run.test.interval,
    augmented: run.test.augmented,
    balancedAccuracy: run.measure === "agreement" || !run.test.isUnequal ? undefined : run.test.balancedAccuracy,
    trainAccuracy: run.train?.accuracy,
    gain: distilled.includes(run) ? gainOf(run, aloneWith(run.seed, runs), labels) : undefined,
    agreement:
      teacher && !A_TEACHER.test(run.name) ? agreement(run.test.predictions, teacher.test.predictions) : undefined,
    // How sure a network is of what its teacher says is no matter of right or wrong.
    calibrationError: run.measure === "agreement" ? undefined : run.test.calibrationError,
    parameters: run.parameters,
    multiplyAdds: run.multiplyAdds,
    latency: run.latency,
    untimed: run.untimed,
    bytes: run.bytes,
    seconds: run.seconds + run.teacherSeconds,
  }));
}

/** The student trained by cross entropy alone, with this seed. */
function aloneWith(seed: number, runs: readonly RunRecord[]): RunRecord | undefined {
  return roles(runs.filter((run) => run.seed === seed)).alone;
}

function gainOf(run: RunRecord, alone: RunRecord | undefined, labels: ArrayLike<number>): Row["gain"] {
  return alone && pairedDifference(alone.test.predictions, run.test.predictions, labels);
}

/** Throws ARGUMENT unless the run has a prediction for each label. */
export function checkPredictions(run: RunRecord, labels: ArrayLike<number>): void {
  const got = run.test.predictions.length;
  if (got === labels.length) return;
  throw new LimbeckError(
    "ARGUMENT",
    `report: ${run.name} should have a prediction for each of ${labels.length} test images, has ${got}; give the labels of the images it was tested on`,
  );
}

/** A pass over so many images, if it was timed: `0.16 ms`, and what ran it where that is not Limbeck. */
export function passTime({ latency = [] }: Pick<Row, "latency">, batch: number): string | undefined {
  const timed = latency.find((each) => each.batch === batch);
  if (!timed) return undefined;
  const { runner } = timed;
  return `${milliseconds(timed.milliseconds)} ms${runner?.includes("ONNX") ? ` (${runner})` : ""}`;
}

/** What is counted of the images that networks are measured on, as a heading. */
export function measureOf(rows: readonly Pick<Row, "measure" | "measuredOn">[]): string {
  if (rows.some(({ measure }) => measure === "agreement")) return "Agreement";
  return rows.some(({ measuredOn }) => measuredOn) ? "Validation accuracy" : "Test accuracy";
}

/** The images that these runs were measured on. */
export function imagesOf(runs: readonly Measured[]): string {
  return imagesMeasured(runs.find(({ measuredOn }) => measuredOn) ?? {});
}
