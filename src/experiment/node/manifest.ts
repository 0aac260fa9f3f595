/** @file What an experiment's files should be: their checksums, in one file that is written before each of them. */
import { basename, dirname, join, resolve } from "node:path";
import { readIfThere } from "../../data/node/read-file.ts";
import { LimbeckError } from "../../errors.ts";
import { sha256Hex } from "../../sha256.ts";

/** Its name in the folder. */
export const MANIFEST = "manifest.json";
const VERSION = 1;

/** SHA-256 of a file, in hexadecimal digits; `null` for none there. */
export type Checksum = string | null;

/** A growing file as it was once: so many lines of the run, so many bytes that have this checksum. */
export interface Mark {
  readonly lines: number;
  readonly bytes: number;
  readonly sha256: string;
}

export interface Manifest {
  /** Checksums of what the experiment depends on and the folder does not hold, by name. */
  readonly bound: Map<string, string>;
  /**
   * By path. Of two checksums the first is that of the file about to be put in place and the second that of the one before:
   * the process may be killed between this file and that.
   */
  readonly files: Map<string, readonly [Checksum, Checksum?]>;
  /** By path, growing. */
  readonly logs: Map<string, readonly Mark[]>;
}

export function emptyManifest(): Manifest {
  return { bound: new Map(), files: new Map(), logs: new Map() };
}

/** The manifest as a file: JSON whose first key is a checksum over the others. */
export async function encodeManifest({ bound, files, logs }: Manifest): Promise<string> {
  const rest = {
    version: VERSION,
    bound: Object.fromEntries(bound),
    files: Object.fromEntries(files),
    logs: Object.fromEntries(logs),
  };
  return `${JSON.stringify({ sha256: await sha256Hex(JSON.stringify(rest)), ...rest }, undefined, 1)}\n`;
}

/** The folder's manifest; `undefined` if there is none. Throws CHECKSUM for one that is not as it was written, OUTPUT for another version's. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const file = join(folder, MANIFEST);
  const bytes = await readIfThere(file);
  if (!bytes) return undefined;
  const { sha256, ...rest } = parse(new TextDecoder().decode(bytes));
  if (sha256 !== (await sha256Hex(JSON.stringify(rest)))) {
    throw new LimbeckError(
      "CHECKSUM",
      `${file} is not as Limbeck wrote it, so nothing in the folder can be checked; put a good copy in its place, ` +
        "or start again in a new folder (limbeck evaluate still takes the weights here)",
    );
  }
  if (rest["version"] !== VERSION) {
    throw new LimbeckError(
      "OUTPUT",
      `${file} should have version ${VERSION}, got ${String(rest["version"])}; resume it with the Limbeck that wrote it`,
    );
  }
  // NOTE: written by Limbeck, as the checksum shows.
  const { bound, files, logs } = rest as Record<"bound" | "files" | "logs", object>;
  return {
    bound: new Map(Object.entries(bound)),
    files: new Map(Object.entries(files)),
    logs: new Map(Object.entries(logs)),
  };
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** An error for a file that is not the one that was written. */
export function damagedError(
  folder: string,
  path: string,
  found: Checksum,
  expected: Checksum | undefined,
): LimbeckError {
  const problem =
    expected === undefined
      ? `Limbeck wrote no such file here, or ${MANIFEST} was removed or replaced`
      : `expected SHA-256 ${expected}, ${found === null ? "but it is gone" : `got ${found}`}`;
  const again = path.includes("/") ? `remove ${join(folder, dirname(path))} to do that run again, ` : "";
  return new LimbeckError(
    "CHECKSUM",
    `${join(folder, path)} is not as Limbeck wrote it: ${problem}; put it back as it was, ${again}` +
      "or start again in a new folder",
  );
}

/** Throws CHECKSUM for a weights file in a run's folder that is not the one that was written there. Others go unchecked. */
export async function checkListed(file: string, bytes: Uint8Array): Promise<void> {
  const run = dirname(resolve(file));
  const folder = dirname(run);
  // A manifest that cannot be read says nothing against the file.
  const manifest = await readManifest(folder).catch(() => undefined);
  const path = `${basename(run)}/${basename(file)}`;
  const listed = manifest?.files.get(path);
  if (!listed) return;
  const found = await sha256Hex(bytes);
  if (!listed.includes(found)) throw damagedError(folder, path, found, listed[0]);
}
