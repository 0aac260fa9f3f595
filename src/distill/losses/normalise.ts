/** @file Vectors of length 1, whatever their size: 0 and very large ones too. */
import {
  abs,
  add,
  div,
  mul,
  relu,
  sign,
  sqrt,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
} from "../../tensor/index.ts";

/** Sums of sizes up to here count as 0. PyTorch's `normalize` has the same bound for the length. */
const smallest = 1e-12;

/**
 * x / |x| along the last axis, |x| = √Σx².
 *
 * A vector of zeros stays one and gets no gradient, where PyTorch's `normalize` multiplies its gradient by 10¹². Squares do
 * not overflow: x is first divided by Σ|x|, which changes neither result nor gradient, because no length matters.
 */
export function normalise(x: Tensor): Tensor {
  const size = stopGradient(sum(abs(x), { axes: [-1], keepDims: true }));
  const some = isPositive(sub(size, smallest)); // 1, or 0 for a vector of zeros
  const none = sub(1, some);
  const scaled = mul(div(x, add(size, none)), some);
  return div(scaled, sqrt(add(sum(square(scaled), { axes: [-1], keepDims: true }), none)));
}

/**
 * |x| = √Σx² along the last axis, which stays with size 1. A vector of zeros has length 0 and gets no gradient, as PyTorch's
 * `norm` has it. Squares do not overflow.
 */
export function length(x: Tensor): Tensor {
  const size = stopGradient(sum(abs(x), { axes: [-1], keepDims: true }));
  const some = isPositive(size);
  const none = sub(1, some);
  const scaled = div(x, add(size, none));
  return mul(mul(sqrt(add(sum(square(scaled), { axes: [-1], keepDims: true }), none)), some), size);
}

/** 1 where x > 0, else 0; no gradient flows. */
export function isPositive(x: Tensor): Tensor {
  return sign(relu(x));
}
