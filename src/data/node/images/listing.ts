/** @file What a source of pictures comes to: the contract between what reads folders and files of many kinds and what decodes. */
import { elementAt } from "../../../elements.ts";
import { stat } from "node:fs/promises";
import { LimbeckError, reasonOf } from "../../../errors.ts";
import type { Picture } from "../../../images/index.ts";
import { oneLine } from "../../../printable.ts";
import { readRegularFile } from "../read-file.ts";

export type SplitName = "train" | "validation" | "test";

/** One picture, not read yet. */
export interface Listed {
  /** Where it lies, for people: a path from the source on, or a place in a file. No other has the same. */
  readonly place: string;
  /** Changes where the content does: a file's size and date. */
  readonly version: string;
  /** Its class's number; none where the source says none. */
  readonly label?: number | undefined;
  readonly split?: SplitName | undefined;
  /** The bytes of a picture's file, or the picture where it was stored as plain samples. Throws what reading throws. */
  read(): Promise<Uint8Array | Picture>;
}

export interface Listing {
  /** What was found, in a few words: `a folder for each class`. */
  readonly kind: string;
  /** Names in the order of the labels; empty where pictures have none. */
  readonly classes: readonly string[];
  readonly pictures: readonly Listed[];
  /** What somebody should know of: what was left out, and why. */
  readonly notes: readonly string[];
}

/** The most bytes of one picture's file. */
const MOST_BYTES = 2 ** 28;

/** How a file is read that was listed with this version. */
export function fileReader(path: string, version: string): () => Promise<Uint8Array> {
  return async () => {
    const bytes = await readRegularFile(path, { most: MOST_BYTES });
    if (version !== MISSING && !version.startsWith(`${bytes.length} `))
      throw new Error("it changed since it was listed");
    return bytes;
  };
}

const MISSING = "missing";

/** The version of a file; one that is not there is found out when it is read. */
export async function fileVersion(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return found ? `${found.size} ${found.mtimeMs}` : MISSING;
}

const splitWords: Readonly<Record<string, SplitName>> = {
  train: "train",
  training: "train",
  val: "validation",
  valid: "validation",
  validation: "validation",
  dev: "validation",
  test: "test",
  testing: "test",
};

/** The split that a folder's name or a cell of a table means; `undefined` for another word. */
export function splitNamed(word: string): SplitName | undefined {
  const name = word.toLowerCase();
  return Object.hasOwn(splitWords, name) ? splitWords[name] : undefined;
}

/** The split that a file's name begins with, `train-00000-of-00002.parquet` say, or its folder has. */
export function splitOfFile(path: string): SplitName | undefined {
  const parts = path.split("/");
  const [name, folder] = [elementAt(parts, -1), parts.at(-2)];
  return splitNamed(name.replace(/[-_.0-9].*/s, "")) ?? (folder === undefined ? undefined : splitNamed(folder));
}

/** By code points, as Python sorts, so that classes get torchvision's numbers. */
export function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a.charCodeAt(i) !== b.charCodeAt(i)) return rank(a.charCodeAt(i)) - rank(b.charCodeAt(i));
  }
  return a.length - b.length;
}

/** Halves of code points beyond 16 bits come after all of 16 bits. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}

/** Names in the order of their labels: by code point, but whole numbers by size, as when labels were numbers at first. */
export function classOrder(names: Iterable<string>): string[] {
  const all = [...new Set(names)];
  const isNumbers = all.every((name) => /^(0|[1-9]\d{0,8})$/.test(name));
  return isNumbers ? all.sort((a, b) => Number(a) - Number(b)) : all.sort(byCodePoint);
}

/** Throws DATA_FORMAT for a class whose name cannot be shown: it has a line end in it, say, or controls a terminal. */
export function checkClassNames(path: string, names: readonly string[]): void {
  const odd = names.find((name) => oneLine(name) !== name);
  if (odd === undefined) return;
  throw new LimbeckError(
    "DATA_FORMAT",
    `${path} should name classes by characters that can be shown, got ${JSON.stringify(odd.slice(0, 100))}; rename it`,
  );
}

/** What an error of a reader says. */
export function faultOf(error: unknown): string {
  const { code, path } = error as NodeJS.ErrnoException;
  // Such a name is read with a mark in place of what is none, and nothing has the name that comes of it.
  if (code === "ENOENT" && path?.includes("\uFFFD")) return "its name is not in UTF-8; rename it";
  return reasonOf(error).replace(/^[A-Z]+: /, "");
}

export function missing(path: string, expected: string, got: string): LimbeckError {
  return new LimbeckError("DATA_MISSING", `${path} should hold ${expected}; it holds ${got}`);
}
