/** @file Reductions over any axes, as those over one run of neighbours in memory. */
import { elementAt } from "../../elements.ts";
import type { Reduction } from "../../tensor/ops/broadcast.ts";
import { sizeOf, stridesOf, type Shape } from "../../tensor/shape.ts";
import { dense, type CopyBoxes } from "./box.ts";
import { memoryOrder } from "./layout.ts";
import type { ReduceShape } from "./sizes.ts";

/** What is made of a run: its sum, or its largest element, NaN if there is one. */
export type Reducer = "sum" | "max";

/** What an engine has for it. */
export interface Reducing<Memory, Kernel> {
  memory(label: string, elements: number): Memory;
  reduce(reducer: Reducer, shape: ReduceShape, x: Memory, y: Memory): Kernel[];
  readonly copyBoxes: CopyBoxes<Memory, Kernel>;
}

/** Reduces one run of neighbouring axes after the other, the innermost first. */
export function reduceOverAxes<Memory, Kernel>(
  { memory, reduce, copyBoxes }: Reducing<Memory, Kernel>,
  reducer: Reducer,
  shape: Shape,
  { axes, keepDims }: Reduction,
  x: Memory,
  y: Memory,
): Kernel[] {
  const sizeAlong = (part: readonly number[]): number => sizeOf(part.map((axis) => elementAt(shape, axis)));
  let order = memoryOrder(shape.length).filter((axis) => elementAt(shape, axis) > 1);
  const runs: ReduceShape[] = [];
  for (let end = order.length; end > 0; end--) {
    if (!axes.includes(elementAt(order, end - 1))) continue;
    let start = end - 1;
    while (start > 0 && axes.includes(elementAt(order, start - 1))) start--;
    runs.push({
      outer: sizeAlong(order.slice(0, start)),
      summed: sizeAlong(order.slice(start, end)),
      inner: sizeAlong(order.slice(end)),
    });
    order = [...order.slice(0, start), ...order.slice(end)];
    end = start + 1;
  }
  // What stays lies in the order it had; a result of another rank may want another.
  const kept = [...shape.keys()].filter((axis) => keepDims || !axes.includes(axis));
  const wanted = memoryOrder(kept.length)
    .map((i) => elementAt(kept, i))
    .filter((axis) => order.includes(axis));
  const isSorted = wanted.every((axis, i) => axis === order[i]);
  const reduced = isSorted ? y : memory(reducer, sizeAlong(order));
  const kernels: Kernel[] = [];
  let from = x;
  for (const [i, run] of runs.entries()) {
    const to = i === runs.length - 1 ? reduced : memory(`partial ${reducer}`, run.outer * run.inner);
    kernels.push(...reduce(reducer, run, from, to));
    from = to;
  }
  if (runs.length > 0 && isSorted) return kernels;
  const found = stridesOf(order.map((axis) => elementAt(shape, axis)));
  const loops = wanted.map((axis) => ({ size: elementAt(shape, axis), step: elementAt(found, order.indexOf(axis)) }));
  return [...kernels, ...copyBoxes(reducer, y, [dense(from, loops.length > 0 ? loops : [{ size: 1, step: 1 }])])];
}
