/** @file What a study's folder no longer needs: of each run, and runs that its description no longer has. */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { filesIn } from "../../data/node/files-in.ts";
import { livingHolder, tryLock } from "../../data/node/lock.ts";
import { LimbeckError } from "../../errors.ts";
import {
  claimPath,
  listEnded,
  listWorkers,
  readPlan,
  runFolder,
  runNamed,
  RUNS,
  TARGETS,
} from "../../study/node/index.ts";
import { bytesOf, joined, type Found, type Removable } from "./cleaning.ts";
import { experimentCleaning } from "./experiment.ts";

/** With `stale`, runs that the description no longer has, too, their students among them; of a study that is over, what its teachers say. Throws OUTPUT. */
export async function studyCleaning(folder: string, { stale }: { readonly stale: boolean }): Promise<Found> {
  const { runs } = await readPlan(folder);
  const planned = new Set(runs.map(({ id }) => id));
  const entries = await readdir(join(folder, RUNS), { withFileTypes: true });
  const entriesOf = new Map<string, typeof entries>();
  for (const entry of entries) {
    const id = runNamed(entry.name);
    if (id !== undefined) entriesOf.set(id, [...(entriesOf.get(id) ?? []), entry]);
  }
  const { done } = await listEnded(folder);
  const found: Found[] = runs.every(({ id }) => done.has(id)) ? [await targetsIn(folder)] : [];
  for (const [id, own] of entriesOf) {
    if (!planned.has(id) && !stale) continue;
    const holder = await livingHolder(claimPath(folder, id));
    if (holder !== undefined) found.push({ cleanings: [], kept: [`${id} is under way by ${holder}`] });
    else if (!planned.has(id)) found.push(await wholeRun(folder, id, own));
    else {
      if (own.some((entry) => entry.name === id && entry.isDirectory()))
        found.push(await experimentCleaning(runFolder(folder, id)));
      const left = own.filter(({ name }) => name.startsWith(".") || name.endsWith(".part") || name.endsWith(".lock"));
      found.push(await removing(folder, id, left, "left by a process that was killed"));
    }
  }
  return joined(found);
}

/** What teachers say of the training images, which a worker computes again if it needs it. */
async function targetsIn(folder: string): Promise<Found> {
  const within = join(folder, TARGETS);
  const files = await filesIn(within);
  const why = "a teacher's outputs for the training images; the study is done";
  const removable = files.map(({ path, bytes }): Removable => ({ path: join(within, path), bytes, why }));
  const remove = async (): Promise<void> => {
    if ((await listWorkers(folder)).length > 0)
      throw new LimbeckError("OUTPUT", `${folder} was taken by a worker meanwhile`);
    await rm(within, { recursive: true, force: true });
  };
  return { cleanings: removable.length > 0 ? [{ removable, remove }] : [], kept: [] };
}

function wholeRun(folder: string, id: string, entries: readonly Entry[]): Promise<Found> {
  return removing(folder, id, entries, "the study's description no longer has this run");
}

interface Entry {
  readonly name: string;
  isDirectory(): boolean;
}

/** Entries of `runs/` that belong to a run, removed while this process has claimed it. */
async function removing(folder: string, id: string, entries: readonly Entry[], why: string): Promise<Found> {
  if (entries.length === 0) return { cleanings: [], kept: [] };
  const removable = await Promise.all(
    entries.map(async (entry): Promise<Removable> => {
      const path = join(folder, RUNS, entry.name);
      return { path, bytes: entry.isDirectory() ? bytesOf(await filesIn(path)) : 0, why };
    }),
  );
  const remove = async (): Promise<void> => {
    const claim = await tryLock(claimPath(folder, id));
    if (!claim) throw new LimbeckError("OUTPUT", `${id} was claimed by a worker meanwhile`);
    try {
      for (const { path } of removable) {
        // NOTE: a link goes, and not what it leads to.
        if (path !== claimPath(folder, id)) await rm(path, { recursive: true, force: true });
      }
    } finally {
      await claim.release();
    }
  };
  return { cleanings: [{ removable, remove }], kept: [] };
}
