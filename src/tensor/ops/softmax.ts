/** @file Softmax over the last axis, and its logarithm. */
import { shapeError } from "../shape.ts";
import { apply, type Op, type Tensor } from "../tensor.ts";
import { exp, mul, sub } from "./elementwise.ts";
import { sum } from "./reduce.ts";

type None = Readonly<Record<never, never>>;

/** y = x - log Σ e^x over the last axis, the largest entry taken out first so that nothing overflows. */
export const logSoftmaxOp: Op<None> = {
  name: "logSoftmax",
  shape: ([x]) => {
    if (x!.shape.length === 0) shapeError("logSoftmax", "x", "of at least one axis", x!.shape);
    return x!.shape;
  },
  gradient: (node, g) => [sub(g, mul(exp(node), sum(g, { axes: [-1], keepDims: true })))],
};

/** log(softmax(x)) over the last axis. */
export function logSoftmax(x: Tensor): Tensor {
  return apply(logSoftmaxOp, [x], {});
}

/** e^x / Σ e^x over the last axis. */
export function softmax(x: Tensor): Tensor {
  return exp(logSoftmax(x));
}
