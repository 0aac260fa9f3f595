/** @file Softmax over the last axis, and picking one entry of each row. */
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
  const columns = node.inputs[0]!.shape[1]!;
  for (let n = 0; n < y.length; n++) {
    const column = index![n]!;
    y[n] = column >= 0 && column < columns ? x![n * columns + column]! : NaN;
  }
};

export const pickGrad: Kernel<{ readonly columns: number }> = (node, [g, index], dx) => {
  const { columns } = node.attributes;
  for (let n = 0; n < g!.length; n++) {
    const column = index![n]!;
    if (column >= 0 && column < columns) dx[n * columns + column] = g![n]!;
  }
};
