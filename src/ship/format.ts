/** @file What a format of exported students is to those who write, check and measure them. */
import type { NetworkWithValues } from "../inference/index.ts";
import type { Calibration } from "./calibrate.ts";
import type { ShippedDescription } from "./description.ts";

/** A student that was exported, opened again from its files. */
export interface OpenedStudent {
  /** What runs it, for people. */
  readonly runner: string;
  /** The logits of so many images, bytes [C, H, W] each, computed at once: [images, classes]. */
  logits(images: readonly Uint8Array[]): Promise<Float32Array>;
  close(): Promise<void>;
}

/** What of a comparison has a bound: the largest difference of a logit, or the root mean square of all. */
export type Measure = "difference" | "meanDifference";

/** A precision, and what it may cost. */
export interface Precision {
  readonly summary: string;
  /** How far logits may be from the network's, of the root mean square of all: the largest difference, or where `measure` says so their own mean. */
  readonly bound: number;
  readonly measure?: Measure;
  /** Whether `make` has to know between which numbers each layer's results lie. */
  readonly isCalibrated?: boolean;
  /** Of one that stands for several: each is opened, timed and checked by itself. */
  readonly of?: readonly [string, ...string[]];
}

/** A row of the table of formats. */
export interface FormatEntry {
  readonly summary: string;
  readonly precisions: Readonly<Record<string, Precision>>;
  /** Numbers of images that it computes at once and is timed with. */
  readonly batches: readonly [number, ...number[]];
  /** Whether the folder is a repository of the Hugging Face hub: its card is README.md, with the hub's metadata. */
  readonly isRepository?: boolean;
  /** Whether int8 has to know between which numbers logits lie as well, which training does not learn. */
  readonly roundsLogits?: boolean;
  /** NOTE: imports its code only now, so that a command line that exports nothing loads none. */
  load(): Promise<Format>;
}

/** What a format does. */
export interface Format {
  /** The student's own files. Throws UNSUPPORTED, ARGUMENT. */
  make(
    network: NetworkWithValues,
    description: ShippedDescription,
    numbers: { readonly precision: string; readonly calibration?: Calibration | undefined },
  ): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Opens the student of a folder that `make`'s files were written to, by whatever others would run it with; in one precision, where it holds several. */
  open(folder: string, description: ShippedDescription, precision?: string): Promise<OpenedStudent>;
  /** How it is used, in Markdown. */
  readonly usage: string;
}
