/** @file Convolutions, norms and linear layers. */
import {
  add,
  batchNormEval,
  conv2d,
  div,
  linear,
  matmul,
  mean,
  mul,
  reshape,
  sqrt,
  square,
  sub,
  type Tensor,
} from "../../tensor/index.ts";
import type { Call, Operator } from "../call.ts";
import { activation, weight, type Value } from "../value.ts";
import { borderOf, isEven, padded, windowOf } from "./spatial.ts";

const conv: Operator = (call) => {
  const x = call.tensorOf(0, 4);
  const kernel = call.weight(1) ?? call.damaged("should have a weight");
  if (kernel.shape.length !== 4) call.unsupported(`it convolves along ${kernel.shape.length - 2} axes, not 2`);
  const [height, width] = kernel.shape.slice(2) as [number, number];
  const said = call.ints("kernel_shape") ?? [height, width];
  if (said[0] !== height || said[1] !== width)
    call.damaged(`says windows of ${said.join("x")}, its weight has ${height}x${width}`);
  const window = windowOf(call, [height, width]);
  const border = borderOf(call, x, window);
  const { stride, dilation } = window;
  const options = { stride, dilation, groups: call.int("group", 1) };
  const even = isEven(border);
  const y = conv2d(even ? x : padded(x, border, 0), kernel, call.weight(2), {
    ...options,
    padding: even ? [border[0], border[1]] : 0,
  });
  return activation(y);
};

const batchNormalization: Operator = (call) => {
  call.ignore("momentum");
  const x = call.tensor(0);
  if (call.int("training_mode", 0) !== 0 || call.int("spatial", 1) !== 1)
    call.unsupported("it is not the usual norm of a trained network");
  if (call.int("is_test", 1) !== 1) call.unsupported("it is not the norm of a trained network");
  const [scale, bias, mean, variance] = [1, 2, 3, 4].map(
    (i) => call.weight(i) ?? call.damaged(`should have an input ${i}`),
  ) as [Tensor, Tensor, Tensor, Tensor];
  return activation(batchNormEval(x, mean, variance, { weight: scale, bias, eps: call.float("epsilon", 1e-5) }));
};

/** (x - mean) / √(variance + eps) · scale + bias over the last axis. */
const layerNormalization: Operator = (call) => {
  call.ignore("stash_type");
  const x = call.tensor(0);
  const rank = x.shape.length;
  if (rank < 2 || call.axis(call.int("axis", -1), rank) !== rank - 1)
    call.unsupported("it is over more than the last axis");
  const [scale, bias] = [call.weight(1) ?? call.damaged("should have a scale"), call.weight(2)];
  if ([scale, bias].some((each) => each && each.shape.length !== 1)) call.unsupported("its scale is no list");
  const last = { axes: [rank - 1], keepDims: true };
  const centred = sub(x, mean(x, last));
  const deviation = sqrt(add(mean(square(centred), last), call.float("epsilon", 1e-5)));
  const y = mul(div(centred, deviation), scale);
  return kindOf(call, bias ? add(y, bias) : y);
};

/** alpha · op(A) · op(B) + beta · C */
const gemm: Operator = (call) => {
  const [a, b] = [call.tensorOf(0, 2), call.weight(1) ?? call.damaged("should have an input 1")];
  const [transposeA, transposeB] = [call.int("transA", 0) !== 0, call.int("transB", 0) !== 0];
  const [alpha, beta] = [call.float("alpha", 1), call.float("beta", 1)];
  if (transposeA && call.isActive) call.unsupported("it mixes the images of a batch, by transA");
  const c = call.weight(2);
  const outputs = b.shape[transposeB ? 0 : 1];
  if (transposeB && !transposeA && alpha === 1 && beta === 1 && (!c || (c.shape.length === 1 && c.size === outputs))) {
    return kindOf(call, linear(a, b, c));
  }
  const product = scaled(matmul(a, b, { transposeA, transposeB }), alpha);
  return kindOf(call, c ? add(product, scaled(c, beta)) : product);
};

/** x [..., K] times a matrix [K, M]. */
const matMul: Operator = (call) => {
  const x = call.tensor(0);
  const matrix = call.weight(1) ?? call.damaged("should have an input 1");
  if (matrix.shape.length !== 2 || x.shape.length < 2) call.unsupported("it is no product with a matrix of weights");
  if (x.shape.length === 2) return kindOf(call, matmul(x, matrix));
  const product = matmul(reshape(x, [-1, x.shape.at(-1)!]), matrix);
  return kindOf(call, reshape(product, [...x.shape.slice(0, -1), matrix.shape[1]!]));
};

export const layers: Readonly<Record<string, Operator>> = {
  Conv: conv,
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  Gemm: gemm,
  MatMul: matMul,
};

function scaled(x: Tensor, by: number): Tensor {
  return by === 1 ? x : mul(x, by);
}

/** A result that depends on the images if an input does. */
export function kindOf(call: Call, tensor: Tensor): Value {
  return call.isActive ? activation(tensor) : weight(tensor);
}
