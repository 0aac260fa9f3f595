/** @file Steps in flight: an engine is given a step while the losses of the one before are still on their way. */

/**
 * Steps that are under way at a time. NOTE: each has a set of input buffers (`batchLoader`), and whoever stops a training
 * waits for all of them.
 */
export const mostInFlight = 2;

/** Work that was begun, told in the order in which it was. */
export class InFlight<Result> {
  readonly #underWay: Promise<Result>[] = [];

  /** How much was begun and not told. */
  get size(): number {
    return this.#underWay.length;
  }

  /** Begins work; an error of it, too, is told in its turn. */
  begin(work: () => Promise<Result>): void {
    const running = work();
    // NOTE: where work before it fails, nobody asks for it any more.
    running.catch(() => {});
    this.#underWay.push(running);
  }

  /** The result of what was begun first, which is told by this; `undefined` where all was. */
  next(): Promise<Result> | undefined {
    return this.#underWay.shift();
  }
}
