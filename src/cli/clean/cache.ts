/** @file What the cache folder holds that Limbeck makes again when it is needed: decoded pictures, outputs of teachers. Downloads stay. */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { filesIn } from "../../data/node/files-in.ts";
import { cacheFolder } from "../../data/node/folders.ts";
import { livingHolder, tryLock } from "../../data/node/lock.ts";
import { LimbeckError } from "../../errors.ts";
import { bytesOf, joined, type Found } from "./cleaning.ts";

/** A process that has pictures open goes on reading them. */
export async function cacheCleaning(): Promise<Found> {
  const pictures = join(cacheFolder(), "images");
  const found: Found[] = [];
  for (const name of await foldersIn(pictures)) {
    const path = join(pictures, name);
    const holder = await livingHolder(`${path}.lock`);
    if (holder !== undefined) {
      found.push({ cleanings: [], kept: [`${path} is being made by ${holder}`] });
      continue;
    }
    const remove = async (): Promise<void> => {
      const lock = await tryLock(`${path}.lock`);
      if (!lock) throw new LimbeckError("OUTPUT", `${path} was taken by a process meanwhile`);
      await rm(path, { recursive: true, force: true }).finally(() => lock.release());
    };
    const removable = [{ path, bytes: bytesOf(await filesIn(path)), why: "decoded pictures" }];
    found.push({ cleanings: [{ removable, remove }], kept: [] });
  }
  const teachers = join(cacheFolder(), "teachers");
  const outputs = (await filesIn(teachers)).map(({ path, bytes }) => ({
    path: join(teachers, path),
    bytes,
    why: "outputs of a teacher",
  }));
  const remove = async (): Promise<void> => {
    for (const { path } of outputs) await rm(path, { force: true });
  };
  return joined([...found, { cleanings: outputs.length > 0 ? [{ removable: outputs, remove }] : [], kept: [] }]);
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
