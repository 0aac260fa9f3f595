/** @file What a benchmark leaves: every sample, and what is needed to take them again. */
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { promisify } from "node:util";
import { LimbeckError } from "../src/errors.ts";
import { toJson, type Environment } from "../src/experiment/index.ts";
import type { Measured } from "../src/benchmark/index.ts";
import type { MeasuredDuration } from "./durations.ts";
import type { MeasuredMemory } from "./memory.ts";
import type { RowName } from "./rows.ts";

/** A measured row; milliseconds a step. */
export interface RowResult {
  readonly name: RowName;
  readonly title: string;
  readonly contenders: readonly Measured[];
}

/** `bench/records/NAME.json` of `npm run bench`. */
export interface BenchRecord {
  /** With `-dirty` where files differ from it. */
  readonly commit: string;
  readonly environment: Environment;
  /** `undefined` if it was not there to compare with. */
  readonly pytorch: string | undefined;
  readonly configuration: { readonly threads: number; readonly repeats: number; readonly batchSize: number };
  readonly rows: readonly RowResult[];
  readonly durations: readonly MeasuredDuration[];
  readonly memories: readonly MeasuredMemory[];
  /** Seconds that measuring each of them took, by name. */
  readonly took: Readonly<Record<string, number>>;
}

/** Where the sources stand, or `unknown` outside a repository. */
export async function commit(): Promise<string> {
  const describe = promisify(execFile)("git", ["describe", "--always", "--dirty"], { cwd: import.meta.dirname });
  return describe.then(
    ({ stdout }) => stdout.trim(),
    () => "unknown",
  );
}

/** Throws ARGUMENT for a name that is more than a file's name. */
export function checkRecordName(name: string): void {
  if (/^[\w-]+$/.test(name)) return;
  const fitting = basename(name, ".json").replaceAll(/[^\w-]+/g, "-");
  throw new LimbeckError(
    "ARGUMENT",
    `a record's name should be letters, digits, - and _, got ${JSON.stringify(name)}; try ${fitting || "first"}`,
  );
}

/** Writes `bench/records/NAME.json`; returns its path. */
export async function writeRecord(name: string, record: object): Promise<string> {
  checkRecordName(name);
  const folder = new URL("records/", import.meta.url);
  await mkdir(folder, { recursive: true });
  await writeFile(new URL(`${name}.json`, folder), toJson(record));
  return `bench/records/${name}.json`;
}
