/** @file The state of an experiment's folder, read without taking it: what is done, who works on it, how far each run is. */
import { open } from "node:fs/promises";
import { join } from "node:path";
import { filesIn, type FoundFile } from "../../data/node/files-in.ts";
import { livingHolder } from "../../data/node/lock.ts";
import { epochsBegun } from "../../train/index.ts";
import { parseStrictJson } from "../../strict-json.ts";
import { parsePlannedRuns, PLANNED, type PlannedRuns } from "../planned-runs.ts";
import { parseRecord, type RunRecord } from "../record.ts";
import { readJsonIfThere } from "./read-json.ts";
import type { TrainingCommand } from "./resolve-config.ts";

/** A run of an experiment, and how far it is. */
export interface ExperimentRun extends Omit<PlannedRuns["runs"][number], "steps"> {
  readonly state: "new" | "begun" | "done";
  /** Steps that are done, of how many. */
  readonly done: number;
  readonly steps: number;
  /** The epoch of the last of them, with the pre-training phase that it is of, if any. */
  readonly at?: { readonly epoch: number; readonly phase?: string | undefined } | undefined;
  readonly record?: RunRecord | undefined;
}

/** What an experiment's folder holds. */
export interface ExperimentState {
  readonly command: TrainingCommand;
  /** The whole of `config.json`, unchecked. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly state: "done" | "under way" | "stopped";
  /** `process 4711`, which works on it. */
  readonly holder?: string | undefined;
  /** ISO 8601; `undefined` where it ended before the first run. */
  readonly begun?: string | undefined;
  /** When a file was last written. */
  readonly changed?: string | undefined;
  readonly runs: readonly ExperimentRun[];
  readonly files: readonly FoundFile[];
}

/** The state of an experiment, also while another process works on it; `undefined` for a folder that holds none. Throws OUTPUT for a damaged one. */
export async function experimentState(folder: string): Promise<ExperimentState | undefined> {
  const config = await readJsonIfThere(join(folder, "config.json"));
  if (typeof config !== "object" || config === null) return undefined;
  const { command } = config as { readonly command?: unknown };
  if (!isTrainingCommand(command)) return undefined;
  const holder = await livingHolder(join(folder, "lock"));
  const plan = await readJsonIfThere(join(folder, PLANNED));
  const { runs: planned } = plan === undefined ? { runs: [] } : parsePlannedRuns(plan, join(folder, PLANNED));
  const runs = await Promise.all(planned.map((run) => runState(folder, run)));
  const isDone = runs.length > 0 && runs.every(({ state }) => state === "done");
  const files = await filesIn(folder);
  return {
    command,
    config: { ...config },
    state: holder !== undefined ? "under way" : isDone ? "done" : "stopped",
    holder,
    begun: dateOf(files.filter(({ path }) => path === PLANNED)),
    changed: dateOf(files),
    runs,
    files,
  };
}

/** When the last of them was written. */
function dateOf(files: readonly FoundFile[]): string | undefined {
  if (files.length === 0) return undefined;
  return new Date(Math.max(...files.map(({ changed }) => changed))).toISOString();
}

function isTrainingCommand(name: unknown): name is TrainingCommand {
  return name === "tutorial" || name === "train" || name === "distill";
}

async function runState(folder: string, run: PlannedRuns["runs"][number]): Promise<ExperimentRun> {
  const path = join(folder, run.name, "run.json");
  const value = await readJsonIfThere(path);
  const record = value === undefined ? undefined : parseRecord(value, path);
  // One that is extended has a record of fewer epochs until it is done.
  const isDone = record && (run.steps === 0 || record.epochs.length >= epochsBegun(run.epochs));
  if (isDone) return { ...run, state: "done", done: run.steps, record };
  const last = await lastStep(join(folder, run.name, "steps.jsonl"));
  if (!last) return { ...run, state: "new", done: 0, record };
  const { step, epoch, phase } = last;
  return { ...run, state: "begun", done: Math.min(step, run.steps), at: { epoch, phase }, record };
}

interface StepLine {
  readonly step: number;
  readonly epoch: number;
  readonly phase?: string | undefined;
}

/** Bytes at the end of a log that hold its last line. */
const TAIL = 65536;

/** The last whole line of a log of steps; `undefined` where there is none. */
async function lastStep(path: string): Promise<StepLine | undefined> {
  const text = await tailOf(path);
  const line = text.split("\n").at(-2) ?? "";
  try {
    const { step, epoch, phase } = parseStrictJson(line) as Partial<StepLine>;
    return step === undefined || epoch === undefined ? undefined : { step, epoch, phase };
  } catch {
    return undefined; // Damage shows when the run is resumed.
  }
}

async function tailOf(path: string): Promise<string> {
  const file = await open(path).catch(() => undefined);
  if (!file) return "";
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - TAIL);
    const bytes = new Uint8Array(size - from);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
    return new TextDecoder().decode(bytes.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}
