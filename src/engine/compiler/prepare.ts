/** @file What a program computes from states that it leaves as they are: the same at every run, until something else changes one of them. */
import type { Dispatch, Span } from "./dispatch.ts";

/** A program's dispatches by how often they are run, each list in the program's order. */
export interface Prepared<ADispatch, Memory> {
  /** Before the first run, and again before a run that finds a state changed. */
  readonly once: readonly ADispatch[];
  readonly everyRun: readonly ADispatch[];
  /** What `once` writes and is read afterwards. It stays in memory between runs, and nothing else may lie there. */
  readonly kept: ReadonlySet<Memory>;
}

/**
 * Finds the dispatches that touch nothing that changes from run to run. `varying` is what does by itself: inputs, and states
 * that the program updates. `wanted` is read when a run ends. A dispatch that puts a part into memory that another one fills is
 * run whenever that one is.
 */
export function prepare<Memory extends Span, ADispatch extends Dispatch<Memory>>(
  dispatches: readonly ADispatch[],
  given: { readonly varying: Iterable<Memory>; readonly wanted: Iterable<Memory> },
): Prepared<ADispatch, Memory> {
  const varying = new Set(given.varying);
  for (let before = -1; before < varying.size;) {
    before = varying.size;
    for (const { reads, writes } of dispatches) {
      if (!reads.some((span) => varying.has(span)) && !writes.some((span) => varying.has(span))) continue;
      for (const span of writes) varying.add(span);
    }
  }
  const isOnce = ({ writes }: ADispatch): boolean => !writes.some((span) => varying.has(span));
  const once = dispatches.filter(isOnce);
  const everyRun = dispatches.filter((dispatch) => !isOnce(dispatch));
  const read = new Set([...given.wanted, ...everyRun.flatMap(({ reads }) => reads)]);
  return { once, everyRun, kept: new Set(once.flatMap(({ writes }) => writes).filter((span) => read.has(span))) };
}
