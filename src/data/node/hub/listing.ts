/** @file What a repository holds at a commit: asked of the hub, and kept, since a commit never changes. */
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { LimbeckError } from "../../../errors.ts";
import { cacheFolder, makeFolder, placeFile } from "../folders.ts";
import type { DownloadOptions } from "../download.ts";
import { endpoint } from "./environment.ts";
import { hubFetch, patiently, type HubSource } from "./request.ts";

/** What repositories of the hub are of. */
export type RepositoryType = "model" | "dataset";

/** A file as the hub lists it. */
export interface ListedFile {
  readonly path: string;
  readonly size: number;
  /** SHA-256 of a large file, else the SHA-1 that Git calls its content by. */
  readonly checksum: string;
}

/** A repository at a commit. */
export interface HubListing {
  readonly commit: string;
  /** Its name, which may be another than it was asked for by. */
  readonly now: string;
  readonly files: readonly ListedFile[];
}

/** How long the hub may take for an answer that is no file. */
const ANSWER_SECONDS = 60;

/** Asks the hub. Throws as `hubFetch`, as `fetch`, and DOWNLOAD for what is no answer of the hub. */
export async function askHub(
  type: RepositoryType,
  name: string,
  source: HubSource,
  { signal, onNote }: Pick<DownloadOptions, "signal"> & { onNote(text: string): void },
): Promise<HubListing> {
  const { modelInfo, datasetInfo, listFiles } = await import("@huggingface/hub");
  const hubUrl = endpoint();
  const request = await hubFetch(source);
  const answer = (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const patience = [AbortSignal.timeout(ANSWER_SECONDS * 1000), ...(signal ? [signal] : [])];
    const headers = Object.fromEntries(new Headers(init?.headers));
    return request(String(url), { headers, signal: AbortSignal.any(patience) });
  };
  const about = { name, revision: source.revision, additionalFields: ["sha" as const], hubUrl, fetch: answer };
  const listing = await patiently({ signal, onNote }, async () => {
    const { sha, name: now } = await (type === "model" ? modelInfo(about) : datasetInfo(about));
    const files: ListedFile[] = [];
    const query = { repo: { type, name: now }, recursive: true, revision: sha, hubUrl, fetch: answer };
    for await (const { type: kind, path, size, oid = "", lfs } of listFiles(query)) {
      if (kind === "file" && isSafe(path)) files.push({ path, size, checksum: lfs?.oid ?? oid });
    }
    return { commit: sha, now, files };
  });
  const isChecksum = ({ checksum }: ListedFile): boolean => /^([\da-f]{40}|[\da-f]{64})$/.test(checksum);
  if (/^[\da-f]{40}$/.test(listing.commit) && listing.files.every(isChecksum)) return listing;
  throw notHub(source.name);
}

/** What answers is another server. */
export function notHub(name: string, cause?: unknown): LimbeckError {
  return new LimbeckError(
    "DOWNLOAD",
    `${name}: ${endpoint()} answers otherwise than the hub; set HF_ENDPOINT to another address, or log in to the network`,
    { cause },
  );
}

/** Why there was no connection, or no answer; `undefined` for another error. */
export function unreachable(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.name === "TimeoutError") return `no answer in ${ANSWER_SECONDS} s`;
  const { cause } = error;
  if (!(error instanceof TypeError && cause instanceof Error)) return undefined;
  return cause.message || String((cause as NodeJS.ErrnoException).code);
}

/** Keeps the listing of a commit. Throws OUTPUT. */
export async function keepListing(type: RepositoryType, name: string, listing: HubListing): Promise<void> {
  const file = keptFile(type, name, listing.commit);
  await makeFolder(dirname(file));
  await placeFile(file, (part) => writeFile(part, JSON.stringify(listing)));
}

/** The listing that was kept of a commit; `undefined` if none was, or it is damaged. */
export async function keptListing(type: RepositoryType, name: string, commit: string): Promise<HubListing | undefined> {
  const text = await readFile(keptFile(type, name, commit), "utf8").catch(() => "");
  try {
    return JSON.parse(text) as HubListing;
  } catch {
    return undefined;
  }
}

function keptFile(type: RepositoryType, name: string, commit: string): string {
  const key = createHash("sha256").update(`${type} ${name} ${commit}`).digest("hex");
  return join(cacheFolder(), "hub", `${key.slice(0, 32)}.json`);
}

/** Whether a path stays in the folder that it is put into, on any system. */
function isSafe(path: string): boolean {
  const isInside = !path.split("/").some((part) => part === "" || part === "." || part === "..");
  return isInside && !/^[a-z]:|\\|\0/i.test(path);
}
