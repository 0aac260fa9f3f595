/** @file Weights as whole numbers, with a scale for each output. */
import { elementAt } from "../elements.ts";
import { LimbeckError } from "../errors.ts";
import { SMALLEST_SCALE, type Weighted } from "../engine/int8/network.ts";

/** Of a bias, so that sums fit 32 bits. */
const LARGEST_BIAS = 2 ** 30;

/**
 * weight [outputs, …] ≈ weightScales[o]·weights, the largest of an output's being ± `largest`, and bias ≈ scale·weightScales[o]·bias, where
 * `scale` is that of the layer's input. Throws NOT_FINITE, naming the layer.
 */
export function wholeWeights(
  layer: string,
  weight: Float32Array,
  bias: Float32Array,
  { scale, largest: most }: { readonly scale: number; readonly largest: number },
): Pick<Weighted, "weights" | "weightScales" | "bias"> {
  if (!weight.every(Number.isFinite) || !bias.every(Number.isFinite)) notFinite(layer);
  const each = weight.length / bias.length;
  const weights = new Int8Array(weight.length);
  const weightScales = new Float32Array(bias.length);
  for (const [o, term] of bias.entries()) {
    const [from, to] = [o * each, (o + 1) * each];
    let largest = 0;
    for (let i = from; i < to; i++) largest = Math.max(largest, Math.abs(weight[i]!));
    // NOTE: of an output with hardly a weight, the bias decides: it has to fit.
    weightScales[o] = Math.max(largest / most, Math.abs(term) / (scale * LARGEST_BIAS), SMALLEST_SCALE);
    for (let i = from; i < to; i++) {
      weights[i] = Math.min(most, Math.max(-most, Math.round(weight[i]! / weightScales[o])));
    }
  }
  return {
    weights,
    weightScales,
    bias: Int32Array.from(bias, (term, o) => Math.round(term / (scale * elementAt(weightScales, o)))),
  };
}

/** Throws NOT_FINITE for a layer's weights. */
export function notFinite(layer: string): never {
  throw new LimbeckError("NOT_FINITE", `${layer} has weights that are not finite; they are damaged, take them again`);
}
