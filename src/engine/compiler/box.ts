/** @file What data movement is made of: boxes of elements, walked in loops where they lie and where they go. */
import { elementAt } from "../../elements.ts";
import { sizeOf, type Shape } from "../../tensor/shape.ts";

/** A part of a result: elements walked in loops, and where they come from; zeros if from nowhere. Steps and offsets in elements. */
export interface Box<Memory> {
  readonly from: Memory | null;
  readonly fromOffset: number;
  readonly toOffset: number;
  readonly loops: readonly { readonly size: number; readonly from: number; readonly to: number }[];
}

/** Fills `to` from boxes that lie apart. */
export type CopyBoxes<Memory, Kernel> = (label: string, to: Memory, boxes: readonly Box<Memory>[]) => Kernel[];

/** All of a result, whose elements lie in the order of `loops`; each loop's step is the source's. */
export function dense<Memory>(
  from: Memory,
  loops: readonly { readonly size: number; readonly step: number }[],
): Box<Memory> {
  const walked = loops.map(({ size, step }, i) => ({
    size,
    from: step,
    to: sizeOf(loops.slice(i + 1).map((inner) => inner.size)),
  }));
  return { from, fromOffset: 0, toOffset: 0, loops: walked };
}

/** The first elements of a piece of memory, as they lie. */
export function whole<Memory>(from: Memory, size: number): Box<Memory> {
  return dense(from, [{ size, step: 1 }]);
}

/** A tensor of `shape` whose axes lie `steps` apart, brought into an order of its axes, outermost first. */
export function reordered<Memory>(
  shape: Shape,
  from: Memory,
  steps: readonly number[],
  order: readonly number[],
): Box<Memory> {
  return dense(
    from,
    order.map((axis) => ({ size: elementAt(shape, axis), step: elementAt(steps, axis) })),
  );
}
