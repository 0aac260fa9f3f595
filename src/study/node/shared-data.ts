/** @file Data sets in memory, loaded once for all runs of a process. */
import { dataKeys, loadData } from "../../experiment/node/load-data.ts";

/** Data sets that are kept: a study's runs go from one to the next in order. */
const KEPT = 2;

type Loaded = ReturnType<typeof loadData>;

/** Loads as `loadData`, but what it has loaded for the same settings. */
export class SharedData {
  readonly #loaded = new Map<string, Loaded>();

  readonly load: typeof loadData = (config, options, own) => {
    // The seed matters where validation images are held out by it.
    const isSeeded = config.validation !== undefined;
    const key = JSON.stringify(dataKeys.map((name) => (name === "seed" && !isSeeded ? null : (config[name] ?? null))));
    const known = this.#loaded.get(key) ?? loadData(config, options, own);
    this.#loaded.delete(key);
    this.#loaded.set(key, known);
    known.catch(() => this.#loaded.delete(key));
    for (const old of [...this.#loaded.keys()].slice(0, -KEPT)) this.#loaded.delete(old);
    return known;
  };
}
