/** @file The Gaussian error linear unit. Hendrycks, Gimpel, "Gaussian Error Linear Units", 2016, https://arxiv.org/abs/1606.08415 */
import { formatShape, sameShape, shapeError } from "../shape.ts";
import { apply, type Op, type Tensor, type Unary } from "../tensor.ts";

export interface GeluOptions {
  /** Φ(x), the share of a normal distribution below x, as it is ("none", the default), or the tanh that comes near it. */
  readonly approximate?: "none" | "tanh";
}

export type Approximation = Required<GeluOptions>;

/** x·Φ(x). Nothing but x has to be kept for the gradient. */
export const geluOp: Op<Approximation, Unary> = {
  name: "gelu",
  shape: ([x]) => x.shape,
  gradient: ({ inputs: [x], attributes }, g) => [apply(geluGradOp, [g, x], attributes)],
};

/** g·(Φ(x) + x·Φ'(x)) */
export const geluGradOp: Op<Approximation, readonly [g: Tensor, x: Tensor]> = {
  name: "geluGrad",
  shape: ([g, x]) => {
    if (!sameShape(g.shape, x.shape)) shapeError("geluGrad", "the gradient", formatShape(x.shape), g.shape);
    return x.shape;
  },
};

/** √(2/π) and the cube's share of `approximate: "tanh"`: Φ(x) ≈ ½·(1 + tanh(scale·(x + cubic·x³))) */
export const tanhForm = { scale: Math.sqrt(2 / Math.PI), cubic: 0.044715 } as const;

/**
 * PyTorch's `gelu`: x·Φ(x), where Φ(x) = ½·(1 + erf(x / √2)) is the share of a normal distribution below x; by
 * `approximate: "tanh"`, Φ(x) ≈ ½·(1 + tanh(√(2/π)·(x + 0.044715·x³))).
 *
 * 0 at -Infinity, where PyTorch has NaN. Its gradient has no gradient. Throws ARGUMENT.
 */
export function gelu(x: Tensor, options: GeluOptions = {}): Tensor {
  return apply(geluOp, [x], { approximate: options.approximate ?? "none" });
}
