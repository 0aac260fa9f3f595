/** @file What the runs of a process share: data sets in memory, loaded once, and what was computed of teachers. */
import { dataKeys, loadData } from "../../experiment/node/index.ts";
import { SharedWork } from "../../experiment/index.ts";
import { keepTargets } from "./kept-targets.ts";

/** Data sets that are kept: a study's runs go from one to the next in order. */
const KEPT = 2;
/** Of teachers' outputs, held for the runs to come. */
const KEPT_BYTES = 2 ** 30;

type Loaded = ReturnType<typeof loadData>;

/** One for all that a process does for a study in a folder. */
export class Shared {
  readonly work: SharedWork;
  readonly #loaded = new Map<string, Loaded>();

  constructor(folder: string) {
    this.work = new SharedWork(KEPT_BYTES, keepTargets(folder));
  }

  /** Loads as `loadData`, but what it has loaded for the same settings. */
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
