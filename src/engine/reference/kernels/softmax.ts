/** @file Softmax over the last axis, and picking entries of each row. */
import type { Kernel } from "../kernel.ts";

type None = Readonly<Record<never, never>>;

/** y = x - max - log Σ e^(x - max), row by row */
export const logSoftmax: Kernel<None> = (node, [x], y) => {
  const columns = node.shape.at(-1)!;
  for (let start = 0; start < y.length; start += columns) {
    let max = -Infinity;
    for (let i = start; i < start + columns; i++) max = Math.max(max, x![i]!);
    let total = 0;
    for (let i = start; i < start + columns; i++) total += Math.exp(x![i]! - max);
    for (let i = start; i < start + columns; i++) y[i] = x![i]! - max - Math.log(total);
  }
};

export const pick: Kernel<None> = (node, [x, index], y) => {
  const [rows, columns] = node.inputs[0]!.shape as [number, number];
  const each = y.length / rows;
  for (let i = 0; i < y.length; i++) {
    const column = index![i]!;
    y[i] = column >= 0 && column < columns ? x![Math.floor(i / each) * columns + column]! : NaN;
  }
};

export const pickGrad: Kernel<{ readonly columns: number }> = (node, [g, index], dx) => {
  const { columns } = node.attributes;
  const each = g!.length / node.shape[0]!;
  for (let i = 0; i < g!.length; i++) {
    const column = index![i]!;
    if (column >= 0 && column < columns) dx[Math.floor(i / each) * columns + column]! += g![i]!;
  }
};
