/** @file Products of a set's vectors with each other. */
import { matmul, mul, stopGradient, sub, type Tensor } from "../../tensor/index.ts";

/**
 * x·xᵀ of each matrix of x [..., N, D], for a loss that stays the same when these are transposed: then both factors have the
 * same gradient, and one of them, doubled, is computed.
 */
export function symmetricProducts(x: Tensor): Tensor {
  const products = matmul(x, stopGradient(x), { transposeB: true });
  return sub(mul(products, 2), stopGradient(products)); // Exactly the products.
}
