/** @file Elements by their indices. */
import type { RowIndex } from "../../../tensor/ops/indexing.ts";
import type { Kernel } from "../kernel.ts";

type None = Readonly<Record<never, never>>;

export const indexSelect: Kernel<None> = (node, [x, indices], y) => {
  const [rows, columns] = node.inputs[0]!.shape as [number, number];
  for (const [k, row] of indices!.entries()) {
    if (row >= 0 && row < rows) y.set(x!.subarray(row * columns, (row + 1) * columns), k * columns);
    else y.fill(NaN, k * columns, (k + 1) * columns);
  }
};

export const indexSelectGrad: Kernel<{ readonly rows: number }> = (node, [g, indices], dx) => {
  const [rows, columns] = node.shape as [number, number];
  const totals = new Float64Array(dx.length);
  for (const [k, row] of indices!.entries()) {
    if (row < 0 || row >= rows) continue;
    for (let column = 0; column < columns; column++) totals[row * columns + column]! += g![k * columns + column]!;
  }
  dx.set(totals);
};

export const indexCopy: Kernel<None> = (node, [x, indices, values], y) => {
  const [rows, columns] = node.shape as [number, number];
  y.set(x!);
  for (const [k, row] of indices!.entries()) {
    if (row >= 0 && row < rows) y.set(values!.subarray(k * columns, (k + 1) * columns), row * columns);
  }
};

export const gather: Kernel<None> = (node, [x, index], y) => {
  const [rows, columns] = node.inputs[0]!.shape as [number, number];
  const each = y.length / rows;
  for (let i = 0; i < y.length; i++) {
    const column = index![i]!;
    y[i] = column >= 0 && column < columns ? x![Math.floor(i / each) * columns + column]! : NaN;
  }
};

export const gatherGrad: Kernel<{ readonly columns: number }> = (node, [g, index], dx) => {
  const { columns } = node.attributes;
  const each = g!.length / node.shape[0]!;
  for (let i = 0; i < g!.length; i++) {
    const column = index![i]!;
    if (column >= 0 && column < columns) dx[Math.floor(i / each) * columns + column]! += g![i]!;
  }
};

/** y[c] = x[index, c] */
export const row: Kernel<RowIndex> = (node, [x], y) => {
  const from = node.attributes.index * y.length;
  y.set(x!.subarray(from, from + y.length));
};
