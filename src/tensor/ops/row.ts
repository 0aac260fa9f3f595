/** @file One row of a matrix, for operations that give several results as the rows of one tensor. */
import { aNumber, checkArguments } from "../../arguments.ts";
import { LimbeckError } from "../../errors.ts";
import { shapeError } from "../shape.ts";
import { apply, type Op, type Tensor } from "../tensor.ts";

export interface RowIndex {
  readonly index: number;
}

/** y[c] = x[index, c]. Not differentiable: its matrices are results for which gradients are defined otherwise. */
export const rowOp: Op<RowIndex> = {
  name: "row",
  shape: ([x], { index }) => {
    if (x!.shape.length !== 2) shapeError("row", "x", "a matrix", x!.shape);
    const [rows, columns] = x!.shape as [number, number];
    if (!Number.isInteger(index) || index < 0 || index >= rows)
      throw new LimbeckError("ARGUMENT", `row: the index should be a whole number from 0 to ${rows - 1}, got ${index}`);
    return [columns];
  },
};

/** x[index] of x [R, C]. Throws SHAPE, ARGUMENT. */
export function row(x: Tensor, index: number): Tensor {
  checkArguments("row", { index: [index, aNumber] });
  return apply(rowOp, [x], { index });
}
