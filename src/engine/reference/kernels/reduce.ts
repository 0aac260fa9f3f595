/** @file Over axes: sums, largest elements, log-softmax. */
import { elementAt } from "../../../elements.ts";
import { stridesOf } from "../../../tensor/shape.ts";
import { read, offsets, type Kernel } from "./kernel.ts";

export const sum: Kernel<"sum"> = reduction(0, (total, x) => total + x);
export const max: Kernel<"max"> = reduction(-Infinity, Math.max);

/** y = x - max - log Σ e^(x - max), row by row */
export const logSoftmax: Kernel<"logSoftmax"> = (node, [x], y) => {
  const columns = elementAt(node.shape, -1);
  for (let start = 0; start < y.length; start += columns) {
    let max = -Infinity;
    for (let i = start; i < start + columns; i++) max = Math.max(max, read(x, i));
    let total = 0;
    for (let i = start; i < start + columns; i++) total += Math.exp(read(x, i) - max);
    for (let i = start; i < start + columns; i++) y[i] = read(x, i) - max - Math.log(total);
  }
};

/** Combines each element of x with what there is of those that share its other coordinates. */
function reduction(start: number, combine: (before: number, x: number) => number): Kernel<"sum"> {
  return (node, [x], y) => {
    const { shape } = node.inputs[0];
    const { axes } = node.attributes;
    const keptStrides = stridesOf(shape.map((size, axis) => (axes.includes(axis) ? 1 : size)));
    const resultOf = offsets(
      shape,
      keptStrides.map((stride, axis) => (axes.includes(axis) ? 0 : stride)),
    );
    const results = new Float64Array(y.length).fill(start);
    for (let i = 0; i < x.length; i++)
      results[read(resultOf, i)] = combine(read(results, read(resultOf, i)), read(x, i));
    y.set(results);
  };
}
