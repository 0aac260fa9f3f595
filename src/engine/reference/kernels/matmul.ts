/** @file Matrix products: each element a sum of products. */
import { elementAt } from "../../../elements.ts";
import { asMatrix } from "../../../tensor/shape.ts";
import { read, type Kernel, type Numbers } from "./kernel.ts";

/** y[m, n] = Σ_k op(A)[m, k]·op(B)[k, n] */
export const matmul: Kernel<"matmul"> = (node, [a, b], y) => {
  const { transposeA, transposeB } = node.attributes;
  const [rowsA, columnsA] = asMatrix(node.inputs[0].shape.slice(-2));
  const columnsB = elementAt(node.inputs[1].shape, -1);
  const [rows, columns] = asMatrix(node.shape.slice(-2));
  const terms = transposeA ? rowsA : columnsA;
  for (let i = 0; i < y.length; i++) {
    const n = i % columns;
    const m = Math.floor(i / columns) % rows;
    const matrix = Math.floor(i / (rows * columns));
    const startA = matrix * rowsA * columnsA;
    const startB = matrix * terms * columns;
    y[i] = dot(
      { values: a, start: startA + (transposeA ? m : m * columnsA), step: transposeA ? columnsA : 1 },
      { values: b, start: startB + (transposeB ? n * columnsB : n), step: transposeB ? 1 : columnsB },
      terms,
    );
  }
};

/** y[n, o] = Σ_i x[n, i]·weight[o, i] + bias[o] */
export const linear: Kernel<"linear"> = (node, [x, weight, bias], y) => {
  const inputs = elementAt(node.inputs[0].shape, 1);
  const [rows, outputs] = asMatrix(node.shape);
  for (let n = 0; n < rows; n++) {
    for (let o = 0; o < outputs; o++) {
      const product = dot(
        { values: x, start: n * inputs, step: 1 },
        { values: weight, start: o * inputs, step: 1 },
        inputs,
      );
      y[n * outputs + o] = product + (bias ? read(bias, o) : 0);
    }
  }
};

/** A row or column of a matrix. */
interface Line {
  readonly values: Numbers;
  readonly start: number;
  readonly step: number;
}

function dot(a: Line, b: Line, terms: number): number {
  let total = 0;
  for (let k = 0; k < terms; k++) total += a.values[a.start + k * a.step]! * b.values[b.start + k * b.step]!;
  return total;
}
