/** @file The same elements in another order or another place: permutations, NCHW to NHWC and back, tensors behind each other. */
import { sizeOf, type Shape } from "../../../tensor/shape.ts";
import { joinLoops } from "../../wasm/kernels/layout.ts";
import { literal } from "./functions.ts";
import { kernel, type Buffer, type Kernel } from "./kernel.ts";
import { place } from "./place.ts";

/** A part of a result: elements walked in loops, and where they come from; zeros if from nowhere. Steps and offsets in elements. */
export interface Box {
  readonly from: Buffer | null;
  readonly fromOffset: number;
  readonly toOffset: number;
  readonly loops: readonly { readonly size: number; readonly from: number; readonly to: number }[];
}

/** Fills `to` from boxes that lie apart, a dispatch each. */
export function copyBoxes(label: string, to: Buffer, boxes: readonly Box[]): Kernel[] {
  return boxes.map(({ from, fromOffset, toOffset, loops }) => {
    const joined = joinLoops(
      2,
      loops.map((loop) => ({ size: loop.size, steps: [loop.from, loop.to] })),
    );
    return kernel({
      label,
      reads: { x: from ?? undefined },
      writes: { y: to },
      count: sizeOf(loops.map(({ size }) => size)),
      body: ({ x, y }) => {
        const value = from ? `${x}[${fromOffset}u + ${place("i", joined, 0)}]` : `${to.type}()`;
        return `  ${y}[${toOffset}u + ${place("i", joined, 1)}] = ${value};`;
      },
    });
  });
}

/** Copies into `to`, whose elements lie in the order of `loops`; each loop's step is the source's. */
export function copy(
  label: string,
  from: Buffer,
  to: Buffer,
  loops: readonly { readonly size: number; readonly step: number }[],
): Kernel[] {
  const box = loops.map(({ size, step }, i) => ({
    size,
    from: step,
    to: sizeOf(loops.slice(i + 1).map((inner) => inner.size)),
  }));
  return copyBoxes(label, to, [{ from, fromOffset: 0, toOffset: 0, loops: box }]);
}

/** Copies a tensor whose logical axes lie `steps` apart into one whose axes lie in `order`, outermost first. */
export function reorder(
  label: string,
  shape: Shape,
  from: Buffer,
  steps: readonly number[],
  to: Buffer,
  order: readonly number[],
): Kernel[] {
  return copy(
    label,
    from,
    to,
    order.map((axis) => ({ size: shape[axis]!, step: steps[axis]! })),
  );
}

/** One number. */
export function fill(to: Buffer, value: number): Kernel {
  return kernel({
    label: `constant ${value}`,
    reads: {},
    writes: { y: to },
    count: 1,
    body: ({ y }) => `  ${y}[0] = ${literal(value)};`,
  });
}

/** y[c·groups + g] = x[g·C / groups + c] of each pixel's C channels */
export function channelShuffle(pixels: number, channels: number, groups: number, x: Buffer, y: Buffer): Kernel[] {
  const each = channels / groups;
  return copy(`channelShuffle ${pixels}×${channels}`, x, y, [
    { size: pixels, step: channels },
    { size: each, step: 1 },
    { size: groups, step: each },
  ]);
}
