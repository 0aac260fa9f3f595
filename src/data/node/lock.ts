/**
 * @file One process at a time, also among containers and machines that share a folder.
 *
 * NOTE: proper-lockfile, the package that is used most, does not take this place. Version 4 (`stale` 10 s, `update` 1 s) failed what
 * test/data/lock.test.ts asks for: it took the lock of a living process that was stopped, and of one that computed for 15 s on its only thread,
 * since its sign of life is a timer there; it compares clocks, so a lock dated an hour ahead was held for as long; after kill -9 it was free in
 * 11 s, where the holder's process could be looked at.
 */
import { randomUUID } from "node:crypto";
import { open, readFile, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { LimbeckError, systemCode } from "../../errors.ts";
import { writing } from "./folders.ts";
import { heartbeat, processPlace, processState } from "./process-state.ts";

/** A lock that this process holds: a file that says who does, and whose date shows that it is alive. */
export interface Lock {
  /** Raised when the file is gone or another's; the reason is an OUTPUT error. */
  readonly lost: AbortSignal;
  /** Looks, and throws that error if so. */
  check(): Promise<void>;
  release(): Promise<void>;
}

/** How long a lock's date may stand still before its holder counts as dead, where its process cannot be looked at. */
const SILENCE_SECONDS = 10;

/**
 * Takes the lock at `path`, also from a process that is no more: at once where that process would be seen, else when the
 * lock's date stood still for ten seconds. No two clocks are compared, so a date ahead of time makes no difference.
 *
 * Throws OUTPUT if a living process holds it, an error of the file system if it cannot be made.
 */
export async function takeLock(path: string): Promise<Lock> {
  const lock = await tryTake(path);
  if ("lost" in lock) return lock;
  throw new LimbeckError(
    "OUTPUT",
    `${path} is held by ${nameOf(lock)}; wait for it, or choose another folder; ` +
      "if it is no Limbeck, remove that file",
  );
}

/** The same, but `undefined` where a living process holds it. */
export async function tryLock(path: string, signal?: AbortSignal): Promise<Lock | undefined> {
  const lock = await tryTake(path, signal);
  return "lost" in lock ? lock : undefined;
}

/** `process 4711 on node7`, if a living process holds the lock at `path`. Nothing is taken; a holder whose process cannot be looked at is watched for up to ten seconds. */
export async function livingHolder(path: string): Promise<string | undefined> {
  const seen = await look(path);
  if (!seen) return undefined;
  const holder = holderOf(seen.text);
  const state = stateOf(holder) ?? (await watched(path, seen));
  if (state === undefined) return livingHolder(path); // another's meanwhile
  return state === "alive" ? nameOf(holder) : undefined;
}

/**
 * Does the work while no other process holds the lock at `path`, waiting for its turn. The work's signal is raised when
 * the caller's is, or when the lock is lost.
 *
 * Throws ABORTED if stopped while waiting, OUTPUT if the lock cannot be made, or was lost.
 */
export async function withLock<Result>(
  path: string,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  let lock = await writing(path, tryTake(path, signal));
  while (!("lost" in lock)) {
    await sleep(200, undefined, signal ? { signal } : {}).catch(() => undefined);
    if (signal?.aborted) throw new LimbeckError("ABORTED", `stopped while another process held ${path}`);
    lock = await writing(path, tryTake(path, signal));
  }
  try {
    return await work(signal ? AbortSignal.any([signal, lock.lost]) : lock.lost);
  } catch (error) {
    if (!signal?.aborted) lock.lost.throwIfAborted();
    throw error;
  } finally {
    await lock.release();
  }
}

/** What the file says. `place` tells where the process can be looked at, if anywhere; see `processPlace`. */
interface Holder {
  readonly token: string;
  readonly pid: number;
  readonly host: string;
  readonly place: string | null;
  readonly started: string | null;
}

/** Who holds a lock, as far as its file and this machine say. */
export interface LockHolder {
  readonly pid: number | undefined;
  readonly host: string | undefined;
  /** `undefined` where its process cannot be looked at, or cannot be told from another with its id: then the date shows by moving that it is alive. */
  readonly state: "alive" | "dead" | undefined;
  /** Milliseconds, of the clock of the disk. */
  readonly date: number;
}

/** Looks who holds the lock at `path`, without waiting; `undefined` where there is none. Throws an error of the file system. */
export async function lockHolder(path: string): Promise<LockHolder | undefined> {
  const seen = await look(path);
  if (!seen) return undefined;
  const { pid, host, place, started } = holderOf(seen.text);
  const isProcess = typeof pid === "number" && Number.isSafeInteger(pid) && pid > 1;
  return {
    pid: isProcess ? pid : undefined,
    host: typeof host === "string" ? host : undefined,
    state: isProcess ? stateOf({ pid, place: place ?? null, started: started ?? null }) : undefined,
    date: seen.date,
  };
}

/** Tokens of this process's locks. */
const ours = new Set<string>();

/** The lock, or what is known of the living process that holds it; of any that does, once the signal is raised. */
async function tryTake(path: string, signal?: AbortSignal): Promise<Lock | Partial<Holder>> {
  const claimed = await claim(path, signal);
  return typeof claimed === "string" ? held(path, claimed) : claimed;
}

/** The same without a sign of life: the token of a file that is now ours. */
async function claim(path: string, signal?: AbortSignal): Promise<string | Partial<Holder>> {
  for (;;) {
    const token = randomUUID();
    if (await create(path, token)) return token;
    const seen = await look(path);
    if (!seen) continue; // given back meanwhile
    const holder = holderOf(seen.text);
    const state = stateOf(holder) ?? (await watched(path, seen, signal));
    if (state === "alive" || signal?.aborted) return holder;
    if (state === "dead") await removeStale(path, seen.text, signal);
  }
}

/** Makes the file if there is none. NOTE: it may be seen empty for a moment, which shows as a change. */
async function create(path: string, token: string): Promise<boolean> {
  const { place, started } = processPlace();
  const holder: Holder = { token, pid: process.pid, host: hostname(), place, started };
  ours.add(token);
  try {
    const file = await open(path, "wx");
    try {
      await file.writeFile(`${JSON.stringify(holder)}\n`);
    } catch (error) {
      await rm(path, { force: true }); // on a full disk: others would wait for whoever made it
      throw error;
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    ours.delete(token);
    if (systemCode(error) === "EEXIST") return false;
    throw error;
  }
}

function held(path: string, token: string): Lock {
  const lost = new AbortController();
  const lose = (): void => {
    if (!lost.signal.aborted) lost.abort(lostError(path));
  };
  const stop = heartbeat(path, token, lose);
  return {
    lost: lost.signal,
    async check() {
      if (!(await isOurs(path, token))) lose();
      lost.signal.throwIfAborted();
    },
    async release() {
      await stop();
      await giveBack(path, token);
      // Of a process that was killed while it took over.
      await rm(guardOf(path), { force: true });
    },
  };
}

interface Seen {
  readonly text: string;
  readonly date: number;
}

/** Content and date of the file; `undefined` if there is none. */
async function look(path: string): Promise<Seen | undefined> {
  try {
    const { mtimeMs } = await stat(path);
    return { text: await readFile(path, "utf8"), date: mtimeMs };
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return undefined;
    throw error;
  }
}

/** Nothing is known of a holder whose file is no longer what was written. */
function holderOf(text = ""): Partial<Holder> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

function stateOf({ token, pid, place, started }: Partial<Holder>): "alive" | "dead" | undefined {
  if (token !== undefined && ours.has(token)) return "alive";
  if (pid === undefined || !place || place !== processPlace().place) return undefined;
  // A process's id comes again: in a container often as ours.
  return pid === process.pid ? "dead" : processState(pid, started ?? null);
}

/** Watches the file until it changes; `undefined` if it became another's or nobody's. */
async function watched(path: string, seen: Seen, signal?: AbortSignal): Promise<"alive" | "dead" | undefined> {
  for (const begin = performance.now(); performance.now() - begin < SILENCE_SECONDS * 1000;) {
    await sleep(250);
    if (signal?.aborted) return undefined;
    const now = await look(path);
    if (now?.text !== seen.text) return undefined;
    if (now.date !== seen.date) return "alive";
  }
  return "dead";
}

/**
 * Removes the file if it still is what was seen. One process at a time, under a lock of its own: another may just have done
 * the same and hold the lock by now.
 */
async function removeStale(path: string, text: string, signal?: AbortSignal): Promise<void> {
  const guard = guardOf(path);
  const token = await claim(guard, signal);
  if (typeof token !== "string") return sleep(20);
  try {
    if ((await look(path))?.text === text) await rm(path, { force: true });
  } finally {
    await giveBack(guard, token);
  }
}

function guardOf(path: string): string {
  return `${path}.takeover`;
}

async function isOurs(path: string, token: string): Promise<boolean> {
  return holderOf((await look(path))?.text).token === token;
}

async function giveBack(path: string, token: string): Promise<void> {
  if (await isOurs(path, token)) await rm(path, { force: true });
  ours.delete(token);
}

function nameOf({ pid, host }: Partial<Holder>): string {
  return pid === undefined ? "another process" : `process ${pid}${host === hostname() ? "" : ` on ${host}`}`;
}

function lostError(path: string): LimbeckError {
  return new LimbeckError(
    "OUTPUT",
    `${path} was removed while this process held it, or another process took it over; ` +
      "let nothing else remove or replace the folder, and go on from what is left, if anything is",
  );
}
