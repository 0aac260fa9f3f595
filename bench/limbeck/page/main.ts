/** @file A page that times steps when asked. */
import { limbeckContender, type Contender, type LimbeckOptions, type Work } from "../../../src/benchmark/index.ts";

/** What the benchmark calls, as the global `benchmark`. */
export interface PageBenchmark {
  /** Returns the engine's description. */
  open(work: Work, options: LimbeckOptions): Promise<string | undefined>;
  /** Milliseconds of so many steps. */
  time(steps: number): Promise<number>;
}

let contender: Contender | undefined;

const benchmark: PageBenchmark = {
  async open(work, options) {
    contender = await limbeckContender(work, options);
    return contender.engine;
  },
  time: (steps) => contender!.time(steps),
};

Object.assign(globalThis, { benchmark });
