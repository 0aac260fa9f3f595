/** @file When states changed, so that what was computed from them is known to be out of date. */
import type { Tensor } from "../tensor/tensor.ts";

/** A clock that goes on with every change of a state. */
export class Changes {
  #now = 0;
  readonly #times = new WeakMap<Tensor, number>();

  /** The time of the last change. */
  get now(): number {
    return this.#now;
  }

  /** Notes that these states have changed. */
  add(states: Iterable<Tensor>): void {
    for (const state of states) this.#times.set(state, ++this.#now);
  }

  /** Whether one of these states has changed after `time`. */
  since(time: number, states: Iterable<Tensor>): boolean {
    if (time === this.#now) return false;
    for (const state of states) if ((this.#times.get(state) ?? 0) > time) return true;
    return false;
  }
}
