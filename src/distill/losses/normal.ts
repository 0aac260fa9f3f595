/** @file The normal distribution's density and cumulative probability, as functions of tensors. */
import { abs, add, div, exp, mul, sign, square, sub, type Tensor } from "../../tensor/index.ts";

/** φ(x) = e^(-x²/2) / √(2π), element by element. */
export function normalDensity(x: Tensor): Tensor {
  return mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
}

/** Φ(x): how probable a standard normal number is at most x, element by element. */
export function normalProbability(x: Tensor): Tensor {
  return mul(erfc(mul(x, -Math.SQRT1_2)), 0.5);
}

/**
 * erfc(x) = 2/√π ∫ e^-t² dt from x on, with a relative error below 2e-7 wherever it is no denormal number: for x ≥ 0 a rational
 * Chebyshev fit t·e^(-x² + P(t)) with t = 1 / (1 + x / 2), and erfc(-x) = 2 - erfc(x).
 *
 * The fit: Press, Teukolsky, Vetterling, Flannery, "Numerical Recipes", second edition, section 6.2.
 */
export function erfc(x: Tensor): Tensor {
  const size = abs(x);
  const t = div(1, add(mul(size, 0.5), 1));
  const polynomial = coefficients.reduceRight<Tensor | number>((sum, c) => add(mul(sum, t), c), 0) as Tensor;
  const upper = mul(t, exp(sub(polynomial, square(size))));
  const side = sign(x);
  return add(sub(1, side), mul(side, upper));
}

const coefficients = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
  0.17087277,
] as const;
