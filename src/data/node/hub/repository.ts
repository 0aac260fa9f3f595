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
import { hubFetch, patiently, type Asked } from "./request.ts";

export interface HubOptions extends Pick<DownloadOptions, "onProgress" | "signal" | "stallSeconds"> {
  readonly type: "model" | "dataset";
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

/** A file as the hub lists it. */
interface ListedFile {
  readonly path: string;
  readonly size: number;
  readonly checksum: string;
}

/** How long the hub may take for an answer that is no file. */
const ANSWER_SECONDS = 60;

/**
 * The repository at the commit that its revision is at. If the hub cannot be reached, or is not to be (`HF_HUB_OFFLINE`), the commit that was last seen, with
 * the files that are in the cache.
 *
 * Throws DATA_MISSING for a repository or revision that the hub does not have, or that is not in the cache where the hub is not there; DOWNLOAD where
 * the hub gives nothing; OUTPUT where the cache cannot be written or has no room; ABORTED when the signal is raised.
 */
export async function openRepository(
  { repository, revision = "main" }: HubName,
  options: HubOptions,
): Promise<HubRepository> {
  const { type } = options;
  const cache = await cachedRepository(type, repository);
  const asked: Asked = { name: `hf:${repository}`, revision, page: `${endpoint()}/${urlPath(type, repository)}` };
  if (isOffline()) return cached(cache, asked, "HF_HUB_OFFLINE is set");
  try {
    return await listed(cache, asked, repository, options);
  } catch (error) {
    if (error instanceof LimbeckError) throw error;
    if (options.signal?.aborted) throw new LimbeckError("ABORTED", `stopped while ${asked.name} was looked up`);
    const why = unreachable(error);
    if (why === undefined) throw notHub(asked.name, error);
    return cached(cache, asked, `the hub, ${endpoint()}, cannot be reached (${why})`);
  }
}

function notHub(name: string, cause?: unknown): LimbeckError {
  return new LimbeckError(
    "DOWNLOAD",
    `${name}: ${endpoint()} answers otherwise than the hub; set HF_ENDPOINT to another address, or log in to the network`,
    { cause },
  );
}

/** As it was when it was last seen. */
async function cached(cache: CachedRepository, { name, revision }: Asked, why: string): Promise<HubRepository> {
  const commit = await cache.commitOf(revision);
  const files = commit === undefined ? [] : await cache.filesOf(commit);
  if (commit === undefined || files.length === 0) {
    const isForbidden = why.startsWith("HF_");
    const online = isForbidden ? "unset it" : "try again, or name a mirror of the hub with HF_ENDPOINT";
    throw new LimbeckError(
      isForbidden ? "DATA_MISSING" : "DOWNLOAD",
      `${name} is not in the cache at ${revision}, ${cache.folder}, and ${why}; ${online}, or copy the cache of a machine that has it`,
    );
  }
  const folder = cache.snapshot(commit);
  return {
    name,
    commit,
    folder,
    files,
    notes: [`${name}: ${why}, so its files in the cache are used, of the commit ${commit}`],
    async get(paths) {
      for (const path of paths) if (!files.includes(path)) throw notHere(name, path, why);
    },
  };
}

function notHere(name: string, path: string, why: string): LimbeckError {
  return new LimbeckError(
    "DATA_MISSING",
    `${name} has no ${path} in the cache, and ${why}; download it where the hub can be reached: nothing of a file that is not whole is used`,
  );
}

/** As the hub lists it. */
async function listed(
  cache: CachedRepository,
  asked: Asked,
  name: string,
  options: HubOptions,
): Promise<HubRepository> {
  const { type, onProgress, signal } = options;
  const { modelInfo, datasetInfo, listFiles } = await import("@huggingface/hub");
  const hubUrl = endpoint();
  const request = await hubFetch(asked);
  const answer = (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const patience = [AbortSignal.timeout(ANSWER_SECONDS * 1000), ...(signal ? [signal] : [])];
    const headers = Object.fromEntries(new Headers(init?.headers));
    return request(String(url), { headers, signal: AbortSignal.any(patience) });
  };
  const onNote = (note: string): void =>
    onProgress?.({ url: asked.page, step: "waiting", received: 0, total: 0, note: `${asked.name}: ${note}` });
  const about = { name, revision: asked.revision, additionalFields: ["sha" as const], hubUrl, fetch: answer };
  const found = await patiently({ signal, onNote }, async () => {
    const { sha, name: now } = await (type === "model" ? modelInfo(about) : datasetInfo(about));
    const files: ListedFile[] = [];
    const listing = { repo: { type, name: now }, recursive: true, revision: sha, hubUrl, fetch: answer };
    for await (const { type: kind, path, size, oid = "", lfs } of listFiles(listing)) {
      if (kind === "file" && isSafe(path)) files.push({ path, size, checksum: lfs?.oid ?? oid });
    }
    return { commit: sha, now, files };
  });
  const { commit, now, files } = found;
  if (!/^[\da-f]{40}$/.test(commit) || !files.every(({ checksum }) => /^([\da-f]{40}|[\da-f]{64})$/.test(checksum)))
    throw new LimbeckError(
      "DOWNLOAD",
      `${asked.name}: ${hubUrl} answers otherwise than the hub; set HF_ENDPOINT to another`,
    );
  const byPath = new Map(files.map((file) => [file.path, file]));
  return {
    name: asked.name,
    commit,
    folder: cache.snapshot(commit),
    files: [...byPath.keys()],
    notes: now === name ? [] : [`${asked.name} is called hf:${now} by now`],
    async get(paths) {
      const wanted = paths.flatMap((path) => byPath.get(path) ?? []);
      const absent = paths.find((path) => !byPath.has(path));
      if (absent !== undefined)
        throw new LimbeckError("DATA_MISSING", `${asked.name} has no ${absent}; ${asked.page} lists its files`);
      const missing: ListedFile[] = [];
      for (const file of wanted) if (!(await hasFile(cache, commit, file, type))) missing.push(file);
      await checkRoom(cache, asked.name, missing);
      for (const file of missing) {
        const url = `${hubUrl}/${urlPath(type, now)}/resolve/${commit}/${file.path.split("/").map(encodeURIComponent).join("/")}`;
        await patiently({ signal, onNote }, () =>
          getFile(cache, sourceOf(file, url), file.checksum, { ...options, fetch: request }),
        );
        await cache.link(commit, file.path, file.checksum);
      }
      // Not before: without the hub, a commit is of use whose files are there.
      await cache.remember(asked.revision, commit);
    },
  };
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
  return verify(sourceOf(file, ""), path, "").then(
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
    const isWhole = await verify(source, blob, "").then(
      () => true,
      () => false,
    );
    if (isWhole) return;
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

/** Whether a path stays in the folder that it is put into, on any system. */
function isSafe(path: string): boolean {
  return (
    path !== "" &&
    !/^\/|^[a-z]:|\\|\0/i.test(path) &&
    !path.split("/").some((part) => part === "" || part === "." || part === "..")
  );
}

/** Why there was no connection, or no answer; `undefined` for another error. */
function unreachable(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.name === "TimeoutError") return `no answer in ${ANSWER_SECONDS} s`;
  const { cause } = error;
  return error instanceof TypeError && cause instanceof Error
    ? cause.message || String((cause as NodeJS.ErrnoException).code)
    : undefined;
}
