/** @file What is written down of an export: `student.json`, which the model card is made from. */
import type { Check } from "./check.ts";
import type { Measure } from "./format.ts";
import type { ShippedDescription } from "./description.ts";
import type { Latency } from "./timing.ts";

/** A file of the folder. */
export interface FileRecord {
  readonly bytes: number;
  /** As a server compresses it with Brotli. */
  readonly brotli: number;
  readonly sha256: string;
}

/** Where the network comes from, as far as it is known. */
export interface Origin {
  /** SHA-256 of its weights file. */
  readonly weights: string;
  /** Rows for people: `Teacher`, `resnet20, 82.75% of the test images`. */
  readonly training: readonly (readonly [what: string, value: string])[];
  /** Names of the Hugging Face hub, where the teachers or the images come from there: `ORG/NAME`. */
  readonly hub?: { readonly teachers: readonly string[]; readonly dataset?: string | undefined } | undefined;
}

/** What was measured of a student in one precision. */
export interface Measured {
  readonly precision: string;
  /** Where int8's ranges come from: a training for int8, or so many training images that the network was shown. */
  readonly ranges?: { readonly from: "training" } | { readonly from: "images"; readonly images: number } | undefined;
  readonly check: Check;
  /** How large a difference the check lets pass, and which of its two. */
  readonly bound: number;
  readonly measure: Measure;
  /** Where and with what it was timed and checked, on one thread. */
  readonly latency: {
    readonly machine: string;
    readonly runtime: string;
    readonly runner: string;
    readonly runs: readonly Latency[];
  };
}

/** `student.json`. Of a student in several precisions, what was measured of the first; the others are in `also`. */
export interface ExportRecord extends Measured {
  readonly name: string;
  readonly format: string;
  /** Limbeck's version. */
  readonly limbeck: string;
  readonly inputShape: ShippedDescription["inputShape"];
  readonly classes: readonly string[];
  readonly normalisation: ShippedDescription["normalisation"];
  readonly preparation?: ShippedDescription["preparation"];
  readonly origin: Origin;
  readonly files: Readonly<Record<string, FileRecord>>;
  readonly also?: readonly Measured[];
}

/** `learnt in training`, `seen on 256 training images`. */
export function rangesText(ranges: NonNullable<Measured["ranges"]>): string {
  return ranges.from === "training" ? "learnt in training" : `seen on ${ranges.images} training images`;
}

/** Of each precision. */
export function measuredOf(record: ExportRecord): readonly [Measured, ...Measured[]] {
  return [record, ...(record.also ?? [])];
}

/** Of all files together. */
export function totalOf(files: ExportRecord["files"], what: "bytes" | "brotli"): number {
  return Object.values(files).reduce((sum, file) => sum + file[what], 0);
}
