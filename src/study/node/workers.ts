/** @file The workers of a study: each holds a file in its folder for as long as it works, also between two runs. */
import { randomUUID } from "node:crypto";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { makeNested } from "../../data/node/folders.ts";
import { lockHolder, takeLock, tryLock, type Lock, type LockHolder } from "../../data/node/lock.ts";

const WORKERS = "workers";

/** Shows this process as a worker of the study, until the lock is released; forgets workers that were killed here. Throws as `takeLock`. */
export async function showWorker(folder: string): Promise<Lock> {
  await makeNested(join(folder, WORKERS));
  for (const { path, holder } of await workersIn(folder))
    if (holder.state === "dead") await (await tryLock(path))?.release();
  return takeLock(join(folder, WORKERS, `${randomUUID()}.lock`));
}

/** Processes that work on the study, on any machine, as far as their files say. No link is followed. */
export async function listWorkers(folder: string): Promise<readonly LockHolder[]> {
  return (await workersIn(folder)).flatMap(({ holder }) => (holder.state === "dead" ? [] : holder));
}

async function workersIn(folder: string): Promise<readonly { readonly path: string; readonly holder: LockHolder }[]> {
  const within = join(folder, WORKERS);
  const isFolder = (await lstat(within).catch(() => undefined))?.isDirectory() ?? false;
  const entries = isFolder ? await readdir(within, { withFileTypes: true }).catch(() => []) : [];
  const found = await Promise.all(
    entries
      .filter((entry) => entry.isFile() && entry.name.endsWith(".lock"))
      .map(async ({ name }) => {
        const path = join(within, name);
        return { path, holder: await lockHolder(path).catch(() => undefined) };
      }),
  );
  return found.flatMap(({ path, holder }) => (holder ? { path, holder } : []));
}
