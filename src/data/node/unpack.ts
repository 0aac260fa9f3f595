/** @file Unpacks a gzipped tar file without trusting it. */
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createGunzip } from "node:zlib";
import { Parser, type ReadEntry } from "tar";
import { writeChecksums, type Source } from "./checksums.ts";
import { LimbeckError, reasonOf } from "../../errors.ts";
import { writing } from "./folders.ts";

/** A gzipped tar file that holds one folder of files. */
export interface Archive extends Source {
  readonly sha256: string;
  /** The folder's name in the archive, and in the cache. */
  readonly folder: string;
  /** Names of the files to keep, with the most bytes each may have. All have to be there; others are skipped. */
  readonly files: Readonly<Record<string, number>>;
}

export interface UnpackOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told how many of the archive's bytes are read. */
  readonly onRead?: (bytes: number) => void;
}

/**
 * Unpacks the archive's expected files to `folder`, with their checksums; the folder appears whole or not at all. Reads no further than what the
 * expected files take, and a megabyte for all else.
 *
 * Throws UNSAFE_ARCHIVE for a path that is absolute or climbs out, a link or a device, a file that is larger than expected
 * or there twice; DATA_FORMAT for what is no gzipped tar file, holds far more than expected, or lacks a file; OUTPUT for a
 * folder that cannot be written; ABORTED when the signal is raised.
 */
export async function unpack(
  archive: Archive,
  file: string,
  folder: string,
  options: UnpackOptions = {},
): Promise<void> {
  const temporary = await writing(dirname(folder), mkdtemp(`${folder}-`));
  try {
    const missing = await extractExpected(archive, file, temporary, options);
    if (missing.length > 0) throw unreadable(file, `it lacks ${missing.join(", ")}`);
    await writing(temporary, writeChecksums(temporary, Object.keys(archive.files)));
    await writing(folder, rename(temporary, folder));
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

/** Writes the expected files to `into`, nothing else; returns the names of those that were not there. */
async function extractExpected(
  { folder, files }: Archive,
  file: string,
  into: string,
  { signal, onRead }: UnpackOptions,
): Promise<string[]> {
  const missing = new Set(Object.keys(files));
  const stop = new AbortController();
  const nameOf = ({ path }: ReadEntry): string | undefined =>
    Object.keys(files).find((name) => path.replace(/^\.\//, "") === `${folder}/${name}`);
  const keep = (entry: ReadEntry): boolean => {
    const name = nameOf(entry);
    const fault = unsafeFault(
      entry,
      name === undefined ? undefined : files[name],
      name !== undefined && !missing.delete(name),
    );
    if (fault !== undefined) stop.abort(unsafe(file, `the entry ${entry.path} ${fault}`));
    return name !== undefined && entry.type === "File" && !stop.signal.aborted;
  };
  const entries: { readonly entry: ReadEntry; readonly written: Promise<void> }[] = [];
  const write = (entry: ReadEntry): void => {
    const path = join(into, nameOf(entry)!); // a name of ours, whatever the archive's path is
    const written = writing(path, writeFile(path, entry, { flag: "wx" })).catch((error: unknown) => stop.abort(error));
    entries.push({ entry, written });
  };
  const parser = new Parser({
    strict: true,
    brotli: false,
    zstd: false,
    filter: (_, entry) => keep(entry as ReadEntry),
    onReadEntry: write,
  });
  parser.on("error", (error) => stop.abort(unreadable(file, reasonOf(error))));
  const stopped = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  try {
    const ended = once(parser, "end", { signal: stopped });
    ended.catch(() => undefined); // awaited below
    for await (const piece of expand(file, mostExpanded(files), onRead)) {
      if (!parser.write(Buffer.from(piece))) await once(parser, "drain", { signal: stopped });
      stopped.throwIfAborted();
    }
    parser.end();
    await ended;
  } catch (error) {
    entries.at(-1)?.entry.end(); // so that its writing ends
    await Promise.all(entries.map(({ written }) => written));
    if (signal?.aborted) throw new LimbeckError("ABORTED", `stopped while unpacking ${file}`);
    throw stop.signal.aborted ? stop.signal.reason : unreadable(file, reasonOf(error));
  }
  await Promise.all(entries.map(({ written }) => written));
  if (stop.signal.aborted) throw stop.signal.reason;
  return [...missing];
}

/** Bytes of the expected files in blocks of 512, each with its header, and a megabyte for folders, other files and the end. */
function mostExpanded(files: Archive["files"]): number {
  return Object.values(files).reduce((sum, size) => sum + 512 + Math.ceil(size / 512) * 512, 2 ** 20);
}

/** What makes an entry dangerous, whatever its name is expected to be. `most` is the size that it may have. */
function unsafeFault({ path, type, linkpath, size }: ReadEntry, most = Infinity, isAgain = false): string | undefined {
  const steps = path.split(/[\\/]/);
  if (steps.includes("..")) return "climbs out of its folder";
  if (steps[0] === "" || /^[a-z]:/i.test(path)) return "is an absolute path";
  if (type === "Link" || type === "SymbolicLink") return `is a link to ${linkpath}`;
  if (type !== "File" && type !== "Directory") return `is neither file nor folder (${type})`;
  if (isAgain) return "is there twice";
  if (size > most) return `is ${size} bytes, expected at most ${most}`;
  return undefined;
}

function unsafe(file: string, fault: string): LimbeckError {
  return new LimbeckError(
    "UNSAFE_ARCHIVE",
    `${file}: ${fault}; nothing was unpacked, remove the file and get it from its publisher`,
  );
}

function unreadable(file: string, fault: string): LimbeckError {
  return new LimbeckError(
    "DATA_FORMAT",
    `${file} should be a gzipped tar file with the expected files: ${fault}; remove it and get it again`,
  );
}

/**
 * The content, a piece at a time as it is asked for. `onRead` is told how many of the file's bytes are read.
 *
 * Throws an Error, whose message says what is wrong, for content of more than `most` bytes, content that is compressed again,
 * bytes after the end, and as zlib does for what is no whole gzip file.
 */
export async function* expand(
  file: string,
  most: number,
  onRead?: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const { size } = await stat(file);
  const gunzip = createGunzip();
  const input = createReadStream(file).on("error", (error) => gunzip.destroy(error));
  let expanded = 0;
  try {
    for await (const piece of input.pipe(gunzip) as AsyncIterable<Uint8Array>) {
      // The tar library would expand it once more, and beyond `most`.
      if (expanded === 0 && piece[0] === 0x1f && piece[1] === 0x8b) throw new Error("it is compressed twice");
      expanded += piece.length;
      if (expanded > most) throw new Error(`it should expand to at most ${most} bytes, got more`);
      onRead?.(gunzip.bytesWritten);
      yield piece;
    }
  } finally {
    input.destroy();
    gunzip.destroy();
  }
  if (gunzip.bytesWritten < size) throw new Error(`it should end after ${gunzip.bytesWritten} bytes, got ${size}`);
}
