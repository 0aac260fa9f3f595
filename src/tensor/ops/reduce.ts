/** @file Over axes: the largest element, the mean, and softmax. */
import {
  broadcastTo,
  reductionOf,
  reducedShape,
  reshape,
  sum,
  sumOp,
  type ReduceOptions,
  type Reduction,
} from "./broadcast.ts";
import { shapeError } from "../shape.ts";
import { apply, type None, type Op, type Tensor, type Unary } from "../tensor.ts";
import { div, equal, exp, mul, sub } from "./elementwise.ts";

/** The largest over `axes`, NaN if there is one. Equal largest ones share the gradient evenly, as PyTorch's `amax` has it. */
export const maxOp: Op<Reduction, Unary> = {
  name: "max",
  shape: ([x], attributes) => reducedShape(x.shape, attributes),
  gradient: (node, g) => {
    const x = node.inputs[0];
    const kept = { axes: node.attributes.axes, keepDims: true };
    const shape = reducedShape(x.shape, kept);
    const isLargest = equal(x, reshape(node, shape));
    return [mul(isLargest, div(broadcastTo(reshape(g, shape), shape), apply(sumOp, [isLargest], kept)))];
  },
};

/** y = x - log Σ e^x over the last axis, the largest entry taken out first so that nothing overflows. */
export const logSoftmaxOp: Op<None, Unary> = {
  name: "logSoftmax",
  shape: ([x]) => {
    if (x.shape.length === 0) shapeError("logSoftmax", "x", "of at least one axis", x.shape);
    return x.shape;
  },
  gradient: (node, g) => [sub(g, mul(exp(node), sum(g, { axes: [-1], keepDims: true })))],
};

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

/** log(softmax(x)) over the last axis. */
export function logSoftmax(x: Tensor): Tensor {
  return apply(logSoftmaxOp, [x], {});
}

/** e^x / Σ e^x over the last axis. */
export function softmax(x: Tensor): Tensor {
  return exp(logSoftmax(x));
}
