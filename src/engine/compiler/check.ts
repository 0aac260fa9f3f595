/** @file What must hold of every lowered graph, looked at apart from how it was made: a graph that would compute less than was asked is never run. */
import { valueAt } from "../../elements.ts";
import { formatShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Fusion } from "./fuse.ts";
import type { Prepared } from "./prepare.ts";
import type { Dispatch, Span } from "./dispatch.ts";

/** Throws unless each node that computes something is in one group, and each group comes after those it reads. */
export function checkGroups(nodes: readonly Tensor[], { groups, origin }: Fusion): void {
  const asked = new Set(nodes);
  const computed = new Set<Tensor>();
  for (const group of groups) {
    for (const node of group.nodes) {
      for (const x of node.inputs) {
        if (asked.has(origin(x)) && !computed.has(origin(x)))
          throw new Error(`${describe(node)} would be computed before ${describe(origin(x))}, which it reads`);
      }
      if (computed.has(node)) throw new Error(`${describe(node)} would be computed twice`);
      computed.add(node);
    }
  }
  for (const node of nodes) if (!computed.has(node)) throw new Error(`${describe(node)} would not be computed`);
}

/** Throws unless each dispatch reads what is `given` or was written before, and all that is `wanted` is written in the end. */
export function checkDispatches<Memory extends Span>(
  dispatches: readonly Dispatch<Memory>[],
  { given, wanted }: { readonly given: Iterable<Memory>; readonly wanted: Iterable<Memory> },
): void {
  const filled = new Set(given);
  const written = new Set<Memory>();
  for (const dispatch of dispatches) {
    for (const span of dispatch.reads)
      if (!filled.has(span)) throw new Error(`${dispatch.label} would read ${span.label}, which nothing has written`);
    for (const span of dispatch.writes) {
      filled.add(span);
      written.add(span);
    }
  }
  for (const span of wanted) if (!written.has(span)) throw new Error(`nothing would write ${span.label}`);
}

/**
 * Throws unless what is run once stays right whatever each run does to `varying` memory: it touches none of that, and every
 * run neither writes what it reads or has written, nor reads that before all of it was.
 */
export function checkPrepared<Memory extends Span, ADispatch extends Dispatch<Memory>>(
  dispatches: readonly ADispatch[],
  { once, everyRun, kept }: Prepared<ADispatch, Memory>,
  varying: Iterable<Memory>,
): void {
  const changes = new Set([...varying, ...everyRun.flatMap(({ writes }) => writes)]);
  const left = new Map<Memory, number>();
  for (const { label, reads, writes } of once) {
    const changed = [...reads, ...writes].find((span) => changes.has(span));
    if (changed) throw new Error(`${label} would be run once, but ${changed.label} changes with every run`);
    for (const span of writes) left.set(span, (left.get(span) ?? 0) + 1);
  }
  const isOnce = new Set(once);
  for (const dispatch of dispatches) {
    if (isOnce.has(dispatch)) for (const span of dispatch.writes) left.set(span, valueAt(left, span) - 1);
    else
      for (const span of dispatch.reads) {
        const writers = left.get(span);
        if (writers === undefined) continue;
        if (writers > 0) throw new Error(`${dispatch.label} would read what ${span.label} is only later`);
        if (!kept.has(span)) throw new Error(`${dispatch.label} would read ${span.label}, which is not kept`);
      }
  }
}

function describe({ op, shape }: Tensor): string {
  return `${op.name} ${formatShape(shape)}`;
}
