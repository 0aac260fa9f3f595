/** @file A page that times steps when asked. */
import { limbeckContender, type Contender, type Work } from "../../../src/speed/index.ts";

/** What the benchmark calls, as the global `speed`. */
export interface Speed {
  open(work: Work, threads: number): Promise<void>;
  /** Milliseconds of so many steps. */
  time(steps: number): Promise<number>;
}

let contender: Contender | undefined;

const speed: Speed = {
  async open(work, threads) {
    contender = await limbeckContender(work, { threads });
  },
  time: (steps) => contender!.time(steps),
};

Object.assign(globalThis, { speed });
