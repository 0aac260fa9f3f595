/** @file Softmax over the last axis, and picking one entry of each row. */
import { formatShape, shapeError } from "../shape.ts";
import { LimbeckError } from "../../errors.ts";
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

/** y[n] = x[n, index[n]]; an index outside the row is undefined behaviour that engines report as NaN. */
export const pickOp: Op<None> = {
  name: "pick",
  shape: ([x, index]) => {
    if (x!.shape.length !== 2) shapeError("pick", "x", "[N, C]", x!.shape);
    if (index!.dtype !== "int32" || index!.shape.length !== 1 || index!.shape[0] !== x!.shape[0]) {
      throw new LimbeckError(
        "SHAPE",
        `pick: the index should be int32 [${x!.shape[0]}], got ${index!.dtype} ${formatShape(index!.shape)}`,
      );
    }
    return [x!.shape[0]!];
  },
  gradient: (node, g) => [apply(pickGradOp, [g, node.inputs[1]!], { columns: node.inputs[0]!.shape[1]! }), null],
};

/** dL/dx of pick: g[n] at column index[n] of row n, zeros elsewhere. Inputs: g [N], index [N]. */
export const pickGradOp: Op<{ readonly columns: number }> = {
  name: "pickGrad",
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

/** x[n, index[n]] for x [N, C] and int32 index [N]. Throws SHAPE. */
export function pick(x: Tensor, index: Tensor): Tensor {
  return apply(pickOp, [x, index], {});
}
