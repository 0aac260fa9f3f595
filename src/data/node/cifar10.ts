/** @file CIFAR-10 from a given folder, or downloaded once. */
import type { Dataset } from "../dataset.ts";
import { fetchArchive } from "./archive.ts";
import { cacheFolder } from "./cache-folder.ts";
import { cifar10Archive } from "./cifar-archive.ts";
import { readCifar10 } from "./cifar-folder.ts";
import type { DownloadOptions } from "./download.ts";

/** Where the files are, or go. */
export interface Cifar10Options extends DownloadOptions {
  readonly dir?: string;
  readonly cache?: string;
}

/** CIFAR-10 from `dir`; without it from the cache folder, after downloading the official archive if need be. Throws as `fetchArchive` and `readCifar10`. */
export async function loadCifar10({ dir, cache, ...options }: Cifar10Options = {}): Promise<Dataset> {
  return readCifar10(dir ?? (await fetchArchive(cifar10Archive, cacheFolder(cache), options)), options);
}
