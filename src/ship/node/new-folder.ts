/** @file A folder that is there whole or not at all. */
import { access, mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { makeNested } from "../../data/node/folders.ts";
import { LimbeckError, reasonOf } from "../../errors.ts";

/** A folder that is being made. */
export interface NewFolder {
  /** Where it lies until it is complete. */
  readonly work: string;
  /** Gives it its name. Throws OUTPUT. */
  complete(): Promise<void>;
  /** Removes what is not complete. */
  discard(): Promise<void>;
}

/**
 * Begins a folder. One that is there has to be empty; with `replace`, it may hold `mark`, a file that tells what may be replaced. Throws OUTPUT for another,
 * or where it cannot be written.
 */
export async function newFolder(
  path: string,
  { replace, mark }: { readonly replace: boolean; readonly mark: string },
): Promise<NewFolder> {
  const target = resolve(path);
  const isThere = await checkFree(path, target, replace, mark);
  return attempt(path, async () => {
    await makeNested(dirname(target));
    // NOTE: not mkdtemp, whose folders other users may not read, and servers are such.
    const work = join(dirname(target), `.${basename(target)}.${crypto.randomUUID().slice(0, 8)}.part`);
    await mkdir(work);
    return {
      work,
      discard: () => rm(work, { recursive: true, force: true }),
      complete: () =>
        attempt(path, async () => {
          if (!isThere) return rename(work, target);
          const old = `${work}.old`;
          await rename(target, old);
          await rename(work, target).catch(async (error: unknown) => {
            await rename(old, target);
            throw error;
          });
          await rm(old, { recursive: true, force: true });
        }),
    };
  });
}

/** Whether there is something to be replaced. */
async function checkFree(path: string, target: string, replace: boolean, mark: string): Promise<boolean> {
  const entries = await readdir(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new LimbeckError(
      "OUTPUT",
      `${path} cannot be the folder of an export: ${error.message}; give another with --out`,
      { cause: error },
    );
  });
  if (!entries || entries.length === 0) return false;
  if (!replace)
    throw new LimbeckError(
      "OUTPUT",
      `${path} is not empty; give another folder with --out, or --force to replace an export`,
    );
  const isExport = await access(join(target, mark)).then(
    () => true,
    () => false,
  );
  if (isExport) return true;
  throw new LimbeckError(
    "OUTPUT",
    `${path} holds something other than an export: it has no ${mark}, so it is not replaced; give another folder with --out`,
  );
}

async function attempt<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof LimbeckError) throw cause;
    throw new LimbeckError("OUTPUT", `${path} cannot be written: ${reasonOf(cause)}; free or change the folder`, {
      cause,
    });
  }
}
