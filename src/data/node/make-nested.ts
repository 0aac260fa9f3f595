/** @file A folder with all that it is in. */
import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes the folder, and those it is in, if need be.
 *
 * NOTE: not Node's `recursive`, which never returns where a folder exists and refuses new ones with ENOENT, as /proc does.
 */
export async function makeNested(folder: string): Promise<void> {
  const code = await tryMake(folder);
  if (code !== "ENOENT" || dirname(folder) === folder) return;
  await makeNested(dirname(folder));
  await mkdir(folder);
}

async function tryMake(folder: string): Promise<string | undefined> {
  try {
    await mkdir(folder);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const there = code === "EEXIST" && (await stat(folder)).isDirectory();
    if (there || code === "ENOENT") return code;
    throw error;
  }
}
