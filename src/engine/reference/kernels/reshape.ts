/** @file The same numbers under another shape. */
import { stridesOf } from "../../../tensor/shape.ts";
import type { Axes, Target } from "../../../tensor/ops/reshape.ts";
import { offsets, stretchedStrides, type Kernel } from "../kernel.ts";

export const reshape: Kernel<Target> = (_node, [x], y) => y.set(x!);

export const broadcastTo: Kernel<Target> = (node, [x], y) => {
  const from = offsets(node.shape, stretchedStrides(node.inputs[0]!.shape, node.shape));
  for (let i = 0; i < y.length; i++) y[i] = x![from[i]!]!;
};

export const permute: Kernel<Axes> = (node, [x], y) => {
  const strides = stridesOf(node.inputs[0]!.shape);
  const from = offsets(
    node.shape,
    node.attributes.axes.map((axis) => strides[axis]!),
  );
  for (let i = 0; i < y.length; i++) y[i] = x![from[i]!]!;
};
