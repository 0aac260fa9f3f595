/** @file A repository of the hub at one commit: what it holds, and its files in the cache, each whole and with the checksum that the hub lists. */
import { rm, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { LimbeckError } from "../../../errors.ts";
import type { HubName } from "../../hub-name.ts";
import { sizeOf, verify, type Source } from "../checksums.ts";
import { download, type DownloadOptions } from "../download.ts";
import { makeFolder } from "../folders.ts";
import { withLock } from "../lock.ts";
import { partOf } from "../part.ts";
import { cachedRepository, isThere, type CachedRepository } from "./cache.ts";
import { endpoint, isOffline } from "./environment.ts";
import {
  askHub,
  keepListing,
  keptListing,
  notHub,
  unreachable,
  type HubListing,
  type ListedFile,
  type RepositoryType,
} from "./listing.ts";
import { hubFetch, patiently, type HubSource } from "./request.ts";

export interface HubOptions extends Pick<DownloadOptions, "onProgress" | "signal" | "stallSeconds"> {
  readonly type: RepositoryType;
}

/** A repository at one commit. */
export interface HubRepository {
  /** `hf:OWNER/NAME` */
  readonly name: string;
  readonly commit: string;
  /** Where its files are once they were got. */
  readonly folder: string;
  /** Paths of all its files; without the hub, of those that are in the cache. */
  readonly files: readonly string[];
  /** For people. */
  readonly notes: readonly string[];
  /** Downloads those of these files that are not there yet. Throws as `openRepository`; CHECKSUM for other bytes than the hub lists. */
  get(paths: readonly string[]): Promise<void>;
}

/**
 * The repository at the commit that its revision is at. If the hub cannot be reached, or is not to be (`HF_HUB_OFFLINE`), the commit that was last seen, with
 * the files that are in the cache. A commit that was seen before is not asked for again.
 *
 * Throws DATA_MISSING for a repository or revision that the hub does not have, or that is not in the cache where the hub is not there; DOWNLOAD where
 * the hub gives nothing; OUTPUT where the cache cannot be written or has no room; ABORTED when the signal is raised.
 */
export async function openRepository(
  { repository, revision = "main" }: HubName,
  options: HubOptions,
): Promise<HubRepository> {
  const { type, onProgress, signal } = options;
  const cache = await cachedRepository(type, repository);
  const source: HubSource = { name: `hf:${repository}`, revision, page: `${endpoint()}/${urlPath(type, repository)}` };
  if (isOffline()) return cached(cache, source, options, repository, "HF_HUB_OFFLINE is set");
  const commit = await cache.commitOf(revision);
  const kept = commit === revision ? await keptListing(type, repository, revision) : undefined;
  if (kept) return listed(cache, source, options, kept);
  const onNote = noting(source, onProgress);
  try {
    const listing = await askHub(type, repository, source, { signal, onNote });
    await keepListing(type, repository, listing);
    const notes = listing.now === repository ? [] : [`${source.name} is called hf:${listing.now} by now`];
    return { ...listed(cache, source, options, listing), notes };
  } catch (error) {
    if (error instanceof LimbeckError) throw error;
    if (signal?.aborted) throw new LimbeckError("ABORTED", `stopped while ${source.name} was looked up`);
    const why = unreachable(error);
    if (why === undefined) throw notHub(source.name, error);
    return cached(cache, source, options, repository, `the hub, ${endpoint()}, cannot be reached (${why})`);
  }
}

/**
 * As it was when it was last seen. Of a model that only Python downloaded, the files that are there; of a data set, nobody would know whether
 * these are all.
 */
async function cached(
  cache: CachedRepository,
  source: HubSource,
  options: HubOptions,
  repository: string,
  why: string,
): Promise<HubRepository> {
  const { name, revision } = source;
  const commit = await cache.commitOf(revision);
  const notes = [`${name}: ${why}, so its files in the cache are used, of the commit ${commit}`];
  const kept = commit === undefined ? undefined : await keptListing(options.type, repository, commit);
  if (kept) return { ...listed(cache, source, options, kept, why), notes };
  const files = commit !== undefined && options.type === "model" ? await cache.filesOf(commit) : [];
  if (commit === undefined || files.length === 0) {
    const isForbidden = why.startsWith("HF_");
    const online = isForbidden ? "unset it" : "try again, or name a mirror of the hub with HF_ENDPOINT";
    throw new LimbeckError(
      isForbidden ? "DATA_MISSING" : "DOWNLOAD",
      `${name} is not in the cache at ${revision}, ${cache.folder}, and ${why}; ${online}, or copy the caches of a machine that has it`,
    );
  }
  const folder = cache.snapshot(commit);
  const get = async (paths: readonly string[]): Promise<void> => {
    for (const path of paths) if (!files.includes(path)) throw notHere(name, path, why);
  };
  return { name, commit, folder, files, notes, get };
}

function notHere(name: string, path: string, why: string): LimbeckError {
  return new LimbeckError(
    "DATA_MISSING",
    `${name} has no ${path} in the cache, and ${why}; download it where the hub can be reached: nothing of a file that is not whole is used`,
  );
}

/** By its listing; `why` nothing can be downloaded, if so. */
function listed(
  cache: CachedRepository,
  source: HubSource,
  options: HubOptions,
  { commit, now, files }: HubListing,
  why?: string,
): HubRepository {
  const { type, onProgress, signal } = options;
  const byPath = new Map(files.map((file) => [file.path, file]));
  // When its files are there: without the hub, no other commit is of use.
  const seen = async (): Promise<void> => (why === undefined ? cache.remember(source.revision, commit) : undefined);
  return {
    name: source.name,
    commit,
    folder: cache.snapshot(commit),
    files: [...byPath.keys()],
    notes: [],
    async get(paths) {
      const wanted = paths.flatMap((path) => byPath.get(path) ?? []);
      const absent = paths.find((path) => !byPath.has(path));
      if (absent !== undefined)
        throw new LimbeckError("DATA_MISSING", `${source.name} has no ${absent}; ${source.page} lists its files`);
      const missing: ListedFile[] = [];
      for (const file of wanted) if (!(await hasFile(cache, commit, file, type))) missing.push(file);
      if (why !== undefined && missing[0]) throw notHere(source.name, missing[0].path, why);
      await checkRoom(cache, source.name, missing);
      if (missing.length === 0) return seen();
      const request = await hubFetch(source);
      const waiting = { signal, onNote: noting(source, onProgress) };
      await inTurn(missing, async (file) => {
        const path = file.path.split("/").map(encodeURIComponent).join("/");
        const source = sourceOf(file, `${endpoint()}/${urlPath(type, now)}/resolve/${commit}/${path}`);
        await patiently(waiting, () => getFile(cache, source, file.checksum, { ...options, fetch: request }));
        await cache.link(commit, file.path, file.checksum);
      });
      await seen();
    },
  };
}

/** A few at a time: a data set may be thousands of small files. After the first that fails, no other is begun. */
async function inTurn(files: readonly ListedFile[], get: (file: ListedFile) => Promise<void>): Promise<void> {
  const left = [...files];
  const worker = async (): Promise<void> => {
    for (let file = left.shift(); file; file = left.shift())
      await get(file).catch((error: unknown) => {
        left.length = 0;
        throw error;
      });
  };
  const results = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

/** Files that are downloaded at the same time. */
const AT_ONCE = 4;

function noting({ page, name }: HubSource, onProgress: HubOptions["onProgress"]): (note: string) => void {
  return (note) => onProgress?.({ url: page, step: "waiting", received: 0, total: 0, note: `${name}: ${note}` });
}

/** `datasets/OWNER/NAME` for a data set. */
function urlPath(type: HubOptions["type"], name: string): string {
  return type === "dataset" ? `datasets/${name}` : name;
}

function sourceOf({ size, checksum }: ListedFile, url: string): Source {
  const hash = checksum.length === 64 ? { sha256: checksum } : { gitSha1: checksum };
  return { url, size, ...hash, otherwise: "copy the cache of a machine that has it" };
}

/** Whether a snapshot has the file, whole. NOTE: of a data set, that may be many gigabytes, the size counts. */
async function hasFile(
  cache: CachedRepository,
  commit: string,
  file: ListedFile,
  type: HubOptions["type"],
): Promise<boolean> {
  const path = join(cache.snapshot(commit), file.path);
  if (type === "dataset") return (await sizeOf(path)) === file.size;
  return isWhole(sourceOf(file, ""), path);
}

/** Whether a file has the size and checksum that the hub lists. */
function isWhole(source: Source, path: string): Promise<boolean> {
  return verify(source, path, "").then(
    () => true,
    () => false,
  );
}

/** Gets one blob, however many ask at once. */
async function getFile(
  cache: CachedRepository,
  source: Source,
  checksum: string,
  options: DownloadOptions,
): Promise<void> {
  const blob = cache.blob(checksum);
  const lock = cache.lock(checksum);
  const { onProgress, signal: stop } = options;
  await makeFolder(dirname(blob));
  await makeFolder(dirname(lock));
  const note = `waiting for another process, which holds ${lock} and gets the same file`;
  const tell = (): void => onProgress?.({ url: source.url, step: "waiting", received: 0, total: source.size, note });
  const waiting = setTimeout(tell, 1000);
  await withLock(lock, stop, async (signal) => {
    clearTimeout(waiting);
    if (await isWhole(source, blob)) return;
    if (await isThere(blob)) await rm(blob); // damaged, or cut off by a power failure
    await download(source, blob, { ...options, signal });
  }).finally(() => clearTimeout(waiting));
}

/** Throws OUTPUT where the disk has no room for these. */
async function checkRoom(cache: CachedRepository, name: string, files: readonly ListedFile[]): Promise<void> {
  if (files.length === 0) return;
  await makeFolder(cache.folder);
  const parts = await Promise.all(files.map(({ checksum }) => partOf(cache.blob(checksum)).size()));
  const needed = files.reduce((sum, { size }, i) => sum + Math.max(0, size - (parts[i] ?? 0)), 0);
  const { bavail, bsize } = await statfs(cache.folder);
  if (needed <= bavail * bsize) return;
  const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;
  throw new LimbeckError(
    "OUTPUT",
    `${name} needs ${mebibytes(needed)} in ${cache.folder}, where ${mebibytes(bavail * bsize)} are free; free some, or choose another cache folder with HF_HUB_CACHE`,
  );
}
