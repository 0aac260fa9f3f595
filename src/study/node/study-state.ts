/** @file The state of a study's folder, read without taking anything of it: which runs are done, who works on which, what is left. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { livingHolder } from "../../data/node/lock.ts";
import { compareStudy, type FinishedRun, type GroupComparison } from "../compare-study.ts";
import { readTuning } from "./grow-plan.ts";
import {
  claimPath,
  readFailures,
  readPlan,
  readStates,
  readSummaries,
  RUNS,
  type RunFailure,
  type RunState,
  type StudyRun,
} from "./study-folder.ts";

/** A run of a study as it is now. */
export interface StudyRunState {
  readonly run: StudyRun;
  readonly state: RunState | "claimed";
  /** `process 4711`, the worker that has claimed it. */
  readonly holder?: string | undefined;
  /** Why it was set aside. */
  readonly failure?: RunFailure | undefined;
}

/** What a study's folder holds. */
export interface StudyState {
  readonly name: string | undefined;
  readonly runs: readonly StudyRunState[];
  /** Runs that are not planned yet, since their settings depend on trials; their time is unknown. */
  readonly toCome: number;
  /** Seconds of computing that are left, by the means of runs that are done; `undefined` while none is. */
  readonly secondsLeft: number | undefined;
  /** What is done, compared: one comparison a group. */
  readonly groups: readonly GroupComparison[];
  /** Names of runs in the folder that the description no longer has. */
  readonly stale: readonly string[];
}

/** The state of a study, also while workers are at it. Throws OUTPUT for a folder that holds none, or a damaged one. */
export async function studyState(folder: string): Promise<StudyState> {
  const plan = await readPlan(folder);
  const [states, names, finished, tuning] = await Promise.all([
    readStates(folder, plan.runs),
    readdir(join(folder, RUNS)).catch((): string[] => []),
    readSummaries(folder, plan),
    readTuning(folder, plan),
  ]);
  const there = new Set(names);
  const runs = await Promise.all(
    plan.runs.map(async (run, i): Promise<StudyRunState> => {
      const state = states[i] ?? "new";
      if (state === "set aside") return { run, state, failure: (await readFailures(folder, run.id)).at(-1) };
      const holder =
        state !== "done" && there.has(`${run.id}.lock`) ? await livingHolder(claimPath(folder, run.id)) : undefined;
      return holder === undefined ? { run, state } : { run, state: "claimed", holder };
    }),
  );
  const planned = new Set(plan.runs.map(({ id }) => id));
  return {
    name: plan.description.name,
    runs,
    toCome: (tuning?.rows ?? []).reduce((sum, row) => sum + row.toCome, 0),
    secondsLeft: secondsLeft(runs, finished),
    groups: compareStudy(finished, tuning),
    stale: [...new Set(names.flatMap((name) => runNamed(name) ?? []))].filter((id) => !planned.has(id)),
  };
}

/** The run that an entry of `runs/` belongs to: `kd-seed-2-1a2b3c4d5e6f.json` to that without its ending. */
export function runNamed(entry: string): string | undefined {
  return /^\.?(.+?-[0-9a-f]{12})(?:\.|$)/.exec(entry)?.[1];
}

/** Seconds of computing: each run that is left takes as long as those of its row, else as those of its role, else as any. */
export function secondsLeft(
  runs: readonly { readonly run: StudyRun; readonly state: string }[],
  finished: readonly (FinishedRun & { readonly run: StudyRun })[],
): number | undefined {
  const left = runs.filter(({ state }) => state !== "done" && state !== "set aside");
  if (left.length > 0 && finished.length === 0) return undefined;
  const known = new Map<string, { readonly sum: number; readonly n: number }>();
  for (const { run, summary } of finished) {
    for (const key of keysOf(run)) {
      const { sum, n } = known.get(key) ?? { sum: 0, n: 0 };
      known.set(key, { sum: sum + summary.seconds, n: n + 1 });
    }
  }
  return left.reduce((total, { run }) => {
    const { sum, n } = keysOf(run).flatMap((key) => known.get(key) ?? [])[0] ?? { sum: 0, n: 1 };
    return total + sum / n;
  }, 0);
}

/** What a run's time is known by, the closest first. */
function keysOf({ group, row, role, settings }: StudyRun): readonly string[] {
  return [`row ${group} ${row} ${role} ${String(settings["epochs"])}`, `row ${group} ${row}`, `role ${role}`, "any"];
}
