/** @file Softmax over the last axis, and picking entries of each row. */
import { aNumber, checkArguments } from "../../arguments.ts";
import { shapeError } from "../shape.ts";
import { apply, aTensor, constant, type Op, type Tensor } from "../tensor.ts";
import { exp, mul, sub } from "./elementwise.ts";
import { broadcastTo } from "./reshape.ts";
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

/** y[n] = x[n, index[n]], or of several indices a row y[n, k] = x[n, index[n, k]]; an index outside the row gives NaN. */
export const pickOp: Op<None> = {
  name: "pick",
  int32Inputs: [1],
  shape: ([x, index]) => {
    if (x!.shape.length !== 2) shapeError("pick", "x", "[N, C]", x!.shape);
    const { shape } = index!;
    if (shape.length < 1 || shape.length > 2 || shape[0] !== x!.shape[0])
      shapeError("pick", "the index", `[${x!.shape[0]}] or [${x!.shape[0]}, K]`, shape);
    return shape;
  },
  gradient: (node, g) => [apply(pickGradOp, [g, node.inputs[1]!], { columns: node.inputs[0]!.shape[1]! }), null],
};

/** dL/dx of pick: g[n] added at column index[n] of row n, in the order of k for several; zeros elsewhere. Inputs: g and index, [N] or [N, K]. */
export const pickGradOp: Op<{ readonly columns: number }> = {
  name: "pickGrad",
  int32Inputs: [1],
  shape: ([g], { columns }) => [g!.shape[0]!, columns],
};

/** log(softmax(x)) over the last axis. */
export function logSoftmax(x: Tensor): Tensor {
  return apply(logSoftmaxOp, [x], {});
}

/** e^x / Σ e^x over the last axis. */
export function softmax(x: Tensor): Tensor {
  return exp(logSoftmax(x));
}

/** x[n, index[n]] for x [N, C] and int32 index [N], or [N, K] of K entries a row for an index [N, K]. Throws SHAPE. */
export function pick(x: Tensor, index: Tensor): Tensor {
  return apply(pickOp, [x, index], {});
}

/**
 * [N, classes]: row n has 1 at column labels[n], zeros elsewhere; a label outside gives a row of zeros. `labels` int32 [N].
 * Throws SHAPE, also for classes that are no whole number from 1.
 */
export function oneHot(labels: Tensor, classes: number): Tensor {
  checkArguments("oneHot", { labels: [labels, aTensor], classes: [classes, aNumber] });
  if (labels.shape.length !== 1) shapeError("oneHot", "the labels", "[N]", labels.shape);
  return apply(pickGradOp, [broadcastTo(constant(1), labels.shape), labels], { columns: classes });
}
