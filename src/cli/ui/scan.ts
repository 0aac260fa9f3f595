/** @file Finds the runs and studies below a folder; nothing outside of it, because links are not followed. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileAt } from "./kept.ts";

/** What lies below a folder: paths from there on, with slashes, and `.` for itself. */
export interface Found {
  readonly runs: readonly string[];
  readonly studies: readonly string[];
  /** Why not all is shown. */
  readonly problems: readonly string[];
}

/** Folders in folders, from the one that is shown on. */
const DEEPEST = 5;
/** Folders that are looked into. */
const MOST = 5000;

/** Looks for them. A folder that does not exist yet holds nothing. */
export async function scan(root: string): Promise<Found> {
  const found = { runs: [] as string[], studies: [] as string[], problems: [] as string[] };
  let looked = 0;
  const look = async (path: string, depth: number): Promise<void> => {
    if (looked++ >= MOST) return;
    const folder = join(root, path);
    if (await fileAt(join(folder, "study.json"))) return void found.studies.push(path);
    if (await fileAt(join(folder, "config.json"))) return void found.runs.push(path);
    if (depth === DEEPEST) return;
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") found.problems.push(`${path} cannot be read: ${error.message}`);
      return [];
    });
    const inside = entries.filter(
      (entry) => entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== "node_modules",
    );
    for (const { name } of inside) await look(path === "." ? name : `${path}/${name}`, depth + 1);
  };
  await look(".", 0);
  if (looked > MOST) found.problems.push(`only the first ${MOST} folders are shown; show a folder further down`);
  return found;
}
