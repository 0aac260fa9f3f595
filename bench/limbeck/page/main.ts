/** @file A page that times steps when asked. */
import { limbeckContender, type Contender, type Work } from "../../../src/benchmark/index.ts";

/** What the benchmark calls, as the global `benchmark`. */
export interface PageBenchmark {
  open(work: Work, threads: number): Promise<void>;
  /** Milliseconds of so many steps. */
  time(steps: number): Promise<number>;
}

let contender: Contender | undefined;

const benchmark: PageBenchmark = {
  async open(work, threads) {
    contender = await limbeckContender(work, { threads });
  },
  time: (steps) => contender!.time(steps),
};

Object.assign(globalThis, { benchmark });
