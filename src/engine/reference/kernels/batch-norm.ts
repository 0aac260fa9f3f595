/** @file Batch normalisation: sums over all elements of a channel, and what is made of them. */
import { elementAt } from "../../../elements.ts";
import type { Epsilon } from "../../../tensor/ops/batch-norm.ts";
import { sizeOf, type Shape } from "../../../tensor/shape.ts";
import { addTo, read, type Kernel, type Numbers } from "./kernel.ts";

/** mean = Σx / n, then variance = Σ(x - mean)² / n */
export const batchMoments: Kernel<"batchMoments"> = (node, [x], y) => {
  const { shape } = node.inputs[0];
  const channels = elementAt(shape, 1);
  const count = x.length / channels;
  const mean = sumByChannel(shape, (i) => read(x, i) / count);
  const variance = sumByChannel(shape, (i, c) => (read(x, i) - read(mean, c)) ** 2 / count);
  y.set(mean);
  y.set(variance, channels);
};

/** y = (x - mean) / √(variance + eps)·weight + bias */
export const batchNormTrain: Kernel<"batchNormTrain"> = (node, [x, moments, weight, bias], y) => {
  const normalised = normaliser(x, moments, node.attributes);
  eachElement(node.shape, (i, c) => {
    y[i] = normalised(i, c) * read(weight, c) + read(bias, c);
  });
};

/** dweight = Σ g·x̂, dbias = Σ g */
export const batchNormParameterGrads: Kernel<"batchNormParameterGrads"> = (node, [g, x, moments], y) => {
  const { shape } = node.inputs[1];
  const normalised = normaliser(x, moments, node.attributes);
  y.set(sumByChannel(shape, (i, c) => read(g, i) * normalised(i, c)));
  y.set(
    sumByChannel(shape, (i) => read(g, i)),
    elementAt(shape, 1),
  );
};

/** dx = weight / √(variance + eps)·(g - Σg / n - x̂·Σ(g·x̂) / n) */
export const batchNormInputGrad: Kernel<"batchNormInputGrad"> = (node, [g, x, moments, weight, sums], dx) => {
  const channels = elementAt(node.shape, 1);
  const count = dx.length / channels;
  const normalised = normaliser(x, moments, node.attributes);
  eachElement(node.shape, (i, c) => {
    const scale = read(weight, c) / Math.sqrt(read(moments, channels + c) + node.attributes.eps);
    dx[i] = scale * (read(g, i) - read(sums, channels + c) / count - (normalised(i, c) * read(sums, c)) / count);
  });
};

/** x̂ of element i, which is of channel c. */
function normaliser(x: Numbers, moments: Numbers, { eps }: Epsilon): (i: number, c: number) => number {
  const channels = moments.length / 2;
  return (i, c) => (read(x, i) - read(moments, c)) / Math.sqrt(read(moments, channels + c) + eps);
}

function sumByChannel(shape: Shape, term: (i: number, c: number) => number): Float64Array {
  const totals = new Float64Array(elementAt(shape, 1));
  eachElement(shape, (i, c) => {
    addTo(totals, c, term(i, c));
  });
  return totals;
}

/** Visits each element i of [N, C, ...] with its channel c. */
function eachElement(shape: Shape, visit: (i: number, c: number) => void): void {
  const channels = elementAt(shape, 1);
  const perChannel = sizeOf(shape.slice(2));
  for (let plane = 0, i = 0; plane < elementAt(shape, 0) * channels; plane++) {
    for (let end = i + perChannel; i < end; i++) visit(i, plane % channels);
  }
}
