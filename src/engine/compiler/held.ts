/** @file How much memory is held at a time, while dispatches are run in some order: each span from the first that touches it to the last. */
import type { Dispatch, Span } from "./dispatch.ts";

export class Held<Memory extends Span> {
  /** How many dispatches are still to touch a span; none for memory that is always held. */
  readonly #uses = new Map<Memory, number>();
  readonly #held = new Set<Memory>();
  #bytes = 0;

  constructor(dispatches: readonly Dispatch<Memory>[], fixed: ReadonlySet<Memory>) {
    for (const span of dispatches.flatMap(touched))
      if (!fixed.has(span)) this.#uses.set(span, (this.#uses.get(span) ?? 0) + 1);
  }

  /** Bytes held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes that a dispatch would add. */
  more(dispatch: Dispatch<Memory>): number {
    return touched(dispatch).reduce((sum, span) => sum + (this.#isNew(span) ? span.bytes : 0), 0);
  }

  /** A dispatch begins. */
  take(dispatch: Dispatch<Memory>): void {
    this.#bytes += this.more(dispatch);
    for (const span of touched(dispatch)) if (this.#isNew(span)) this.#held.add(span);
  }

  /** A dispatch has ended, with what nobody is still to touch. */
  release(dispatch: Dispatch<Memory>): void {
    for (const span of touched(dispatch)) {
      const left = (this.#uses.get(span) ?? 0) - 1;
      if (left === 0) this.#bytes -= span.bytes;
      if (left >= 0) this.#uses.set(span, left);
    }
  }

  #isNew(span: Memory): boolean {
    return this.#uses.has(span) && !this.#held.has(span);
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

/** What a dispatch reads or writes, each once. */
export function touched<Memory extends Span>({ reads, writes }: Dispatch<Memory>): Memory[] {
  return [...new Set([...reads, ...writes])];
}
