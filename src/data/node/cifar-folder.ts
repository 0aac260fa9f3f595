/** @file Reads CIFAR-10 from a folder that holds its binary layout. */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { LimbeckError } from "../../errors.ts";
import { checkBatchSize, cifar10, parseBatches, parseClasses, type NamedBytes } from "../cifar.ts";
import type { Dataset } from "../dataset.ts";
import { cifar10Archive } from "./cifar-archive.ts";

/**
 * CIFAR-10 from `dir`, or from the folder `cifar-10-batches-bin` in it, as the archive unpacks.
 *
 * Throws DATA_MISSING for a folder or a file that is not there, naming it and what is; DATA_FORMAT as the parsers; ABORTED when the signal is raised.
 */
export async function readCifar10(dir: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<Dataset> {
  const { folder, names } = await findFolder(dir);
  const wanted = [cifar10.classesFile, ...cifar10.trainFiles, cifar10.testFile];
  const missing = wanted.filter((name) => !names.includes(name));
  if (missing.length > 0) throw notThere(missing.join(", "), folder, names);
  const read = async (name: string): Promise<NamedBytes> => {
    const file = join(folder, name);
    return { file, bytes: await reading(file, readFile(file, signal ? { signal } : {}), signal) };
  };
  // Before anything is read: a file may be far larger than memory.
  const batchFiles = [...cifar10.trainFiles, cifar10.testFile].map((name) => join(folder, name));
  for (const file of batchFiles) checkBatchSize(file, (await reading(file, stat(file))).size);
  const classes = parseClasses(await read(cifar10.classesFile));
  return {
    name: cifar10.name,
    classes,
    shape: cifar10.shape,
    train: parseBatches(await Promise.all(cifar10.trainFiles.map(read))),
    test: parseBatches([await read(cifar10.testFile)]),
    mean: cifar10.mean,
    std: cifar10.std,
  };
}

async function findFolder(dir: string): Promise<{ readonly folder: string; readonly names: readonly string[] }> {
  const names = await list(dir);
  const inner = cifar10Archive.folder;
  if (names.includes(cifar10.testFile) || !names.includes(inner)) return { folder: dir, names };
  const folder = join(dir, inner);
  return { folder, names: await list(folder) };
}

async function list(dir: string): Promise<string[]> {
  try {
    return (await readdir(dir)).toSorted();
  } catch (cause) {
    const what = (await stat(dir).catch(() => undefined)) ? "cannot be read as a folder" : "does not exist";
    throw new LimbeckError("DATA_MISSING", `the data folder ${dir} ${what}; ${remedy}`, { cause });
  }
}

async function reading<T>(file: string, work: Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (signal?.aborted) throw new LimbeckError("ABORTED", `stopped while reading ${file}`, { cause });
    throw new LimbeckError("DATA_MISSING", `${file} cannot be read: ${(cause as Error).message}; ${remedy}`, { cause });
  }
}

function notThere(missing: string, folder: string, names: readonly string[]): LimbeckError {
  const shown = names.slice(0, 20).join(", ") + (names.length > 20 ? `, ... (${names.length} in all)` : "");
  return new LimbeckError(
    "DATA_MISSING",
    `CIFAR-10 lacks ${missing} in ${folder}, which holds ${shown || "nothing"}; ${remedy}`,
  );
}

const remedy = `unpack the binary version there, from ${cifar10Archive.url}`;
