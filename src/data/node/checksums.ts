/** @file Checksums: whether a file is the one that was published, and those of a folder's files, in a file that `sha256sum --check` reads too. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { LimbeckError } from "../../errors.ts";
import { readRegularFile } from "./read-file.ts";

/** The file's name. */
export const CHECKSUMS = "SHA256SUMS";
const MOST_BYTES = 65_536;

/** Writes down what these files are now. Throws as the file system does. */
export async function writeChecksums(folder: string, names: readonly string[]): Promise<void> {
  const lines: string[] = [];
  for (const name of names) lines.push(`${sha256(await readFile(join(folder, name)))}  ${name}\n`);
  await writeFile(join(folder, CHECKSUMS), lines.join(""), { flag: "wx" });
}

/** What was written down, by file name; of other folders nothing. Throws as `readRegularFile`. */
export async function readChecksums(folder: string): Promise<ReadonlyMap<string, string>> {
  const bytes = await readRegularFile(join(folder, CHECKSUMS), { most: MOST_BYTES }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return new Uint8Array();
      throw error;
    },
  );
  const lines = new TextDecoder().decode(bytes).matchAll(/^([0-9a-f]{64})  (.+)$/gm);
  return new Map(Array.from(lines, ([, sum = "", name = ""]) => [name, sum]));
}

/** Throws CHECKSUM for a file that is no longer what was written down. */
export function checkSum(sums: ReadonlyMap<string, string>, folder: string, name: string, bytes: Uint8Array): void {
  const expected = sums.get(name);
  if (expected === undefined) return;
  const got = sha256(bytes);
  if (got === expected) return;
  throw new LimbeckError(
    "CHECKSUM",
    `${join(folder, name)} should have the SHA-256 ${expected}, as ${CHECKSUMS} says, got ${got}: it has changed since it was ` +
      `unpacked; remove ${folder}, so that it is unpacked again`,
  );
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A published file. */
export interface Source {
  readonly url: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hexadecimal. */
  readonly sha256?: string;
  /** Where no SHA-256 is published, the name that Git gives a file's content: a SHA-1. */
  readonly gitSha1?: string;
  /** What to do if it cannot be downloaded; by default, to get it on another machine. */
  readonly otherwise?: string;
}

/** Throws CHECKSUM, ending in `remedy`, unless the file has the source's size and checksum. */
export async function verify(source: Source, file: string, remedy: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  const size = found?.isFile() ? found.size : undefined;
  // Of a file of another size nothing is read: it may be far larger.
  const [kind, expected, begin] =
    source.sha256 === undefined
      ? (["SHA-1 of Git", source.gitSha1, `blob ${source.size}\0`] as const)
      : (["SHA-256", source.sha256, ""] as const);
  const algorithm = source.sha256 === undefined ? "sha1" : "sha256";
  const got =
    size === source.size ? await hashOfFile(file, algorithm, begin).catch(({ message }: Error) => message) : "another";
  if (got === expected) return;
  throw new LimbeckError(
    "CHECKSUM",
    `${file} should have the ${kind} ${expected} (${source.size} bytes), got ${got} ` +
      `(${size === undefined ? "it is no file" : `${size} bytes`}); ${remedy}`,
  );
}

/** The SHA-256 of a file, of which little is in memory at once. Rejects as the file system does. */
export function sha256OfFile(file: string): Promise<string> {
  return hashOfFile(file, "sha256");
}

/** Of `begin` and the file after it. */
async function hashOfFile(file: string, algorithm: "sha1" | "sha256", begin = ""): Promise<string> {
  const hash = createHash(algorithm).update(begin);
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

/** Bytes in a file, 0 if there is none. */
export async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}
