/** @file The one structure that all formats show. */
import type { RowTuning } from "../tuning/report-tuning.ts";
import type { Bounds, PairedGain, Summary } from "../statistics/index.ts";
import type { CurvePoint } from "./curves.ts";

/** A row's gain over the student alone on the seeds that both have, in percentage points. */
export interface RowGain extends PairedGain {
  /** The seeds that both have. */
  readonly seeds: readonly number[];
  /** The gain with each of them. */
  readonly each: readonly number[];
  /** Holm's adjustment of `p` for all gains of the comparison. */
  readonly adjustedP: number | undefined;
  /** The 95 % bootstrap interval over seeds and test images; `undefined` for one seed, or without the images' flags. */
  readonly bootstrap: Bounds | undefined;
  /** How often a run of the row beats one of the student alone, from 0 to 1: on the same seeds, not paired. */
  readonly probabilityOfImprovement: number;
  /** Seeds that would show a gain of this size with a power of 80 %, two-sided 5 %; `undefined` without a deviation. */
  readonly seedsNeeded: number | undefined;
}

/** One cell of a study over its seeds. */
export interface ComparedRow {
  readonly row: string;
  readonly title: string;
  readonly isBaseline: boolean;
  readonly isTeacher: boolean;
  readonly seeds: readonly number[];
  /** Percent. */
  readonly accuracy: Summary;
  /** Percent, of each seed. */
  readonly accuracies: readonly number[];
  /** Percent. */
  readonly interquartileMean: number;
  /** `undefined` for teachers, for the student alone, and where no seed is shared with it. */
  readonly gain: RowGain | undefined;
  readonly parameters: number;
  /** Of one image. */
  readonly multiplyAdds: number | undefined;
  /** The mean over runs, as are seconds and latency. */
  readonly bytes: number;
  readonly seconds: number;
  /** Milliseconds of a forward pass over one image; of the runs that were timed. */
  readonly latency: number | undefined;
  /** What computed the runs. */
  readonly engines: readonly string[];
  /** How its settings were chosen, in a study that tunes. */
  readonly tuned: RowTuning | undefined;
  /** What is known of each epoch, over seeds; empty where nothing is. */
  readonly curves: Readonly<Record<"labelLoss" | "validationAccuracy", readonly CurvePoint[]>>;
}

/** Runs compared: plain data that JSON holds. */
export interface StudyComparison {
  readonly rows: readonly ComparedRow[];
  /** `gains[i][j]` for j < i: row i less row j on the seeds that both have, in points; `undefined` without such. p is not adjusted. Empty of more than 100 rows. */
  readonly gains: readonly (readonly (PairedGain | undefined)[])[];
  /** The result in a sentence or two. */
  readonly headline: string;
  /** What a reader has to know about the table, a sentence each. */
  readonly notes: readonly string[];
}

/** Whether a gain, or a loss, is more than noise: Holm's adjusted p below 5 %. */
export function isBeyondNoise({ adjustedP }: RowGain): boolean {
  return adjustedP !== undefined && adjustedP < 0.05;
}
