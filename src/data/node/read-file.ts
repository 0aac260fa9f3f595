/** @file The bytes of a regular file, whole and as they were at one time. */
import { systemCode } from "../../errors.ts";
import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";

export interface ReadFileOptions {
  /** The most bytes it may have; nothing is read of a larger one. */
  readonly most?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes read at a time, so that a signal is heeded in between. */
const CHUNK = 2 ** 24;

/**
 * Reads a file. Throws an Error, whose message says what is wrong, for a folder, a pipe or a device (which may never end), a
 * file that is too large, or one that changes meanwhile; and as `open` and `read` do.
 */
export async function readRegularFile(path: string, { most, signal }: ReadFileOptions = {}): Promise<Uint8Array> {
  // NOTE: non-blocking, else a named pipe is waited for until somebody writes into it.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const before = await file.stat();
    if (!before.isFile()) throw new Error(`it is ${before.isDirectory() ? "a folder" : "a pipe or a device"}, no file`);
    if (most !== undefined && before.size > most) {
      throw new Error(`it should have at most ${most} bytes, got ${before.size}`);
    }
    const bytes = new Uint8Array(before.size);
    const read = await readInto(file, bytes, signal);
    const after = await file.stat();
    if (read !== before.size || after.size !== before.size || after.mtimeMs !== before.mtimeMs) {
      throw new Error("it changed while it was read; try again when nothing writes to it");
    }
    return bytes;
  } finally {
    await file.close();
  }
}

/** The same; `undefined` where there is none. */
export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readRegularFile(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Fills `bytes` from the file's start; returns how many there were. */
async function readInto(file: FileHandle, bytes: Uint8Array, signal: AbortSignal | undefined): Promise<number> {
  let at = 0;
  while (at < bytes.length) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(bytes, at, Math.min(CHUNK, bytes.length - at), at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return at;
}
