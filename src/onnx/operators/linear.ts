/** @file Linear layers, and products of matrices that depend on the images. */
import { elementAt } from "../../elements.ts";
import { add, linear, matmul, mul, reshape, sameShape, type Tensor } from "../../tensor/index.ts";
import type { Call, Operator } from "../call.ts";
import type { Value } from "../value.ts";
import { kindOf } from "./convolution.ts";

/** alpha · op(A) · op(B) + beta · C */
const gemm: Operator = (call) => {
  const a = call.anywhere(0);
  if (a.shape.length !== 2) call.unsupported(`input 0 has ${a.shape.length} axes, not 2`);
  const b = call.weight(1) ?? call.damaged("should have an input 1");
  const [transposeA, transposeB] = [call.int("transA", 0) !== 0, call.int("transB", 0) !== 0];
  const [alpha, beta] = [call.float("alpha", 1), call.float("beta", 1)];
  if (transposeA && call.isActive) call.unsupported("it mixes the images of a batch, by transA");
  call.checkApart(1, "it mixes the images of a batch");
  const c = call.weight(2);
  const outputs = b.shape[transposeB ? 0 : 1];
  if (transposeB && !transposeA && alpha === 1 && beta === 1 && (!c || (c.shape.length === 1 && c.size === outputs))) {
    return kindOf(call, linear(a, b, c));
  }
  if (call.isActive && c?.shape.length === 2 && c.shape[0] !== 1)
    call.unsupported("it adds a number of its own to each row");
  const product = scaled(matmul(a, b, { transposeA, transposeB }), alpha);
  return kindOf(call, c ? add(product, scaled(c, beta)) : product);
};

/** x [..., K] times a matrix [K, M] of weights; or matrices [..., M, K] and [..., K, N] of each image, as attention multiplies them. */
const matMul: Operator = (call) => {
  const x = call.anywhere(0);
  if (x.shape.length < 2) call.unsupported("it is no product with a matrix");
  if (call.value(1).kind === "activation") return ofImages(call, x, call.anywhere(1));
  const matrix = call.weight(1) ?? call.damaged("should have an input 1");
  if (matrix.shape.length !== 2) call.unsupported("it is no product with a matrix of weights");
  call.checkApart(x.shape.length - 1, "it mixes the images of a batch, over the last axis");
  if (x.shape.length === 2) return kindOf(call, matmul(x, matrix));
  const product = matmul(reshape(x, [-1, elementAt(x.shape, -1)]), matrix);
  return kindOf(call, reshape(product, [...x.shape.slice(0, -1), elementAt(matrix.shape, 1)]));
};

export const linears: Readonly<Record<string, Operator>> = { Gemm: gemm, MatMul: matMul };

function ofImages(call: Call, a: Tensor, b: Tensor): Value {
  const before = a.shape.slice(0, -2);
  if (call.value(0).kind !== "activation" || !sameShape(before, b.shape.slice(0, -2)))
    return call.unsupported("it is no product of as many matrices");
  if (call.images.axis >= before.length)
    call.unsupported("it mixes the images of a batch, over one of the last two axes");
  const batch = (x: Tensor): Tensor => reshape(x, [-1, ...x.shape.slice(-2)]);
  const product = matmul(batch(a), batch(b));
  return kindOf(call, reshape(product, [...before, ...product.shape.slice(1)]));
}

function scaled(x: Tensor, by: number): Tensor {
  return by === 1 ? x : mul(x, by);
}
