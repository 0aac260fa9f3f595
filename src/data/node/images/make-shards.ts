/** @file Pictures kept in the cache folder, decoded once: shards that are there and whole are taken, the others made. */
import { elementAt } from "../../../elements.ts";
import { createHash } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { LimbeckError } from "../../../errors.ts";
import { makeFolder } from "../folders.ts";
import { withLock } from "../lock.ts";
import type { Listed } from "./listing.ts";
import { prepare, type Prepared, type StoreSettings } from "./prepare.ts";
import { checkShard, isKept, writeShard, type ShardRecord } from "./shard.ts";

/** What is being done, for somebody who waits. */
export interface ImagesProgress {
  /** Listing files; looking whether kept pictures are whole; decoding others; waiting for another process that does so. */
  readonly step: "listing" | "checking" | "decoding" | "waiting";
  /** Pictures so far, of so many; 0 of 0 where that is not known yet. */
  readonly done: number;
  readonly total: number;
}

export interface ShardsOptions {
  /** The folder for all sources. */
  readonly cache: string;
  /** What the pictures were listed from: sources do not share shards. */
  readonly source: string;
  /** About how large shards are, in bytes. */
  readonly shardBytes?: number;
  readonly onProgress?: ((progress: ImagesProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One file of the cache, and which of all pictures it holds. */
export interface Shard {
  readonly path: string;
  readonly from: number;
  readonly records: readonly ShardRecord[];
}

export interface Shards {
  readonly folder: string;
  readonly shards: readonly Shard[];
  readonly notes: readonly string[];
}

/** Goes into every key, so that shards of an earlier form are not taken for today's. */
const FORM = "limbeck pictures 1";

/** Pictures that are read and decoded at a time; `withRoom` holds large ones back. */
const AT_A_TIME = 8;

/**
 * The shards of all pictures, in order. A shard's name follows from its pictures' places, sizes and dates, and from the
 * settings; so a changed file costs its own shard. One process at a time makes those of a source; what a killed one has made
 * is gone on from. Shards that no picture belongs to any more are removed.
 *
 * Throws OUTPUT where the cache cannot be written; ABORTED when the signal is raised; UNSUPPORTED where nothing can be decoded.
 */
export async function makeShards(
  pictures: readonly Listed[],
  settings: StoreSettings,
  options: ShardsOptions,
): Promise<Shards> {
  const { cache, source, signal } = options;
  const folder = join(cache, "images", `${basename(resolve(source)).slice(0, 40)}-${key([resolve(source), settings])}`);
  const plan = planOf(pictures, settings, folder, options.shardBytes ?? 2 ** 27);
  const notes: string[] = [];
  try {
    const found = await check(plan, pictures.length, notes, options);
    if (!found.includes(undefined)) return { folder, shards: complete(plan, found), notes };
    await makeFolder(folder);
    const waiting = setTimeout(() => options.onProgress?.({ step: "waiting", done: 0, total: pictures.length }), 1000);
    const shards = await withLock(`${folder}.lock`, signal, async (signal) => {
      clearTimeout(waiting);
      const made = await make(plan, pictures, settings, found, { ...options, signal });
      await removeOthers(folder, plan);
      return made;
    }).finally(() => clearTimeout(waiting));
    return { folder, shards, notes };
  } catch (error) {
    if (signal?.aborted)
      throw new LimbeckError("ABORTED", `stopped while ${source} was made ready; what is done is kept`);
    throw error;
  }
}

interface Planned {
  readonly path: string;
  readonly from: number;
  readonly to: number;
}

function planOf(pictures: readonly Listed[], settings: StoreSettings, folder: string, shardBytes: number): Planned[] {
  const { channels, size } = settings;
  const each = channels * (1.15 * size) ** 2 * 1.4; // of a usual shape
  const count = Math.min(2 ** 16, Math.max(16, Math.round(shardBytes / each)));
  const plan: Planned[] = [];
  for (let from = 0; from < pictures.length; from += count) {
    const to = Math.min(pictures.length, from + count);
    const files = pictures.slice(from, to).map(({ place, version }) => [place, version]);
    plan.push({ path: join(folder, `${from}-${key([FORM, settings, files])}.shard`), from, to });
  }
  return plan;
}

function key(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 24);
}

type Found = readonly (readonly ShardRecord[] | undefined)[];

/** The records of shards that are whole and need no second try. */
async function check(plan: readonly Planned[], total: number, notes: string[], options: ShardsOptions): Promise<Found> {
  const found: (readonly ShardRecord[] | undefined)[] = [];
  for (const { path, from, to } of plan) {
    const records = await checkShard(path, options.signal);
    if (records === "damaged") notes.push(`${path} is damaged: its pictures are decoded again`);
    const isGood = typeof records === "object" && records.length === to - from && !records.some(isPassing);
    found.push(isGood ? records : undefined);
    if (records) options.onProgress?.({ step: "checking", done: to, total });
  }
  return found;
}

function isPassing(record: ShardRecord): boolean {
  return !isKept(record) && record.isPassing;
}

function complete(plan: readonly Planned[], found: Found): Shard[] {
  return plan.map(({ path, from }, i) => ({ path, from, records: elementAt(found, i) }));
}

/** Makes the shards that were not found; another process may have made some meanwhile. */
async function make(
  plan: readonly Planned[],
  pictures: readonly Listed[],
  settings: StoreSettings,
  found: Found,
  options: ShardsOptions,
): Promise<Shard[]> {
  const total = pictures.length;
  const again = await check(
    plan.filter((_, i) => !found[i]),
    total,
    [],
    { ...options, onProgress: () => undefined },
  );
  const meanwhile = [...again];
  const shards: Shard[] = [];
  for (const [i, { path, from, to }] of plan.entries()) {
    let records = found[i] ?? meanwhile.shift();
    if (!records) {
      let done = from;
      const progress = (): void => options.onProgress?.({ step: "decoding", done: ++done, total });
      const prepared = inOrder(pictures.slice(from, to), settings, progress, options.signal);
      records = await writeShard(path, prepared, settings.channels);
    }
    shards.push({ path, from, records });
  }
  return shards;
}

/** Prepares some at a time, and gives them in their order. */
async function* inOrder(
  pictures: readonly Listed[],
  settings: StoreSettings,
  progress: () => void,
  signal: AbortSignal | undefined,
): AsyncGenerator<Prepared> {
  const running: Promise<Prepared>[] = [];
  const first = async (): Promise<Prepared> => {
    const prepared = await running.shift()!;
    progress();
    return prepared;
  };
  try {
    for (const picture of pictures) {
      signal?.throwIfAborted();
      const preparing = prepare(picture, settings);
      preparing.catch(() => undefined); // awaited in its turn
      running.push(preparing);
      if (running.length >= AT_A_TIME) yield await first();
    }
    while (running.length > 0) yield await first();
  } finally {
    await Promise.allSettled(running);
  }
}

/** Removes shards of files as they were before, and what a killed process left half written. */
async function removeOthers(folder: string, plan: readonly Planned[]): Promise<void> {
  const wanted = new Set(plan.map(({ path }) => basename(path)));
  for (const name of await readdir(folder)) {
    if (!wanted.has(name) && /\.shard(\.part)?$/.test(name)) await rm(join(folder, name), { force: true });
  }
}
