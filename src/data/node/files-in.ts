/** @file The files of a folder with their sizes: those below it, none behind a link. */
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/** A file, or a link, of a folder. */
export interface FoundFile {
  /** Below the folder, with `/`. */
  readonly path: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly changed: number;
}

/** Every file below a folder, in the order of their paths; a link counts as itself, and is not followed. What goes meanwhile is left out. */
export async function filesIn(folder: string): Promise<readonly FoundFile[]> {
  const found: FoundFile[] = [];
  const walk = async (below: string): Promise<void> => {
    const entries = await readdir(join(folder, below), { withFileTypes: true }).catch(ifGone);
    for (const entry of entries ?? []) {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) {
        await walk(path);
        continue;
      }
      const about = await lstat(join(folder, path)).catch(ifGone);
      if (about) found.push({ path, bytes: about.size, changed: about.mtimeMs });
    }
  };
  await walk("");
  return found.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function ifGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT" && error.code !== "ENOTDIR") throw error;
}
