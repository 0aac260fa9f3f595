/** @file Data sets in memory, loaded once for all runs of a process. */
import { loadData, type DataConfig } from "../../experiment/node/load-data.ts";

/** Data sets that are kept: a study's runs go from one to the next in order. */
const KEPT = 2;

const keys = [
  "dataset",
  "dataDir",
  "limit",
  "validation",
  "keep",
  "tested",
  "size",
  "channels",
  "test",
  "skipBroken",
  "exif",
  "unlabelled",
  "mean",
  "std",
] as const satisfies readonly (keyof DataConfig)[];

type Loaded = ReturnType<typeof loadData>;

/** Loads as `loadData`, but what it has loaded for the same settings. */
export class SharedData {
  readonly #loaded = new Map<string, Loaded>();

  readonly load: typeof loadData = (config, options, own) => {
    // The seed matters where validation images are held out by it.
    const key = JSON.stringify([
      ...keys.map((name) => config[name] ?? null),
      config.validation === undefined ? null : config.seed,
    ]);
    const known = this.#loaded.get(key) ?? loadData(config, options, own);
    this.#loaded.delete(key);
    this.#loaded.set(key, known);
    known.catch(() => this.#loaded.delete(key));
    for (const old of [...this.#loaded.keys()].slice(0, -KEPT)) this.#loaded.delete(old);
    return known;
  };
}
