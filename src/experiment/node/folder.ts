/** @file An experiment's folder on disk: whole files or none, one process at a time. */
import { open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { takeLock } from "../../data/node/lock.ts";
import { makeNested } from "../../data/node/make-nested.ts";
import { LimbeckError } from "../../errors.ts";
import type { ExperimentFolder, Lines } from "../folder.ts";

/** Makes the folder if need be and takes it for this process. Throws OUTPUT if it cannot be written or is in use. */
export async function openFolder(folder: string): Promise<ExperimentFolder> {
  const lock = await attempt(folder, async () => {
    await makeNested(folder);
    return takeLock(join(folder, "lock"));
  });
  return {
    read: (path) => attempt(join(folder, path), () => readIfThere(join(folder, path))),
    write: (path, content) => attempt(join(folder, path), () => writeWhole(join(folder, path), content)),
    lines: (path, keep) => attempt(join(folder, path), () => openLines(join(folder, path), keep)),
    remove: (path) => attempt(join(folder, path), () => rm(join(folder, path), { force: true })),
    close: () => lock.release(),
  };
}

/** Writes a file so that, whatever happens, either the old or the new one is there, whole. */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  await makeNested(dirname(path));
  const temporary = `${path}.part`;
  const file = await open(temporary, "w");
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

/** NOTE: a rename is durable only when the folder is; Windows cannot sync one and needs not. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function openLines(path: string, keep: number): Promise<Lines> {
  await makeNested(dirname(path));
  const end = endOfLine((await readIfThere(path)) ?? new Uint8Array(), keep, path);
  const file = await open(path, "a");
  await file.truncate(end);
  let waiting: string[] = [];
  const flush = (): Promise<void> =>
    attempt(path, async () => {
      const text = waiting.join("");
      waiting = [];
      if (text) await file.appendFile(text);
      await file.sync();
    });
  return {
    append(line) {
      waiting.push(`${line}\n`);
    },
    flush,
    close: async () => {
      await flush().finally(() => file.close());
    },
  };
}

/** Where the first `count` lines end. Throws OUTPUT if there are fewer. */
function endOfLine(bytes: Uint8Array, count: number, path: string): number {
  let end = 0;
  for (let line = 0; line < count; line++) {
    const next = bytes.indexOf(10, end);
    if (next < 0) {
      throw new LimbeckError(
        "OUTPUT",
        `${path} should hold at least the ${count} lines of the checkpoint beside it, got ${line}; ` +
          `remove the checkpoint to begin this run again`,
      );
    }
    end = next + 1;
  }
  return end;
}

async function attempt<Result>(path: string, action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof LimbeckError) throw error;
    const { code = "", message } = error as NodeJS.ErrnoException;
    const fix =
      code === "ENOSPC" ? "make room on the disk" : "choose another folder with --out, or change its permissions";
    throw new LimbeckError("OUTPUT", `${path} cannot be used: ${message}; ${fix}`, { cause: error });
  }
}
