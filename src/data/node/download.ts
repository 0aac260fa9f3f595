/** @file A download that goes on where it was cut off, is never larger than announced, and is kept only if its checksum is right. */
import { open, rename, rm } from "node:fs/promises";
import { basename } from "node:path";
import { LimbeckError } from "../../errors.ts";
import { writing } from "./cache-folder.ts";
import { sizeOf, verify, type Source } from "./verify.ts";

/** Bytes so far, those of an earlier, unfinished download included. */
export interface DownloadProgress {
  readonly url: string;
  readonly received: number;
  readonly total: number;
}

export interface DownloadOptions {
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
  /** Instead of the global `fetch`. */
  readonly fetch?: typeof fetch;
}

/** How often a download is taken up again at once after a cut, provided each connection brought something. */
const resumptions = 5;

/**
 * Downloads to `file` by way of `file.part`, which stays when the download is cut off; the next one goes on from there.
 * NOTE: one at a time for one file; see `withLock`.
 *
 * Throws DOWNLOAD for an unreachable server or an answer other than the file, saying where to get it and put it;
 * CHECKSUM for bytes other than the published ones, which are removed; OUTPUT for a file that cannot be written;
 * ABORTED when the signal is raised.
 */
export async function download(source: Source, file: string, options: DownloadOptions = {}): Promise<void> {
  const part = `${file}.part`;
  let received = await sizeOf(part);
  if (received > source.size) await writing(part, rm(part));
  for (let cuts = 0; received !== source.size; cuts++) {
    const before = received > source.size ? 0 : received;
    const fault = await receive(source, part, before, options).then(() => "the answer ended early", describe);
    received = await sizeOf(part);
    if (received === source.size) break;
    if (options.signal?.aborted) throw stopped(source, part, received);
    if (received <= before || cuts === resumptions) throw failed(source, file, fault);
  }
  await verify(source, part, `it was removed; try again, or get the file elsewhere`).catch(async (error: unknown) => {
    await rm(part, { force: true });
    throw error;
  });
  await writing(file, rename(part, file));
}

/** Writes an answer of the server to `part`, from byte `offset` on if the server can, else from the beginning. */
async function receive(source: Source, part: string, offset: number, options: DownloadOptions): Promise<void> {
  const { fetch = globalThis.fetch, onProgress, signal = null } = options;
  // NOTE: `identity`, else a server may say that the archive's gzip is an encoding, and fetch undoes it.
  const headers = { "accept-encoding": "identity", ...(offset > 0 && { range: `bytes=${offset}-` }) };
  const response = await fetch(source.url, { headers, signal });
  const resumed = offset > 0 && response.status === 206;
  const wrongRange = resumed && !response.headers.get("content-range")?.startsWith(`bytes ${offset}-`);
  if ((response.status !== 200 && !resumed) || wrongRange || !response.body) {
    await response.body?.cancel();
    // What is there does not continue what the server has: let the next attempt begin anew.
    if (offset > 0) await rm(part, { force: true });
    throw new Error(`the server answered ${response.status} ${response.statusText}`.trim());
  }
  let received = resumed ? offset : 0;
  const out = await writing(part, open(part, resumed ? "a" : "w"));
  try {
    for await (const chunk of response.body) {
      received += chunk.length;
      if (received > source.size) throw await tooLarge(source, part);
      await writing(part, out.writeFile(chunk));
      onProgress?.({ url: source.url, received, total: source.size });
    }
  } finally {
    await out.close();
  }
}

/** The reason of a failed connection; errors of our own go through. */
function describe(error: unknown): string {
  if (error instanceof LimbeckError) throw error;
  const { message, cause } = error as Error & { readonly cause?: NodeJS.ErrnoException };
  return cause ? `${message}: ${cause.message || cause.code}` : message;
}

function failed(source: Source, file: string, fault: string): LimbeckError {
  const name = basename(file);
  return new LimbeckError(
    "DOWNLOAD",
    `${name} could not be downloaded: ${fault}; try again (what came is kept), or get ${source.url} ` +
      `(${source.size} bytes) on another machine and put it at ${file}, or unpack it anywhere and give that folder as data folder (--data-dir)`,
  );
}

async function tooLarge(source: Source, part: string): Promise<LimbeckError> {
  await rm(part, { force: true });
  return new LimbeckError(
    "CHECKSUM",
    `${source.url} should be ${source.size} bytes, got more; what came was removed: try again, or get the file elsewhere`,
  );
}

function stopped(source: Source, part: string, received: number): LimbeckError {
  return new LimbeckError(
    "ABORTED",
    `stopped after ${received} of ${source.size} bytes of ${source.url}; ${part} is kept, the next download goes on from there`,
  );
}
