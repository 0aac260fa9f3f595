/** @file Rows by their numbers: taken out of a matrix, and put into one. */
import { checkArguments } from "../../arguments.ts";
import { formatShape, sameShape, shapeError } from "../shape.ts";
import { apply, aTensor, type Op, type Tensor } from "../tensor.ts";
import { reshape } from "./reshape.ts";

type None = Readonly<Record<never, never>>;

/** y[k] = x[index[k]] for x [M, D] and the indices in row-major order; a row of NaN for an index outside. */
export const takeOp: Op<None> = {
  name: "take",
  int32Inputs: [1],
  shape: ([x, indices]) => {
    if (x!.shape.length !== 2) shapeError("take", "x", "a matrix", x!.shape);
    return [indices!.size, x!.shape[1]!];
  },
  gradient: (node, g) => [apply(takeGradOp, [g, node.inputs[1]!], { rows: node.inputs[0]!.shape[0]! }), null],
};

/** dL/dx of take: row m is the sum of the g[k] with index[k] = m, in the order of k. Inputs: g [K, D], the K indices. */
export const takeGradOp: Op<{ readonly rows: number }> = {
  name: "takeGrad",
  int32Inputs: [1],
  shape: ([g], { rows }) => [rows, g!.shape[1]!],
  gradient: (node, g) => [apply(takeOp, [g, node.inputs[1]!], {}), null],
};

/**
 * x [M, D] with row index[k] replaced by values[k], in the order of k. Inputs: x, indices [K], values [K, D]. Not
 * differentiable: what it serves, a memory bank, is kept and not learned.
 */
export const putRowsOp: Op<None> = {
  name: "putRows",
  int32Inputs: [1],
  shape: ([x, indices, values]) => {
    if (x!.shape.length !== 2) shapeError("putRows", "x", "a matrix", x!.shape);
    const expected = [indices!.size, x!.shape[1]!];
    if (!sameShape(values!.shape, expected)) shapeError("putRows", "the values", formatShape(expected), values!.shape);
    return x!.shape;
  },
};

/**
 * Rows of x [M, ...] by int32 indices of any shape: [...indices, ...]. An index outside 0 to M - 1 gives NaN, and passes no
 * gradient on. Throws SHAPE.
 */
export function take(x: Tensor, indices: Tensor): Tensor {
  checkArguments("take", { x: [x, aTensor], indices: [indices, aTensor] });
  const [rows, ...rest] = x.shape;
  if (rows === undefined) shapeError("take", "x", "of at least one axis", x.shape);
  return reshape(apply(takeOp, [reshape(x, [rows, x.size / rows]), indices], {}), [...indices.shape, ...rest]);
}

/**
 * x [M, ...] with rows replaced: row indices[k] becomes values[k], for int32 indices [K] and values [K, ...]. Of equal
 * indices the last one wins; one outside 0 to M - 1 replaces nothing. Throws SHAPE.
 */
export function putRows(x: Tensor, indices: Tensor, values: Tensor): Tensor {
  checkArguments("putRows", { x: [x, aTensor], indices: [indices, aTensor], values: [values, aTensor] });
  const [rows, ...rest] = x.shape;
  if (rows === undefined) shapeError("putRows", "x", "of at least one axis", x.shape);
  if (indices.shape.length !== 1) shapeError("putRows", "the indices", "[K]", indices.shape);
  const expected = [indices.size, ...rest];
  if (!sameShape(values.shape, expected)) shapeError("putRows", "the values", formatShape(expected), values.shape);
  const columns = x.size / rows;
  const replaced = apply(
    putRowsOp,
    [reshape(x, [rows, columns]), indices, reshape(values, [indices.size, columns])],
    {},
  );
  return reshape(replaced, x.shape);
}
