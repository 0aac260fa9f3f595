/** @file Folders of shards joined: what was done in one is copied into another that plans it. */
import { randomUUID } from "node:crypto";
import { cp, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { tryLock } from "../../data/node/lock.ts";
import { writing } from "../../data/node/folders.ts";
import { LimbeckError, systemCode } from "../../errors.ts";
import type { RunSummary } from "../summary.ts";
import { adoptedPlan } from "./grow-plan.ts";
import {
  changePlan,
  claimPath,
  isDone,
  readPlan,
  readSummaries,
  runFolder,
  writeSummary,
  type StudyRun,
} from "./study-folder.ts";

/** What became of the runs that are done in the other folders. */
export interface Merged {
  readonly copied: readonly StudyRun[];
  /** Done in the folder before. */
  readonly known: readonly StudyRun[];
  /** Those of them that ended otherwise: the machines' arithmetic differs. What was there is kept. */
  readonly different: readonly StudyRun[];
  /** Under way in the folder, by a worker that has claimed them. */
  readonly claimed: readonly StudyRun[];
  /** Runs that the folder does not plan. */
  readonly foreign: readonly StudyRun[];
}

/**
 * Copies each run whole or not at all: beside its place, then by a rename, its summary last. Throws OUTPUT for a folder that is no study, is damaged, or
 * cannot be used; ABORTED once the signal is raised.
 */
export async function mergeStudies(
  folder: string,
  others: readonly string[],
  { signal, onRun }: { readonly signal?: AbortSignal; readonly onRun?: (done: number, total: number) => void } = {},
): Promise<Merged> {
  const plans = await Promise.all(others.map(async (other) => ({ other, plan: await readPlan(other) })));
  const { runs } = await changePlan(folder, async (stored) =>
    plans.reduce((before, { plan }) => adoptedPlan(before, plan), stored),
  );
  const planned = new Set(runs.map(({ id }) => id));
  const merged = {
    copied: [] as StudyRun[],
    known: [] as StudyRun[],
    different: [] as StudyRun[],
    claimed: [] as StudyRun[],
    foreign: [] as StudyRun[],
  };
  for (const { other, plan } of plans) {
    const found = await readSummaries(other, plan);
    // A run may belong to several rows.
    const finished = found.filter(({ run }, i) => found.findIndex(({ run: { id } }) => id === run.id) === i);
    const before = new Map((await readSummaries(folder, { runs })).map(({ run, summary }) => [run.id, summary]));
    for (const [i, { run, summary }] of finished.entries()) {
      if (signal?.aborted)
        throw new LimbeckError("ABORTED", "stopped; what is copied is kept; the same command continues");
      const here = before.get(run.id);
      if (here) {
        merged.known.push(run);
        if (!isSame(here, summary)) merged.different.push(run);
      } else if (!planned.has(run.id)) merged.foreign.push(run);
      else merged[(await copyRun(folder, other, run, summary)) ? "copied" : "claimed"].push(run);
      onRun?.(i + 1, finished.length);
    }
  }
  return merged;
}

/** Whether both ended in the same answers. */
function isSame(a: RunSummary, b: RunSummary): boolean {
  return a.accuracy === b.accuracy && a.correct === b.correct;
}

/** Whether it was copied: not where a worker has it. */
async function copyRun(folder: string, from: string, run: StudyRun, summary: RunSummary): Promise<boolean> {
  const claim = await tryLock(claimPath(folder, run.id));
  if (!claim) return false;
  const place = runFolder(folder, run.id);
  const beside = (): string => join(dirname(place), `.${basename(place)}.${randomUUID()}`);
  const copy = beside();
  try {
    if (isDone(folder, run)) return true; // meanwhile, by a worker
    await writing(
      place,
      (async () => {
        await cp(runFolder(from, run.id), copy, { recursive: true });
        const old = beside();
        // What was begun here.
        await rename(place, old).catch(ignoreMissing);
        await rename(copy, place);
        await rm(old, { recursive: true, force: true });
      })(),
    );
    await claim.check();
    await writeSummary(folder, run.id, summary);
    return true;
  } finally {
    await rm(copy, { recursive: true, force: true });
    await claim.release();
  }
}

function ignoreMissing(error: unknown): void {
  if (systemCode(error) !== "ENOENT") throw error;
}
