/** @file What the comparison of exports leaves. */
import type { Environment } from "../../src/experiment/index.ts";
import type { Measured } from "../../src/benchmark/index.ts";
import type { FormatName } from "../../src/ship/node/formats.ts";
import type { Nearness } from "./answers.ts";
import type { RunnerName, runtimes } from "./runners.ts";
import type { training } from "./trained.ts";

/** `bench/records/NAME.json` of `npm run bench:ship`. */
export interface ShipRecord {
  /** With `-dirty` where files differ from it. */
  readonly commit: string;
  readonly environment: Environment;
  readonly runtimes: typeof runtimes;
  readonly configuration: { readonly threads: 1; readonly repeats: number };
  /** Of drawn weights. */
  readonly networks: readonly NetworkResult[];
  /** Trained ones; empty where there are no images to train on. */
  readonly accuracy: readonly AccuracyResult[];
  readonly training: typeof training;
}

/** What came of a network of drawn weights. */
export interface NetworkResult {
  readonly name: string;
  readonly inputShape: readonly number[];
  readonly parameters: number;
  readonly images: number;
  readonly calibratedOn: number;
  readonly sizes: readonly ExportSize[];
  readonly nearness: readonly Nearness[];
  /** Of one image, in turn; the names are `runner, precision`. Of float16, whose weights become float32 when they are loaded, there is none. */
  readonly times: readonly Measured[];
}

/** What came of a network that was trained. */
export interface AccuracyResult {
  readonly name: string;
  readonly images: number;
  readonly sizes: readonly ExportSize[];
  /** Percent: of the engine in float32. */
  readonly engine: number;
  readonly exports: readonly {
    readonly runner: RunnerName;
    readonly precision: PrecisionName;
    readonly accuracy: number;
  }[];
}

/** As times name what was timed. */
export function timedName(runner: RunnerName, precision: PrecisionName): string {
  return `${runner}, ${precision}`;
}

export const precisions = ["float32", "float16", "int8"] as const;
export type PrecisionName = (typeof precisions)[number];

/** How large a folder is. */
export interface ExportSize {
  readonly format: FormatName;
  readonly precision: PrecisionName;
  readonly bytes: number;
  /** As a server sends it. */
  readonly brotli: number;
}
