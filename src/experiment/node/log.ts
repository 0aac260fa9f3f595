/** @file A growing file of lines, known by its length and checksum at a few places. */
import { createHash, type Hash } from "node:crypto";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { readIfThere } from "../../data/node/read-file.ts";
import type { Lines } from "../folder.ts";
import type { Manifest, Mark } from "./manifest.ts";

/** Marks that are stored: of two checkpoints, and of an end without one. */
const MARKS = 3;

export interface LogPlace {
  readonly folder: string;
  readonly path: string;
  /** Where marks are set; they are on disk with the next file. */
  readonly manifest: Manifest;
  /** Gets a note of damage. */
  readonly notes: string[];
}

/**
 * Opens it, cut back to its first `keep` lines. A log that does not hold them as they were written starts empty, and counts
 * on from there.
 */
export async function openLog({ folder, path, manifest, notes }: LogPlace, keep: number): Promise<Lines> {
  const file = join(folder, path);
  const marks = (manifest.logs.get(path) ?? []).filter(({ lines }) => lines <= keep);
  const mark = keep === 0 ? emptyMark(0) : marks.find(({ lines }) => lines === keep);
  const kept = (await readOrNothing(file)).subarray(0, mark?.bytes ?? 0);
  const isWhole = mark !== undefined && digest(hashOf(kept)) === mark.sha256;
  if (!isWhole) notes.push(damageNote(file));
  const start = isWhole ? mark : emptyMark(keep);
  manifest.logs.set(path, isWhole ? [...marks.filter((each) => each !== mark), mark] : [start]);
  const handle = await open(file, "a");
  await handle.truncate(start.bytes);
  const hash = isWhole ? hashOf(kept) : hashOf("");
  let { lines, bytes } = start;
  let waiting: string[] = [];
  const flush = async (): Promise<void> => {
    if (waiting.length > 0) {
      const text = Buffer.from(waiting.join(""));
      const count = waiting.length;
      waiting = [];
      await handle.appendFile(text);
      hash.update(text);
      lines += count;
      bytes += text.length;
    }
    await handle.sync();
    const earlier = (manifest.logs.get(path) ?? []).filter((each) => each.lines < lines);
    manifest.logs.set(path, [...earlier, { lines, bytes, sha256: digest(hash) }].slice(-MARKS));
  };
  return {
    append: (line) => void waiting.push(`${line}\n`),
    flush,
    close: () => flush().finally(() => handle.close()),
  };
}

/** All its lines; `undefined` where they are not as they were written, from the first on. */
export async function readLog({ folder, path, manifest, notes }: LogPlace): Promise<readonly string[] | undefined> {
  const file = join(folder, path);
  const mark = manifest.logs.get(path)?.at(-1);
  if (!mark) return undefined;
  const bytes = await readOrNothing(file);
  const lines = new TextDecoder().decode(bytes).split("\n").slice(0, -1);
  if (digest(hashOf(bytes)) === mark.sha256 && lines.length === mark.lines) return lines;
  notes.push(damageNote(file));
  return undefined;
}

function emptyMark(lines: number): Mark {
  return { lines, bytes: 0, sha256: digest(hashOf("")) };
}

/** No bytes where the file cannot be read: then it holds nothing of what it should. */
async function readOrNothing(file: string): Promise<Uint8Array> {
  return (await readIfThere(file).catch(() => undefined)) ?? new Uint8Array();
}

function hashOf(content: Uint8Array | string): Hash {
  return createHash("sha256").update(content);
}

function digest(hash: Hash): string {
  return hash.copy().digest("hex");
}

function damageNote(file: string): string {
  return `${file} is not as Limbeck wrote it: the run goes without its curves`;
}
