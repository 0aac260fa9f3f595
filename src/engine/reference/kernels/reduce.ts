/** @file Sums over axes. */
import { stridesOf } from "../../../tensor/shape.ts";
import type { Reduction } from "../../../tensor/ops/reduce.ts";
import { offsets, type Kernel } from "../kernel.ts";

/** Adds each element of x to the total that shares its other coordinates. */
export const sum: Kernel<Reduction> = (node, [x], y) => {
  const { shape } = node.inputs[0]!;
  const { axes } = node.attributes;
  const keptStrides = stridesOf(shape.map((size, axis) => (axes.includes(axis) ? 1 : size)));
  const totalOf = offsets(
    shape,
    keptStrides.map((stride, axis) => (axes.includes(axis) ? 0 : stride)),
  );
  const totals = new Float64Array(y.length);
  for (let i = 0; i < x!.length; i++) totals[totalOf[i]!]! += x![i]!;
  y.set(totals);
};
