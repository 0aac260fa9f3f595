/** @file One process at a time. */
import { setTimeout as sleep } from "node:timers/promises";
import { lock } from "proper-lockfile";
import { LimbeckError } from "../../errors.ts";
import { writing } from "./cache-folder.ts";

/**
 * Does the work while no other process holds the lock at `path`, waiting for its turn; a lock whose process died is taken
 * over after ten seconds. The work's signal is raised when the caller's is, or when the lock is lost (the machine slept, say).
 *
 * Throws ABORTED if stopped while waiting, OUTPUT if the lock cannot be made.
 */
export async function withLock(
  path: string,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const lost = new AbortController();
  const release = await acquire(path, signal, () => lost.abort());
  try {
    await work(signal ? AbortSignal.any([signal, lost.signal]) : lost.signal);
  } finally {
    if (!lost.signal.aborted) await release();
  }
}

async function acquire(
  path: string,
  signal: AbortSignal | undefined,
  onCompromised: () => void,
): Promise<() => Promise<void>> {
  for (;;) {
    if (signal?.aborted) throw new LimbeckError("ABORTED", `stopped while another process held ${path}`);
    try {
      return await lock(path, { lockfilePath: path, realpath: false, stale: 10_000, onCompromised });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ELOCKED") return writing(path, Promise.reject(error as Error));
    }
    await sleep(200, undefined, signal ? { signal } : {}).catch(() => undefined);
  }
}
