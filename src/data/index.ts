/** @file The table of data sets, and how one is loaded by name. */
import { LimbeckError } from "../errors.ts";
import { unknownName } from "../nearest-name.ts";
import type { Dataset } from "./dataset.ts";
import { checkLimit, limit } from "./subsets.ts";
import { shapes, shapesCounts } from "./shapes.ts";
import type * as CifarReader from "./node/cifar.ts";
import type { DownloadProgress } from "./node/download.ts";

/** Options of every data set; each takes those that it has a use for. */
export interface LoadOptions {
  /** Folder that holds the files. Without it, they are downloaded once into the cache folder. */
  readonly dir?: string | undefined;
  /** Cache folder; else `LIMBECK_CACHE`, else the system's. */
  readonly cache?: string | undefined;
  /** The first so many training and test images only. */
  readonly limit?: number | undefined;
  /** Of a drawn data set. */
  readonly seed?: number | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A row of the table. */
export interface DatasetEntry {
  /** One line for people. */
  readonly summary: string;
  /** Throws ARGUMENT for a limit or a seed out of range; else as its reader. */
  load(options?: LoadOptions): Promise<Dataset>;
}

/** Every data set by name. NOTE: those that read files import their readers only when loaded: a browser can have the table. */
export const datasets = {
  shapes: {
    summary: "ten kinds of figures, 32x32 RGB, drawn from a seed: 8,192 + 2,000 images, nothing to download",
    load: async ({ seed = 0, limit: most } = {}) => {
      if (most === undefined) return shapes({ seed });
      checkLimit(most); // an image depends on no other, so the rest need not be drawn
      const { train, test } = shapesCounts;
      return shapes({ seed, train: Math.min(most, train), test: Math.min(most, test) });
    },
  },
  cifar10: {
    summary: "photographs of ten kinds of things, 32x32 RGB: 50,000 + 10,000 images, 170 MB to download once",
    load: (options) => loadFiles("cifar10", ({ loadCifar10 }) => loadCifar10, options),
  },
  cifar100: {
    summary: "photographs of a hundred kinds of things, 32x32 RGB: 50,000 + 10,000 images, 169 MB to download once",
    load: (options) => loadFiles("cifar100", ({ loadCifar100 }) => loadCifar100, options),
  },
} as const satisfies Record<string, DatasetEntry>;

export type DatasetName = keyof typeof datasets;

/** Loads a data set. Throws UNKNOWN_NAME, with the nearest name, for one that is not in the table; else as its `load`. */
export async function loadDataset(name: string, options: LoadOptions = {}): Promise<Dataset> {
  if (!isDatasetName(name)) unknownName("data set", name, Object.keys(datasets));
  return datasets[name].load(options);
}

function isDatasetName(name: string): name is DatasetName {
  return Object.hasOwn(datasets, name);
}

async function loadFiles(
  name: string,
  readerOf: (module: Partial<typeof CifarReader>) => typeof CifarReader.loadCifar10 | undefined,
  { limit: most, ...options }: LoadOptions = {},
): Promise<Dataset> {
  if (most !== undefined) checkLimit(most); // before a long download
  // NOTE: bundlers for the browser leave the module empty; see the field `browser` of package.json.
  const load = readerOf(await import("./node/cifar.ts"));
  if (!load) {
    throw new LimbeckError(
      "UNSUPPORTED",
      `${name} is read from files, which only Node can do; in a page, take shapes, or make a Dataset from bytes`,
    );
  }
  const dataset = await load(options);
  return most === undefined ? dataset : limit(dataset, most);
}
