/** @file All files below a folder, links followed, each folder once. */
import { valueAt } from "../../../elements.ts";
import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { LimbeckError, systemCode } from "../../../errors.ts";
import { byCodePoint, faultOf } from "./listing.ts";

export interface Tree {
  /** Paths from the folder on, with slashes: by folder, then by name, as torchvision goes through them. */
  readonly files: readonly string[];
  /** Those of folders. */
  readonly folders: readonly string[];
  readonly notes: readonly string[];
}

/** Hidden ones, and what other systems leave in folders and archives. */
const passedOver = /^(\.|__MACOSX$|Thumbs\.db$|desktop\.ini$)/i;

/**
 * Lists a folder. A link to a folder that was listed already, which may be one that it lies in, is noted and left out; so the
 * walk ends. Throws DATA_MISSING for a folder that cannot be read.
 */
export async function walk(root: string): Promise<Tree> {
  const filesOf = new Map<string, string[]>();
  const notes: string[] = [];
  const seen = new Set<string>();
  // Lists of what is to do, because folders may be nested deeper than calls can be: links when all folders are listed.
  const waiting = [""];
  const links: string[] = [];
  for (;;) {
    const folder = waiting.pop() ?? links.shift();
    if (folder === undefined) break;
    const path = join(root, folder);
    const { dev, ino } = await stat(path, { bigint: true }).catch((cause: unknown) => unreadable(path, cause));
    const identity = `${dev} ${ino}`;
    if (seen.has(identity)) {
      notes.push(`${folder} is a link to a folder that is listed already: left out`);
      continue;
    }
    seen.add(identity);
    const entries = await readdir(path, { withFileTypes: true }).catch((cause: unknown) => unreadable(path, cause));
    const files: string[] = [];
    for (const entry of entries.sort((a, b) => byCodePoint(a.name, b.name))) {
      if (passedOver.test(entry.name)) continue;
      const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (!(await isFolder(join(root, name), entry))) files.push(name);
      else (entry.isSymbolicLink() ? links : waiting).push(name);
    }
    filesOf.set(folder, files);
  }
  const [, ...folders] = [...filesOf.keys()].sort(byCodePoint);
  return { files: ["", ...folders].flatMap((folder) => valueAt(filesOf, folder)), folders, notes };
}

async function isFolder(path: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  // A link that leads nowhere is found out when it is read as a file.
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

function unreadable(path: string, cause: unknown): never {
  const code = systemCode(cause);
  const fault = code === "ENOENT" && !path.includes("\uFFFD") ? "does not exist" : `cannot be read: ${faultOf(cause)}`;
  throw new LimbeckError("DATA_MISSING", `${path} ${fault}; give a folder or a file with pictures`, { cause });
}
