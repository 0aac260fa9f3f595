/** @file Folders: where downloads are kept, and how one is made. */
import envPaths from "env-paths";
import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { LimbeckError, reasonOf, systemCode } from "../../errors.ts";

/** `override`, else `LIMBECK_CACHE`, else the system's place for caches (on Linux `$XDG_CACHE_HOME/limbeck` or `~/.cache/limbeck`). */
export function cacheFolder(override?: string): string {
  return resolve(override ?? (process.env.LIMBECK_CACHE || envPaths("limbeck", { suffix: "" }).cache));
}

/** Makes the folder, and those it is in, if need be. Throws OUTPUT if it cannot. */
export function makeFolder(folder: string): Promise<void> {
  return writing(folder, makeNested(folder));
}

/** The result of writing to `path`. Throws OUTPUT, naming it, where that fails. */
export async function writing<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new LimbeckError(
      "OUTPUT",
      `${path} cannot be written: ${reasonOf(cause)}; free or change the folder, or choose another cache folder with LIMBECK_CACHE, or HF_HUB_CACHE for files of the hub`,
      { cause },
    );
  }
}

/** Puts a file in place that `write` makes under another name beside it, so that nobody reads half of it. Throws OUTPUT. */
export async function placeFile(path: string, write: (part: string) => Promise<void>): Promise<void> {
  const part = `${path}.${randomUUID()}.part`;
  await writing(
    path,
    write(part).then(() => rename(part, path)),
  ).finally(() => rm(part, { force: true }));
}

/**
 * Makes the folder, and those it is in, if need be.
 *
 * NOTE: not Node's `recursive`, which never returns where a folder exists and refuses new ones with ENOENT, as /proc does.
 */
export async function makeNested(folder: string): Promise<void> {
  const code = await tryMake(folder);
  if (code !== "ENOENT" || dirname(folder) === folder) return;
  await makeNested(dirname(folder));
  // Another may have made it meanwhile.
  if ((await tryMake(folder)) === "ENOENT") await mkdir(folder);
}

async function tryMake(folder: string): Promise<string | undefined> {
  try {
    await mkdir(folder);
    return undefined;
  } catch (error) {
    const code = systemCode(error);
    const there = code === "EEXIST" && (await stat(folder)).isDirectory();
    if (there || code === "ENOENT") return code;
    throw error;
  }
}
