/** @file Where downloads are kept. */
import { aString, checkArguments, optional } from "../../arguments.ts";
import { resolve } from "node:path";
import envPaths from "env-paths";
import { LimbeckError } from "../../errors.ts";
import { makeNested } from "./make-nested.ts";

/** `override`, else `LIMBECK_CACHE`, else the system's place for caches (on Linux `$XDG_CACHE_HOME/limbeck` or `~/.cache/limbeck`). */
export function cacheFolder(override?: string): string {
  checkArguments("cacheFolder", { override: [override, optional(aString)] });
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
      `${path} cannot be written: ${(cause as Error).message}; free or change the folder, or choose another cache folder with LIMBECK_CACHE`,
      { cause },
    );
  }
}
