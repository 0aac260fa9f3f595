/** @file Elements by their indices: rows selected, copied into place, one entry of each row, one-hot rows. */
import { aNumber, checkArguments } from "../../arguments.ts";
import { LimbeckError } from "../../errors.ts";
import { asMatrix, formatShape, isMatrix, sameShape, shapeError } from "../shape.ts";
import { apply, aTensor, constant, type None, type Op, type Tensor, type Unary } from "../tensor.ts";
import { broadcastTo, reshape } from "./broadcast.ts";

/** y[k] = x[index[k]] for x [M, D] and the indices in row-major order; a row of NaN for an index outside. */
export const indexSelectOp: Op<None, readonly [x: Tensor, indices: Tensor]> = {
  name: "indexSelect",
  int32Inputs: [1],
  shape: ([x, indices]) => {
    if (!isMatrix(x.shape)) shapeError("indexSelect", "x", "a matrix", x.shape);
    return [indices.size, x.shape[1]];
  },
  gradient: (node, g) => [
    apply(indexSelectGradOp, [g, node.inputs[1]], { rows: asMatrix(node.inputs[0].shape)[0] }),
    null,
  ],
};

/** dL/dx of indexSelect: row m is the sum of the g[k] with index[k] = m, in the order of k. Inputs: g [K, D], the K indices. */
export const indexSelectGradOp: Op<{ readonly rows: number }, readonly [g: Tensor, indices: Tensor]> = {
  name: "indexSelectGrad",
  int32Inputs: [1],
  shape: ([g], { rows }) => [rows, asMatrix(g.shape)[1]],
  gradient: (node, g) => [apply(indexSelectOp, [g, node.inputs[1]], {}), null],
};

/**
 * x [M, D] with row index[k] replaced by values[k], in the order of k. Inputs: x, indices [K], values [K, D]. Not
 * differentiable: what it serves, a memory bank, is kept and not learned.
 */
export const indexCopyOp: Op<None, readonly [x: Tensor, indices: Tensor, values: Tensor]> = {
  name: "indexCopy",
  int32Inputs: [1],
  shape: ([x, indices, values]) => {
    if (!isMatrix(x.shape)) shapeError("indexCopy", "x", "a matrix", x.shape);
    const expected = [indices.size, x.shape[1]];
    if (!sameShape(values.shape, expected)) shapeError("indexCopy", "the values", formatShape(expected), values.shape);
    return x.shape;
  },
};

/** y[n] = x[n, index[n]], or of several indices a row y[n, k] = x[n, index[n, k]]; an index outside the row gives NaN. */
export const gatherOp: Op<None, readonly [x: Tensor, index: Tensor]> = {
  name: "gather",
  int32Inputs: [1],
  shape: ([x, index]) => {
    if (!isMatrix(x.shape)) shapeError("gather", "x", "[N, C]", x.shape);
    const { shape } = index;
    if (shape.length < 1 || shape.length > 2 || shape[0] !== x.shape[0])
      shapeError("gather", "the index", `[${x.shape[0]}] or [${x.shape[0]}, K]`, shape);
    return shape;
  },
  gradient: (node, g) => [
    apply(gatherGradOp, [g, node.inputs[1]], { columns: asMatrix(node.inputs[0].shape)[1] }),
    null,
  ],
};

/** dL/dx of gather: g[n] added at column index[n] of row n, in the order of k for several; zeros elsewhere. Inputs: g and index, [N] or [N, K]. */
export const gatherGradOp: Op<{ readonly columns: number }, readonly [g: Tensor, index: Tensor]> = {
  name: "gatherGrad",
  int32Inputs: [1],
  shape: ([g], { columns }) => [g.shape[0]!, columns],
};

export interface RowIndex {
  readonly index: number;
}

/** y[c] = x[index, c]. Not differentiable: its matrices are results for which gradients are defined otherwise. */
export const rowOp: Op<RowIndex, Unary> = {
  name: "row",
  shape: ([x], { index }) => {
    if (!isMatrix(x.shape)) shapeError("row", "x", "a matrix", x.shape);
    const [rows, columns] = x.shape;
    if (!Number.isInteger(index) || index < 0 || index >= rows)
      throw new LimbeckError("ARGUMENT", `row: the index should be a whole number from 0 to ${rows - 1}, got ${index}`);
    return [columns];
  },
};

/**
 * Rows of x [M, ...] by int32 indices of any shape: [...indices, ...]. An index outside 0 to M - 1 gives NaN, and passes no
 * gradient on. Throws SHAPE.
 */
export function indexSelect(x: Tensor, indices: Tensor): Tensor {
  checkArguments("indexSelect", { x: [x, aTensor], indices: [indices, aTensor] });
  const [rows, ...rest] = x.shape;
  if (rows === undefined) shapeError("indexSelect", "x", "of at least one axis", x.shape);
  return reshape(apply(indexSelectOp, [reshape(x, [rows, x.size / rows]), indices], {}), [...indices.shape, ...rest]);
}

/**
 * x [M, ...] with rows replaced: row indices[k] becomes values[k], for int32 indices [K] and values [K, ...]. Of equal
 * indices the last one wins; one outside 0 to M - 1 replaces nothing. Throws SHAPE.
 */
export function indexCopy(x: Tensor, indices: Tensor, values: Tensor): Tensor {
  checkArguments("indexCopy", { x: [x, aTensor], indices: [indices, aTensor], values: [values, aTensor] });
  const [rows, ...rest] = x.shape;
  if (rows === undefined) shapeError("indexCopy", "x", "of at least one axis", x.shape);
  if (indices.shape.length !== 1) shapeError("indexCopy", "the indices", "[K]", indices.shape);
  const expected = [indices.size, ...rest];
  if (!sameShape(values.shape, expected)) shapeError("indexCopy", "the values", formatShape(expected), values.shape);
  const columns = x.size / rows;
  const replaced = apply(
    indexCopyOp,
    [reshape(x, [rows, columns]), indices, reshape(values, [indices.size, columns])],
    {},
  );
  return reshape(replaced, x.shape);
}

/** x[n, index[n]] for x [N, C] and int32 index [N], or [N, K] of K entries a row for an index [N, K]. Throws SHAPE. */
export function gather(x: Tensor, index: Tensor): Tensor {
  return apply(gatherOp, [x, index], {});
}

/**
 * [N, classes]: row n has 1 at column labels[n], zeros elsewhere; a label outside gives a row of zeros. `labels` int32 [N].
 * Throws SHAPE, also for classes that are no whole number from 1.
 */
export function oneHot(labels: Tensor, classes: number): Tensor {
  checkArguments("oneHot", { labels: [labels, aTensor], classes: [classes, aNumber] });
  if (labels.shape.length !== 1) shapeError("oneHot", "the labels", "[N]", labels.shape);
  return apply(gatherGradOp, [broadcastTo(constant(1), labels.shape), labels], { columns: classes });
}

/** x[index] of x [R, C]. Throws SHAPE, ARGUMENT. */
export function row(x: Tensor, index: number): Tensor {
  checkArguments("row", { index: [index, aNumber] });
  return apply(rowOp, [x], { index });
}
