/** @file Smooth steps whose values and gradients stay finite for any finite argument. */
import { add, div, exp, log, neg, relu, stopGradient, sub, type Tensor } from "../../tensor/index.ts";

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
