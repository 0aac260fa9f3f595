/** @file What an attack is: many random tries at one part, each of which should end in the right result or a coded error. */

/** What an attack found. */
export interface Findings {
  readonly tried: number;
  /** One line for each try that ended wrongly: the seed that makes it again, and what was seen. */
  readonly faults: readonly string[];
}

export interface AttackOptions {
  readonly count: number;
  /** The same seed makes the same tries. */
  readonly seed: number;
  /** Told now and then how many tries are done. */
  readonly onProgress?: (done: number) => void;
}

/** Tries a part `count` times. Faults are returned, not thrown. */
export type Attack = (options: AttackOptions) => Promise<Findings>;
