/** @file Sums and largest elements over axes. */
import { aNumber, anObject, checkArguments, listOf } from "../../arguments.ts";
import { normaliseAxes, sameShape, type Shape } from "../shape.ts";
import { apply, aTensor, type Op, type Tensor } from "../tensor.ts";
import { div, equal, mul } from "./elementwise.ts";
import { broadcastTo, reshape } from "./reshape.ts";

export interface Reduction {
  /** Sorted, from 0. */
  readonly axes: readonly number[];
  /** Whether the axes stay, with size 1. */
  readonly keepDims: boolean;
}

/** Σ over `axes`. */
export const sumOp: Op<Reduction> = {
  name: "sum",
  shape: ([x], attributes) => reducedShape(x!.shape, attributes),
  gradient: (node, g) => {
    const { shape } = node.inputs[0]!;
    return [broadcastTo(reshape(g, reducedShape(shape, { axes: node.attributes.axes, keepDims: true })), shape)];
  },
};

/** The largest over `axes`, NaN if there is one. Equal largest ones share the gradient evenly, as PyTorch's `amax` has it. */
export const maxOp: Op<Reduction> = {
  name: "max",
  shape: ([x], attributes) => reducedShape(x!.shape, attributes),
  gradient: (node, g) => {
    const x = node.inputs[0]!;
    const kept = { axes: node.attributes.axes, keepDims: true };
    const shape = reducedShape(x.shape, kept);
    const isLargest = equal(x, reshape(node, shape));
    return [mul(isLargest, div(broadcastTo(reshape(g, shape), shape), apply(sumOp, [isLargest], kept)))];
  },
};

/** Which axes to reduce (all, if not said; negative ones count from the end), and whether they stay with size 1. */
export interface ReduceOptions {
  readonly axes?: readonly number[];
  readonly keepDims?: boolean;
}

/** Σx over axes. Throws ARGUMENT for axes x does not have. */
export function sum(x: Tensor, options: ReduceOptions = {}): Tensor {
  const { axes, keepDims } = reductionOf("sum", x, options);
  return apply(sumOp, [x], { axes, keepDims });
}

/** The largest of x over axes, NaN if there is one; equal largest ones share the gradient evenly. Throws ARGUMENT for axes x does not have. */
export function max(x: Tensor, options: ReduceOptions = {}): Tensor {
  const { axes, keepDims } = reductionOf("max", x, options);
  return apply(maxOp, [x], { axes, keepDims });
}

/** The mean over axes: Σx / (number of elements summed). */
export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
  const total = sum(x, options);
  return mul(total, total.size / x.size);
}

/** Undoes broadcasting: sums g over the axes along which a tensor of `shape` was stretched to g's. */
export function sumTo(g: Tensor, shape: Shape): Tensor {
  if (sameShape(g.shape, shape)) return g;
  // NOTE: a gradient may itself still be narrower than its tensor (a scalar 1, say); then there is nothing to sum.
  const added = g.shape.length - shape.length;
  const axes = [...g.shape.keys()].filter((axis) => axis < added || (shape[axis - added] === 1 && g.shape[axis] !== 1));
  return axes.length > 0 ? reshape(sum(g, { axes, keepDims: true }), shape) : broadcastTo(g, shape);
}

/** Throws ARGUMENT for axes x does not have. */
function reductionOf(op: string, x: Tensor, options: ReduceOptions): Reduction {
  checkArguments(op, { x: [x, aTensor], options: [options, anObject] });
  const { axes = [...x.shape.keys()], keepDims = false } = options;
  checkArguments(op, { axes: [axes, listOf(aNumber)] });
  return { axes: normaliseAxes(op, axes, x.shape.length), keepDims };
}

function reducedShape(shape: Shape, { axes, keepDims }: Reduction): Shape {
  return keepDims
    ? shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
    : shape.filter((_, axis) => !axes.includes(axis));
}
