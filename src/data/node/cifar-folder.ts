/** @file CIFAR-10 and CIFAR-100 in their binary layout: read from a folder, and where the official archives of it are. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Archive } from "./unpack.ts";
import { checkSum, CHECKSUMS, readChecksums } from "./checksums.ts";
import {
  batchBytes,
  checkBatchSize,
  cifar10,
  cifar100,
  parseBatches,
  parseClasses,
  type CifarLayout,
  type NamedBytes,
} from "../cifar.ts";
import type { Dataset } from "../dataset.ts";
import { LimbeckError, reasonOf } from "../../errors.ts";
import { readRegularFile } from "./read-file.ts";

/** Far more than names of a hundred classes need. */
const mostClassesBytes = 65_536;

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * CIFAR-10 from `dir`, or from the folder `cifar-10-batches-bin` in it, as the archive unpacks.
 *
 * Throws DATA_MISSING for a folder or a file that is not there or cannot be read, naming it and what is; DATA_FORMAT as the parsers;
 * CHECKSUM for one that has changed since it was unpacked; ABORTED when the signal is raised.
 */
export function readCifar10(dir: string, options: ReadOptions = {}): Promise<Dataset> {
  return readCifar(cifar10, cifar10Archive, dir, options);
}

/** CIFAR-100 with its fine classes, in the same way; the archive's folder is `cifar-100-binary`. */
export function readCifar100(dir: string, options: ReadOptions = {}): Promise<Dataset> {
  return readCifar(cifar100, cifar100Archive, dir, options);
}

/** A data set of a layout from such a folder. Throws as `readCifar10`. */
export async function readCifar(
  layout: CifarLayout,
  archive: Pick<Archive, "folder" | "url">,
  dir: string,
  options: ReadOptions = {},
): Promise<Dataset> {
  const { signal } = options;
  const { trainFiles, testFile, classesFile, imagesPerTrainFile, imagesPerTestFile } = layout;
  const remedy = `unpack the binary version there, from ${archive.url}`;
  const { folder, names } = await findFolder(dir, testFile, archive.folder, remedy);
  const missing = [classesFile, ...trainFiles, testFile].filter((name) => !names.includes(name));
  if (missing.length > 0) throw notThere(layout.title, missing.join(", "), folder, names, remedy);
  const sums = await reading(join(folder, CHECKSUMS), readChecksums(folder), remedy, signal);
  const readFileOf = async (name: string, most: number): Promise<NamedBytes> => {
    const file = join(folder, name);
    const bytes = await reading(file, readRegularFile(file, { most, signal }), remedy, signal);
    checkSum(sums, folder, name, bytes);
    return { file, bytes };
  };
  const readBatches = (files: readonly string[], images: number): Promise<NamedBytes[]> =>
    Promise.all(files.map((name) => readFileOf(name, batchBytes(layout, images))));
  // Before anything is read: a file may be far larger than memory.
  for (const name of [...trainFiles, testFile]) {
    const file = join(folder, name);
    const found = await reading(file, stat(file), remedy);
    if (!found.isFile()) continue; // which reading it says
    checkBatchSize(layout, file, found.size, name === testFile ? imagesPerTestFile : imagesPerTrainFile);
  }
  const { name, shape, mean, std } = layout;
  return {
    name,
    shape,
    mean,
    std,
    classes: parseClasses(layout, await readFileOf(classesFile, mostClassesBytes)),
    train: parseBatches(layout, await readBatches(trainFiles, imagesPerTrainFile), imagesPerTrainFile),
    test: parseBatches(layout, await readBatches([testFile], imagesPerTestFile), imagesPerTestFile),
  };
}

async function findFolder(
  dir: string,
  testFile: string,
  inner: string,
  remedy: string,
): Promise<{ readonly folder: string; readonly names: readonly string[] }> {
  const names = await list(dir, remedy);
  if (names.includes(testFile) || !names.includes(inner)) return { folder: dir, names };
  const folder = join(dir, inner);
  return { folder, names: await list(folder, remedy) };
}

async function list(dir: string, remedy: string): Promise<string[]> {
  try {
    return (await readdir(dir)).toSorted();
  } catch (cause) {
    const what = (await stat(dir).catch(() => undefined)) ? "cannot be read as a folder" : "does not exist";
    throw new LimbeckError("DATA_MISSING", `the data folder ${dir} ${what}; ${remedy}`, { cause });
  }
}

async function reading<T>(file: string, work: Promise<T>, remedy: string, signal?: AbortSignal): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (signal?.aborted) throw new LimbeckError("ABORTED", `stopped while reading ${file}`, { cause });
    throw new LimbeckError("DATA_MISSING", `${file} cannot be read: ${reasonOf(cause)}; ${remedy}`, { cause });
  }
}

function notThere(
  title: string,
  missing: string,
  folder: string,
  names: readonly string[],
  remedy: string,
): LimbeckError {
  const shown = names.slice(0, 20).join(", ") + (names.length > 20 ? `, ... (${names.length} in all)` : "");
  return new LimbeckError(
    "DATA_MISSING",
    `${title} lacks ${missing} in ${folder}, which holds ${shown || "nothing"}; ${remedy}`,
  );
}

/** As published at https://www.cs.toronto.edu/~kriz/cifar.html. */
export const cifar10Archive: Archive = {
  url: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
  size: 170_052_171,
  sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
  folder: "cifar-10-batches-bin",
  files: filesOf(cifar10),
};

/** The same page's; its MD5 is 03b5dce01913d631647c71ecec9e9cb8. */
export const cifar100Archive: Archive = {
  url: "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
  size: 168_513_733,
  sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
  folder: "cifar-100-binary",
  files: filesOf(cifar100),
};

/** The layout's files, with the most bytes each may have. */
function filesOf(layout: CifarLayout): Record<string, number> {
  const { trainFiles, testFile, classesFile, imagesPerTrainFile, imagesPerTestFile, classCount } = layout;
  return {
    ...Object.fromEntries(trainFiles.map((name) => [name, batchBytes(layout, imagesPerTrainFile)])),
    [testFile]: batchBytes(layout, imagesPerTestFile),
    [classesFile]: 32 * classCount,
  };
}
