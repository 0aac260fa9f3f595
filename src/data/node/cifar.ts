/** @file CIFAR-10 and CIFAR-100 from a given folder, or downloaded once; and which of them a folder holds. */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fetchArchive } from "./archive.ts";
import { cifar100Archive, cifar10Archive, readCifar10, readCifar100 } from "./cifar-folder.ts";
import { cifar10, cifar100 } from "../cifar.ts";
import type { Dataset } from "../dataset.ts";
import type { DownloadOptions } from "./download.ts";
import { LimbeckError, systemCode } from "../../errors.ts";
import { cacheFolder } from "./folders.ts";

/** Where the files are, or go. */
export interface CifarOptions extends DownloadOptions {
  readonly dir?: string | undefined;
  readonly cache?: string | undefined;
}

/** CIFAR-10 from `dir`; without it from the cache folder, after downloading the official archive if need be. Throws as `fetchArchive` and `readCifar10`. */
export async function loadCifar10({ dir, cache, ...options }: CifarOptions = {}): Promise<Dataset> {
  return readCifar10(dir ?? (await fetchArchive(cifar10Archive, cacheFolder(cache), options)), options);
}

/** CIFAR-100 in the same way. */
export async function loadCifar100({ dir, cache, ...options }: CifarOptions = {}): Promise<Dataset> {
  return readCifar100(dir ?? (await fetchArchive(cifar100Archive, cacheFolder(cache), options)), options);
}

/** Where the files of each lie that were downloaded before, by its name; `null` for one that was not. */
export function downloadedCifar(cache?: string): Readonly<Record<"cifar10" | "cifar100", string | null>> {
  const folderOf = ({ folder }: { readonly folder: string }): string | null => {
    const path = join(cacheFolder(cache), folder);
    return existsSync(path) ? path : null;
  };
  return { cifar10: folderOf(cifar10Archive), cifar100: folderOf(cifar100Archive) };
}

const kinds = [
  { ...cifar10, folder: cifar10Archive.folder },
  { ...cifar100, folder: cifar100Archive.folder },
];

/**
 * The name of the data set whose files lie in `dir`, or in the folder in it that the archive unpacks to.
 *
 * Throws DATA_MISSING for a folder that cannot be read or holds none; ARGUMENT for one that holds several.
 */
export async function recogniseDataset(dir: string): Promise<string> {
  const names = await readdir(dir).catch((cause: unknown) => {
    const missing = systemCode(cause) === "ENOENT";
    const problem = missing ? "does not exist" : "cannot be read as a folder";
    throw new LimbeckError("DATA_MISSING", `the data folder ${dir} ${problem}; give the folder with the files`, {
      cause,
    });
  });
  const found: string[] = [];
  for (const { name, folder, testFile } of kinds) {
    const inner = names.includes(folder) ? await readdir(join(dir, folder)).catch(() => []) : [];
    if (names.includes(testFile) || inner.includes(testFile)) found.push(name);
  }
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  if (only !== undefined) {
    throw new LimbeckError(
      "ARGUMENT",
      `the data folder ${dir} holds ${found.join(" and ")}; say which is meant as the data set`,
    );
  }
  const expected = kinds.map(({ testFile, title }) => `${testFile} of ${title}`).join(" or ");
  const got = names.length === 0 ? "nothing" : names.toSorted().slice(0, 10).join(", ");
  throw new LimbeckError(
    "DATA_MISSING",
    `the data folder ${dir} should hold ${expected}, in the binary layout; it holds ${got}`,
  );
}
