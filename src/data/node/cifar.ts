/** @file CIFAR-10 and CIFAR-100 from a given folder, or downloaded once. */
import type { Dataset } from "../dataset.ts";
import { fetchArchive } from "./archive.ts";
import { cacheFolder } from "./cache-folder.ts";
import { cifar10Archive, cifar100Archive } from "./cifar-archive.ts";
import { readCifar10, readCifar100 } from "./cifar-folder.ts";
import type { DownloadOptions } from "./download.ts";

/** Where the files are, or go. */
export interface CifarOptions extends DownloadOptions {
  readonly dir?: string;
  readonly cache?: string;
}

/** CIFAR-10 from `dir`; without it from the cache folder, after downloading the official archive if need be. Throws as `fetchArchive` and `readCifar10`. */
export async function loadCifar10({ dir, cache, ...options }: CifarOptions = {}): Promise<Dataset> {
  return readCifar10(dir ?? (await fetchArchive(cifar10Archive, cacheFolder(cache), options)), options);
}

/** CIFAR-100 in the same way. */
export async function loadCifar100({ dir, cache, ...options }: CifarOptions = {}): Promise<Dataset> {
  return readCifar100(dir ?? (await fetchArchive(cifar100Archive, cacheFolder(cache), options)), options);
}
