/** @file The table of data sets, and how one is loaded by name. */
import { unknownName } from "../nearest-name.ts";
import type { Dataset } from "./dataset.ts";
import { limit } from "./limit.ts";
import { shapes } from "./shapes.ts";
import type { DownloadProgress } from "./node/download.ts";

/** What every data set can be told; each takes what it has a use for. */
export interface LoadOptions {
  /** Folder that holds the files. Without it, they are downloaded once into the cache folder. */
  readonly dir?: string;
  /** Cache folder; else `LIMBECK_CACHE`, else the system's. */
  readonly cache?: string;
  /** The first so many training and test images only. */
  readonly limit?: number;
  /** Of a drawn data set. */
  readonly seed?: number;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
}

/** A row of the table. */
export interface DatasetEntry {
  /** One line for people. */
  readonly summary: string;
  /** All its images. */
  load(options?: LoadOptions): Promise<Dataset>;
}

/** Every data set by name. NOTE: those that read files import their readers only when loaded: a browser can have the table. */
export const datasets = {
  shapes: {
    summary: "ten kinds of figures, 32x32 RGB, drawn from a seed: 8,192 + 2,000 images, nothing to download",
    load: async ({ seed = 0 } = {}) => shapes({ seed }),
  },
  cifar10: {
    summary: "photographs of ten kinds of things, 32x32 RGB: 50,000 + 10,000 images, 170 MB to download once",
    load: async (options = {}) => (await import("./node/cifar10.ts")).loadCifar10(options),
  },
} as const satisfies Record<string, DatasetEntry>;

export type DatasetName = keyof typeof datasets;

/** Loads a data set, cut down to `limit`. Throws UNKNOWN_NAME, with the nearest name, for one that is not in the table; else as its reader. */
export async function loadDataset(name: string, options: LoadOptions = {}): Promise<Dataset> {
  if (!isDatasetName(name)) unknownName("data set", name, Object.keys(datasets));
  const dataset = await datasets[name].load(options);
  return options.limit === undefined ? dataset : limit(dataset, options.limit);
}

function isDatasetName(name: string): name is DatasetName {
  return Object.hasOwn(datasets, name);
}
