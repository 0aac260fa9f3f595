/** @file The part of a file that came so far, `<file>.part`, and which version of the file it is of, `<file>.part.tag`. */
import { open, readFile, rename, rm, writeFile, type FileHandle } from "node:fs/promises";
import { writing } from "./folders.ts";
import { sizeOf } from "./checksums.ts";

/** A partial file. What writes throws OUTPUT where that fails. */
export interface Part {
  readonly path: string;
  /** Bytes so far. */
  size(): Promise<number>;
  /** What the server called its version; `undefined` if it did not. */
  tag(): Promise<string | undefined>;
  /** Empties it, to be of this version. */
  begin(tag: string | undefined): Promise<FileHandle>;
  /** Opens it to add to it. */
  append(): Promise<FileHandle>;
  remove(): Promise<void>;
  /** Makes it the whole file. */
  complete(): Promise<void>;
}

export function partOf(file: string): Part {
  const path = `${file}.part`;
  const tagPath = `${path}.tag`;
  const removeTag = (): Promise<void> => rm(tagPath, { force: true });
  return {
    path,
    size: () => sizeOf(path),
    tag: () => readFile(tagPath, "utf8").catch(() => undefined),
    async begin(tag) {
      const out = await writing(path, open(path, "w"));
      await writing(tagPath, tag === undefined ? removeTag() : writeFile(tagPath, tag));
      return out;
    },
    append: () => writing(path, open(path, "a")),
    async remove() {
      await writing(path, rm(path, { force: true }));
      await removeTag();
    },
    async complete() {
      await writing(file, rename(path, file));
      await removeTag();
    },
  };
}
