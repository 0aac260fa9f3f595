/** @file Whether a file is the one that was published. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { LimbeckError } from "../../errors.ts";

/** A published file. */
export interface Source {
  readonly url: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** Throws CHECKSUM, ending in `remedy`, unless the file has the source's size and SHA-256. */
export async function verify(source: Source, file: string, remedy: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  const size = found?.isFile() ? found.size : undefined;
  // Of a file of another size nothing is read: it may be far larger.
  const got = size === source.size ? await hashOf(file) : "another";
  if (got === source.sha256) return;
  throw new LimbeckError(
    "CHECKSUM",
    `${file} should have the SHA-256 ${source.sha256} (${source.size} bytes), got ${got} ` +
      `(${size === undefined ? "it is no file" : `${size} bytes`}); ${remedy}`,
  );
}

/** What is read of the file, or why it cannot be. */
async function hashOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(file), hash);
  } catch (error) {
    return (error as Error).message;
  }
  return hash.digest("hex");
}

/** Bytes in a file, 0 if there is none. */
export async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}
