/** @file How much memory is held at a time, while dispatches are run in some order: each span from the first that touches it to the last. */
import { valueAt } from "../../elements.ts";
import type { Dispatch, Span } from "./dispatch.ts";

export class Held<Memory extends Span> {
  /** How many dispatches are still to touch a span. */
  readonly #uses = new Map<Memory, number>();
  readonly #held = new Set<Memory>();
  /** What each dispatch reads or writes, each span once. */
  readonly #touched: ReadonlyMap<Dispatch<Memory>, readonly Memory[]>;
  #bytes = 0;

  constructor(dispatches: readonly Dispatch<Memory>[], fixed: ReadonlySet<Memory>) {
    const touched = (dispatch: Dispatch<Memory>): Memory[] =>
      [...new Set([...dispatch.reads, ...dispatch.writes])].filter((span) => !fixed.has(span));
    this.#touched = new Map(dispatches.map((dispatch) => [dispatch, touched(dispatch)]));
    for (const spans of this.#touched.values())
      for (const span of spans) this.#uses.set(span, (this.#uses.get(span) ?? 0) + 1);
  }

  /** Bytes held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes that a dispatch would add. */
  more(dispatch: Dispatch<Memory>): number {
    let bytes = 0;
    for (const span of valueAt(this.#touched, dispatch)) if (!this.#held.has(span)) bytes += span.bytes;
    return bytes;
  }

  /** A dispatch begins. */
  take(dispatch: Dispatch<Memory>): void {
    this.#bytes += this.more(dispatch);
    for (const span of valueAt(this.#touched, dispatch)) this.#held.add(span);
  }

  /** A dispatch has ended, with what nobody is still to touch. */
  release(dispatch: Dispatch<Memory>): void {
    for (const span of valueAt(this.#touched, dispatch)) {
      const left = valueAt(this.#uses, span) - 1;
      if (left === 0) this.#bytes -= span.bytes;
      this.#uses.set(span, left);
    }
  }
}

/** The most that is held at a time by dispatches that are run one after the other. */
export function peakOf<Memory extends Span>(
  dispatches: readonly Dispatch<Memory>[],
  fixed: ReadonlySet<Memory>,
): number {
  const held = new Held(dispatches, fixed);
  let peak = 0;
  for (const dispatch of dispatches) {
    held.take(dispatch);
    peak = Math.max(peak, held.bytes);
    held.release(dispatch);
  }
  return peak;
}
