/** @file Files that are read again only when they have changed, and never through a link. */
import { lstat } from "node:fs/promises";

interface Kept {
  readonly stamp: string;
  readonly value: Promise<unknown>;
}

/** Of so many files: those of the least recent use go first. */
const MOST_FILES = 20_000;

/** What was made of files, by their paths, for as long as their date and size stay the same. */
export class KeptFiles {
  readonly #kept = new Map<string, Kept>();

  /** What `make` makes of a regular file; `undefined` where there is none, or a link. Throws as `make`, each time until the file changes. */
  async read<Value>(path: string, make: (path: string) => Promise<Value>): Promise<Value | undefined> {
    const found = await fileAt(path);
    const before = this.#kept.get(path);
    this.#kept.delete(path);
    if (!found) return undefined;
    const stamp = `${found.mtimeMs} ${found.size} ${found.ino}`;
    const kept: Kept = before?.stamp === stamp ? before : { stamp, value: make(path) };
    kept.value.catch(() => undefined); // whoever awaits it gets the error
    this.#kept.set(path, kept);
    const [oldest = path] = this.#kept.keys();
    if (this.#kept.size > MOST_FILES) this.#kept.delete(oldest);
    return kept.value as Promise<Value>;
  }
}

/** Date and size of a regular file that is no link; `undefined` for anything else. */
export async function fileAt(
  path: string,
): Promise<{ readonly mtimeMs: number; readonly size: number; readonly ino: number } | undefined> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isFile() ? found : undefined;
}
