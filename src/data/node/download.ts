/** @file A download that goes on where it was cut off, is never larger than announced, and is kept only if its checksum is right. */
import { basename } from "node:path";
import { checkAnswer, Fault } from "./answer.ts";
import { verify, type Source } from "./checksums.ts";
import { LimbeckError } from "../../errors.ts";
import { writing } from "./folders.ts";
import { partOf, type Part } from "./part.ts";
import type { Fetch } from "../../platform-types.ts";

/** How far a published archive is. */
export interface DownloadProgress {
  readonly url: string;
  readonly step: "waiting" | "downloading" | "unpacking";
  /** Bytes so far, those of an earlier, unfinished download included; of the archive, when it is unpacked. */
  readonly received: number;
  readonly total: number;
  /** What holds the work up, for people; each such word comes once. */
  readonly note?: string | undefined;
}

export interface DownloadOptions {
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Instead of the global `fetch`. */
  readonly fetch?: Fetch;
  /** How long a connection may be silent before another is made; 30 by default. */
  readonly stallSeconds?: number;
}

/** How often a download is taken up again at once after a cut, provided each connection brought something. */
const mostCuts = 5;
/** How often after a silence, whether or not something came before. */
const mostStalls = 3;

/**
 * Downloads to `file` by way of `file.part`, which stays when the download fails; the next one goes on from there, if the
 * server still has the same version. NOTE: one at a time for one file; see `withLock`.
 *
 * Throws DOWNLOAD for an unreachable or silent server or an answer other than the file, saying where to get it and put it;
 * CHECKSUM for bytes other than the published ones, which are removed; OUTPUT for a file that cannot be written;
 * ABORTED when the signal is raised.
 */
export async function download(source: Source, file: string, options: DownloadOptions = {}): Promise<void> {
  const part = partOf(file);
  if ((await part.size()) > source.size) await part.remove();
  const left = { cut: mostCuts, stalled: mostStalls, range: 1, other: 0 };
  for (let fromStart = false; ;) {
    const came = await part.size();
    if (came === source.size) break;
    const before: number = fromStart ? 0 : came;
    const fault = await receive(source, part, before, options).then(() => undefined, faultOf);
    const now = await part.size();
    if (now === source.size) break;
    if (options.signal?.aborted) throw stopped(source, part, now);
    const { kind, message } = fault ?? new Fault("cut", "the answer ended early");
    const inVain = kind === "cut" && now <= before;
    if (inVain || left[kind]-- === 0) throw failed(source, file, message, now);
    fromStart = kind === "range";
    if (kind !== "cut") tell(source, options, now, `${message}; ${fromStart ? "beginning again" : "connecting again"}`);
  }
  await verify(source, part.path, `it was removed; try again, or get the file from another source`).catch(
    async (error: unknown) => {
      await part.remove();
      throw error;
    },
  );
  await part.complete();
}

/** Writes an answer of the server to the part, from byte `offset` on if the server can, else from the beginning. Throws a Fault. */
async function receive(source: Source, part: Part, offset: number, options: DownloadOptions): Promise<void> {
  const { fetch = globalThis.fetch, signal, stallSeconds = 30 } = options;
  const silence = patience(stallSeconds);
  const tag = offset > 0 ? await part.tag() : undefined;
  // NOTE: `identity`, else a server may say that the archive's gzip is an encoding, and fetch undoes it.
  const headers = {
    "accept-encoding": "identity",
    ...(offset > 0 && { range: `bytes=${offset}-` }),
    ...(tag && { "if-range": tag }),
  };
  const ended = new AbortController();
  try {
    const response = await fetch(source.url, {
      headers,
      signal: AbortSignal.any([silence.signal, ended.signal, ...(signal ? [signal] : [])]),
    });
    await keep(source, part, checkAnswer(source, response, offset, tag), silence, options);
  } catch (error) {
    if (silence.signal.aborted && !signal?.aborted) throw new Fault("stalled", `nothing came for ${stallSeconds} s`);
    throw error;
  } finally {
    silence.pause();
    ended.abort(); // an answer that is not wanted is not waited for
  }
}

async function keep(
  source: Source,
  part: Part,
  { body, offset, tag, hasLength }: ReturnType<typeof checkAnswer>,
  silence: Patience,
  { onProgress }: DownloadOptions,
): Promise<void> {
  let received = offset;
  const out = offset > 0 ? await part.append() : await part.begin(tag);
  try {
    for await (const chunk of body) {
      silence.pause(); // a slow disk is no silent server
      received += chunk.length;
      if (received > source.size) throw await tooLarge(source, part);
      await writing(part.path, out.writeFile(chunk));
      onProgress?.({ url: source.url, step: "downloading", received, total: source.size });
      silence.wait();
    }
  } finally {
    await out.close();
  }
  if (received === source.size || hasLength || offset > 0) return;
  await part.remove();
  throw new Fault("other", `the server sent ${received} bytes, expected ${source.size}: it is another file`);
}

/** The reason of a failed connection; errors of our own go through. */
function faultOf(error: unknown): Fault {
  if (error instanceof LimbeckError) throw error;
  if (error instanceof Fault) return error;
  const { message, cause } = error as Error & { readonly cause?: NodeJS.ErrnoException };
  return new Fault("cut", cause ? `${message}: ${cause.message || cause.code}` : message);
}

function tell({ url, size }: Source, { onProgress }: DownloadOptions, received: number, fault: string): void {
  const name = basename(new URL(url).pathname);
  onProgress?.({ url, step: "downloading", received, total: size, note: `${name}: ${fault}` });
}

function failed(source: Source, file: string, fault: string, received: number): LimbeckError {
  const name = basename(new URL(source.url).pathname);
  const kept = received > 0 ? ` (what came is kept: ${received} bytes, ${file}.part)` : "";
  const { url, size, otherwise } = source;
  const usual = `get ${url} (${size} bytes) on another machine and put it at ${file}, or unpack it anywhere and give that folder as data folder (--data-dir)`;
  return new LimbeckError(
    "DOWNLOAD",
    `${name} could not be downloaded: ${fault}; try again${kept}, or ${otherwise ?? usual}`,
  );
}

async function tooLarge(source: Source, part: Part): Promise<LimbeckError> {
  await part.remove();
  return new LimbeckError(
    "CHECKSUM",
    `${source.url} should be ${source.size} bytes, got more; what came was removed: try again, or get the file from another source`,
  );
}

function stopped(source: Source, part: Part, received: number): LimbeckError {
  const kept = received > 0 ? `; ${part.path} is kept, and the next download continues from there` : "";
  return new LimbeckError("ABORTED", `stopped after ${received} of ${source.size} bytes of ${source.url}${kept}`);
}

/** A timer that starts again whenever something came. */
export interface Patience {
  /** Raised when nothing came for so long. */
  readonly signal: AbortSignal;
  /** Something came: no time counts until `wait`. */
  pause(): void;
  wait(): void;
}

/** Counts from now on. To be paused at the end. */
function patience(seconds: number): Patience {
  const over = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const pause = (): void => clearTimeout(timer);
  const wait = (): void => {
    pause();
    timer = setTimeout(() => over.abort(), seconds * 1000);
  };
  wait();
  return { signal: over.signal, pause, wait };
}
