/** @file One process a folder: a lock file that holds the process's id and outlives no crash. */
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LimbeckError } from "../../errors.ts";

/** Locks that this process holds or is about to take. NOTE: in a container a crashed process's id often comes again as ours. */
const ours = new Set<string>();

/** Takes the folder's lock, also from a process that is no more. Returns what gives it back. Throws OUTPUT if it is taken. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const lock = join(folder, "lock");
  if (ours.has(lock)) throw taken(folder, lock, process.pid);
  ours.add(lock);
  try {
    await take(folder, lock);
  } catch (error) {
    ours.delete(lock);
    throw error;
  }
  return async () => {
    await rm(lock, { force: true });
    ours.delete(lock);
  };
}

async function take(folder: string, lock: string): Promise<void> {
  const own = `${lock}.${process.pid}`;
  await writeFile(own, `${process.pid}\n`);
  try {
    // NOTE: a link appears with its content, at once, or fails if the name is taken.
    for (let left = 3; !(await linked(own, lock)); left--) {
      const holder = await readHolder(lock);
      if (left === 0 || (holder !== undefined && isAlive(holder))) throw taken(folder, lock, holder);
      if (holder !== undefined) await removeStale(lock, holder);
    }
  } finally {
    await rm(own, { force: true });
  }
}

async function linked(own: string, lock: string): Promise<boolean> {
  try {
    await link(own, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function readHolder(lock: string): Promise<number | undefined> {
  const text = await readFile(lock, "utf8").catch(() => "");
  return /^\d+\n$/.test(text) ? Number(text) : undefined;
}

/** Moves the lock away, then looks at what was moved: another process may have taken it over in between. */
async function removeStale(lock: string, holder: number): Promise<void> {
  const moved = `${lock}.stale.${process.pid}`;
  try {
    await rename(lock, moved);
  } catch {
    return;
  }
  if ((await readHolder(moved)) !== holder) await linked(moved, lock);
  await rm(moved, { force: true });
}

/** NOTE: called for locks that are not ours, so one with our id is a dead namesake's. */
function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function taken(folder: string, lock: string, holder: number | undefined): LimbeckError {
  return new LimbeckError(
    "OUTPUT",
    `${folder} is in use by ${holder === undefined ? "another process" : `process ${holder}`}; ` +
      `wait for it, choose another folder, or, if it is no Limbeck, remove ${lock}`,
  );
}
