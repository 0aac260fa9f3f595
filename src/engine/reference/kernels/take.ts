/** @file Rows by their numbers. */
import type { Kernel } from "../kernel.ts";

type None = Readonly<Record<never, never>>;

export const take: Kernel<None> = (node, [x, indices], y) => {
  const [rows, columns] = node.inputs[0]!.shape as [number, number];
  for (const [k, row] of indices!.entries()) {
    if (row >= 0 && row < rows) y.set(x!.subarray(row * columns, (row + 1) * columns), k * columns);
    else y.fill(NaN, k * columns, (k + 1) * columns);
  }
};

export const takeGrad: Kernel<{ readonly rows: number }> = (node, [g, indices], dx) => {
  const [rows, columns] = node.shape as [number, number];
  const totals = new Float64Array(dx.length);
  for (const [k, row] of indices!.entries()) {
    if (row < 0 || row >= rows) continue;
    for (let column = 0; column < columns; column++) totals[row * columns + column]! += g![k * columns + column]!;
  }
  dx.set(totals);
};

export const putRows: Kernel<None> = (node, [x, indices, values], y) => {
  const [rows, columns] = node.shape as [number, number];
  y.set(x!);
  for (const [k, row] of indices!.entries()) {
    if (row >= 0 && row < rows) y.set(values!.subarray(k * columns, (k + 1) * columns), row * columns);
  }
};
