/**
 * @file The numbers that integer students compute with. What they do to an activation is said here, so that both modules, and the
 * interpreter of the tests, come to the same bits:
 *
 * - weighted sums are exact, in 32 bits; then float32: zero + round(sum·factor), halves to the even number;
 * - sums of two layers, and layers quantised anew, are (Σ q·factor + offset) >> shift in 32 bits;
 * - means and factors per channel are float32, each operation rounded, then zero + round(…);
 * - all are held between 0 and `top`.
 */
import { elementAt } from "../../elements.ts";
import { LimbeckError } from "../../errors.ts";
import type { AvgPool2dLayer, PerChannelLayer, Quantisation, Weighted } from "./network.ts";

/** acc = bias + Σ w·q over the whole window, whose border is x's zero; the output is zero + round(factors·acc). */
export interface WeightedNumbers {
  /** With what x's zero adds to each sum taken off. */
  readonly bias: Int32Array;
  readonly factors: Float32Array;
  /** No sum times its factor is larger than this, or less than its negative. */
  readonly largest: number;
}

/**
 * Throws UNSUPPORTED where a sum would not fit 32 bits. `output` is 1 for sums that are logits.
 *
 * NOTE: that the last sum fits is enough: those on the way may wrap, which addition undoes.
 */
export function weightedNumbers(
  where: string,
  { weights, weightScales, bias }: Weighted,
  x: Quantisation,
  outputScale: number,
  top: number,
): WeightedNumbers {
  const outputs = bias.length;
  const each = weights.length / outputs;
  const factors = Float32Array.from(weightScales, (scale) => (x.scale * scale) / outputScale);
  let largest = 0;
  const sums = Float64Array.from(bias, (start, o) => {
    const own = weights.subarray(o * each, (o + 1) * each);
    const [above, below] = own.reduce(([plus, minus], w) => (w > 0 ? [plus + w, minus] : [plus, minus + w]), [0, 0]);
    const corrected = start - x.zero * (above + below);
    const [least, most] = [corrected + top * below, corrected + top * above];
    if (Math.max(most, corrected) >= 2 ** 31 || Math.min(least, corrected) < -(2 ** 31)) {
      throw new LimbeckError(
        "UNSUPPORTED",
        `${where}: sums should fit 32 bits, got up to ${most} and down to ${least} for output ${o}; its bias is too large for its ` +
          "weights, or it has too many inputs; ship it as float32",
      );
    }
    largest = Math.max(largest, Math.max(most, -least) * elementAt(factors, o));
    return corrected;
  });
  return { bias: Int32Array.from(sums), factors, largest };
}

/** (Σ q[i]·factors[i] + offset) >> shift. */
export interface FixedPoint {
  /** From 0 to 32767. */
  readonly factors: readonly number[];
  readonly offset: number;
  readonly shift: number;
}

/** Of 15 bits: what that loses is at most a 64th of a step of the input whose steps are largest. */
const mostFactor = 32_767;
const mostShift = 20;

/** For the sum of what inputs stand for. Throws UNSUPPORTED where an input's scale is 32,768 times the output's. */
export function fixedPoint(where: string, inputs: readonly Quantisation[], output: Quantisation): FixedPoint {
  const ratios = inputs.map(({ scale }) => scale / output.scale);
  const largest = Math.max(...ratios);
  const factorsAt = (shift: number): number[] => ratios.map((ratio) => Math.round(ratio * 2 ** shift));
  let shift = mostShift;
  while (shift > 0 && Math.max(...factorsAt(shift)) > mostFactor) shift--;
  const factors = factorsAt(shift);
  if (!(Math.max(...factors) <= mostFactor)) {
    throw new LimbeckError(
      "UNSUPPORTED",
      `${where}: its inputs' scales should be less than ${mostFactor + 1} times its own, got ${largest} times; ` +
        "its range is too small: calibrate with more images, or ship it as float32",
    );
  }
  const zeros = inputs.reduce((sum, { zero }, i) => sum + zero * elementAt(factors, i), 0);
  return { factors, offset: output.zero * 2 ** shift + Math.floor(2 ** (shift - 1)) - zeros, shift };
}

/** zero + round(q·factors[c] + terms[c]). */
export function perChannelNumbers(
  { multiply, add, quantisation: { scale } }: PerChannelLayer,
  x: Quantisation,
): { readonly factors: Float32Array; readonly terms: Float32Array } {
  return {
    factors: multiply.map((each) => (each * x.scale) / scale),
    terms: add.map((each, c) => (each - x.zero * x.scale * elementAt(multiply, c)) / scale),
  };
}

/** zero + round((Σ q - less)·factor). */
export function meanNumbers(
  { kernel, quantisation: { scale } }: AvgPool2dLayer,
  x: Quantisation,
): { readonly less: number; readonly factor: number } {
  const count = kernel[0] * kernel[1];
  return { less: count * x.zero, factor: Math.fround(x.scale / (scale * count)) };
}

/** What an image's numbers are multiplied by. */
export function imagesFactor({ scale }: Quantisation): number {
  return Math.fround(1 / scale);
}
