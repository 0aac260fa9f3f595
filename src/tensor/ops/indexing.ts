/** @file Elements by their indices: rows selected, copied into place, one entry of each row, one-hot rows. */
import { elementAt } from "../../elements.ts";
import { LimbeckError } from "../../errors.ts";
import { asMatrix, formatShape, isMatrix, sameShape, shapeError } from "../shape.ts";
import { apply, constant, type None, type Op, type Tensor, type Unary } from "../tensor.ts";
import { broadcastTo, reshape } from "./broadcast.ts";

/** What lies around an image that is shifted: the image reflected at its edge, which is not repeated, or bytes of 0. */
export type LookupBorder = "reflect" | "black";

/**
 * y[k, c, …] = table[c, x[index[k], c, …]] for bytes x [M, C, …], K indices and a table [C, 256]; with shifts [K, 3], of images. Not
 * differentiable: images are not learned.
 */
export const lookupRowsOp: Op<
  { readonly border: LookupBorder },
  readonly [x: Tensor, indices: Tensor, table: Tensor, ...shifts: Tensor[]]
> = {
  name: "lookupRows",
  inputTypes: { 0: "uint8", 1: "int32", 3: "int32" },
  shape: ([x, indices, table, shifts]) => {
    const [, channels, ...rest] = x.shape;
    if (channels === undefined) shapeError("lookupRows", "x", "[M, C, …]", x.shape);
    if (indices.shape.length !== 1) shapeError("lookupRows", "the indices", "[K]", indices.shape);
    if (!sameShape(table.shape, [channels, 256]))
      shapeError("lookupRows", "the table", `[${channels}, 256]`, table.shape);
    if (shifts && !sameShape(shifts.shape, [indices.size, 3]))
      shapeError("lookupRows", "the shifts", `[${indices.size}, 3]`, shifts.shape);
    if (shifts && rest.length !== 2) shapeError("lookupRows", "x", "[M, C, H, W] where there are shifts", x.shape);
    return [indices.size, channels, ...rest];
  },
};

/** y[k] = x[index[k]] for x [M, D] and the indices in row-major order; a row of NaN for an index outside. */
export const indexSelectOp: Op<None, readonly [x: Tensor, indices: Tensor]> = {
  name: "indexSelect",
  inputTypes: { 1: "int32" },
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
  inputTypes: { 1: "int32" },
  shape: ([g], { rows }) => [rows, asMatrix(g.shape)[1]],
  gradient: (node, g) => [apply(indexSelectOp, [g, node.inputs[1]], {}), null],
};

/**
 * x [M, D] with row index[k] replaced by values[k], in the order of k. Inputs: x, indices [K], values [K, D]. Not
 * differentiable: what it serves, a memory bank, is kept and not learned.
 */
export const indexCopyOp: Op<None, readonly [x: Tensor, indices: Tensor, values: Tensor]> = {
  name: "indexCopy",
  inputTypes: { 1: "int32" },
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
  inputTypes: { 1: "int32" },
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
  inputTypes: { 1: "int32" },
  shape: ([g], { columns }) => [elementAt(g.shape, 0), columns],
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
  const [rows, ...rest] = x.shape;
  if (rows === undefined) shapeError("indexSelect", "x", "of at least one axis", x.shape);
  return reshape(apply(indexSelectOp, [reshape(x, [rows, x.size / rows]), indices], {}), [...indices.shape, ...rest]);
}

/**
 * Rows of bytes x [M, C, ...], a `uint8` state, by int32 indices [K], each byte replaced by what the table [C, 256] has for its
 * channel: [K, C, ...]. With `normaliser`'s table, a batch of images. An index outside 0 to M - 1 gives NaN. No gradient flows
 * through it. Throws SHAPE.
 */
export function lookupRows(x: Tensor, indices: Tensor, table: Tensor, options: LookupOptions = {}): Tensor {
  const { shifts, border = "reflect" } = options;
  return apply(lookupRowsOp, shifts ? [x, indices, table, shifts] : [x, indices, table], { border });
}

/** How rows that are images are shifted. */
export interface LookupOptions {
  /**
   * int32 [K, 3], for rows [C, H, W]: `down`, `right` and whether it is mirrored, 0 or 1. The pixel at (h, w) is the image's at
   * (h + down, w + right), and then each line is mirrored.
   */
  readonly shifts?: Tensor;
  /** `reflect` by default; where a pixel lies outside when it was reflected once, it is black. */
  readonly border?: LookupBorder;
}

/**
 * x [M, ...] with rows replaced: row indices[k] becomes values[k], for int32 indices [K] and values [K, ...]. Of equal
 * indices the last one wins; one outside 0 to M - 1 replaces nothing. Throws SHAPE.
 */
export function indexCopy(x: Tensor, indices: Tensor, values: Tensor): Tensor {
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
  if (labels.shape.length !== 1) shapeError("oneHot", "the labels", "[N]", labels.shape);
  return apply(gatherGradOp, [broadcastTo(constant(1), labels.shape), labels], { columns: classes });
}

/** x[index] of x [R, C]. Throws SHAPE, ARGUMENT. */
export function row(x: Tensor, index: number): Tensor {
  return apply(rowOp, [x], { index });
}
