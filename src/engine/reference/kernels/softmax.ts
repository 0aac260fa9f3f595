/** @file Log-softmax over the last axis. */
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
