/** @file Functions of each element, finite with finite gradients for any finite argument: smooth steps, and the normal distribution. */
import {
  abs,
  add,
  div,
  exp,
  log,
  mul,
  neg,
  relu,
  sign,
  square,
  stopGradient,
  sub,
  type Tensor,
} from "../../tensor/index.ts";

/** 1 / (1 + e^-x), element by element. Its gradient is y (1 - y). */
export function sigmoid(x: Tensor): Tensor {
  const { up, sum } = scaledExponentials(x);
  return div(up, sum);
}

/** ln(1 + e^x), element by element. Its gradient is the sigmoid of x. */
export function softplus(x: Tensor): Tensor {
  const { largest, sum } = scaledExponentials(x);
  return add(largest, log(sum));
}

/**
 * e^x and 1 + e^x, both divided by e^m with m = max(x, 0), so that neither overflows. No gradient flows through m: the
 * results above do not depend on it.
 */
function scaledExponentials(x: Tensor): { readonly largest: Tensor; readonly up: Tensor; readonly sum: Tensor } {
  const largest = stopGradient(relu(x));
  const up = exp(sub(x, largest));
  return { largest, up, sum: add(up, exp(neg(largest))) };
}

/** φ(x) = e^(-x²/2) / √(2π), element by element. */
export function normalDensity(x: Tensor): Tensor {
  return mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
}

/** Φ(x): how probable a standard normal number is at most x, element by element. */
export function normalProbability(x: Tensor): Tensor {
  return mul(erfc(mul(x, -Math.SQRT1_2)), 0.5);
}

/**
 * erfc(x) = 2/√π ∫ e^-t² dt from x on, to about 2e-7 of its size and what float32 rounds, as t·e^(P(t) - x²) for x ≥ 0 with
 * t = 1 / (1 + x / 2); erfc(-x) = 2 - erfc(x).
 *
 * P interpolates ln (erfc(x)·e^x² / t) at the ten Chebyshev nodes of t from 0 to 1; networks.golden.py finds it.
 */
export function erfc(x: Tensor): Tensor {
  const size = abs(x);
  const t = div(1, add(mul(size, 0.5), 1));
  const polynomial = erfcPolynomial.reduceRight<Tensor | number>((sum, c) => add(mul(sum, t), c), 0) as Tensor;
  const upper = mul(t, exp(sub(polynomial, square(size))));
  const side = sign(x);
  return add(sub(1, side), mul(side, upper));
}

/** Of P, from the constant on. */
export const erfcPolynomial: readonly number[] = [
  -1.26551231, 1.00003777, 0.373714841, 0.100654198, -0.206139561, 0.336006474, -1.23176147, 1.58359673, -0.872641653,
  0.182045105,
];
