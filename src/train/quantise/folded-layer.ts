/** @file A convolution or linear layer with what follows it per channel in its weights: a norm in evaluation mode, say. Gradients reach all parts. */
import {
  add,
  broadcastTo,
  constant,
  conv2d,
  div,
  linear,
  mul,
  neg,
  reshape,
  sub,
  transpose,
  type Tensor,
} from "../../tensor/index.ts";
import { conv2dOp, type ConvAttributes } from "../../tensor/ops/conv.ts";
import { addOp, divOp, mulOp, subOp } from "../../tensor/ops/elementwise.ts";
import { linearOp, matmulOp, type Transposed } from "../../tensor/ops/matmul.ts";

/** scale·layer(x) + shift. */
export interface FoldedLayer {
  readonly x: Tensor;
  /** [O, …] */
  readonly weight: Tensor;
  readonly bias?: Tensor | undefined;
  /** Of a convolution. */
  readonly conv?: ConvAttributes;
  /** [O], or of all channels []. */
  readonly scale?: Tensor;
  readonly shift?: Tensor;
}

/** The layer that a tensor is, if it is one by weights that do not depend on the images; `read` gives what it takes. */
export function layerOf(
  { op, inputs, attributes, shape }: Tensor,
  isActive: (tensor: Tensor) => boolean,
  read: (tensor: Tensor) => Tensor,
): FoldedLayer | undefined {
  const [x, weight, bias] = inputs;
  if (!x || !weight || !isActive(x) || isActive(weight) || (bias && isActive(bias))) return undefined;
  if (op === conv2dOp) return { x: read(x), weight, bias, conv: attributes as ConvAttributes };
  if (op === linearOp) return { x: read(x), weight, bias };
  if (op !== matmulOp || shape.length !== 2) return undefined;
  const { transposeA, transposeB } = attributes as Transposed;
  return transposeA ? undefined : { x: read(x), weight: transposeB ? weight : transpose(weight) };
}

/** A sum, difference, product or quotient of x and numbers that do not depend on the images, one a channel or one for all. */
export interface PerChannel {
  readonly x: Tensor;
  /** [C] or []. */
  readonly numbers: Tensor;
  readonly op: Tensor["op"];
  readonly isFirst: boolean;
}

/** What a tensor does to the channels of another, if that is all. */
export function perChannelOf(
  { op, inputs, shape }: Tensor,
  isActive: (tensor: Tensor) => boolean,
): PerChannel | undefined {
  const [a, b] = inputs;
  if (!a || !b || ![addOp, subOp, mulOp, divOp].includes(op as typeof addOp) || isActive(a) === isActive(b))
    return undefined;
  const isFirst = isActive(a);
  const [x, numbers] = isFirst ? [a, b] : [b, a];
  if (op === divOp && !isFirst) return undefined;
  if (numbers.size === 1) return { x, numbers: reshape(numbers, []), op, isFirst };
  // [C] of [N, C], or [C, 1, 1] of [N, C, H, W].
  const channels = numbers.shape.length === x.shape.length ? numbers.shape[1] : numbers.shape[0];
  const fits = shape.length === x.shape.length && numbers.size === channels && channels === x.shape[1];
  const isAligned = x.shape.length === 2 ? numbers.shape.length <= 2 : numbers.shape.length >= 3;
  return fits && isAligned ? { x, numbers: reshape(numbers, [channels]), op, isFirst } : undefined;
}

/** The layer, and then that. */
export function followedBy(layer: FoldedLayer, { op, numbers, isFirst }: PerChannel): FoldedLayer {
  const { scale = constant(1), shift = constant(0) } = layer;
  if (op === mulOp) return { ...layer, scale: mul(scale, numbers), shift: mul(shift, numbers) };
  if (op === divOp) return { ...layer, scale: div(scale, numbers), shift: div(shift, numbers) };
  if (op === addOp) return { ...layer, shift: add(shift, numbers) };
  if (isFirst) return { ...layer, shift: sub(shift, numbers) };
  return { ...layer, scale: neg(scale), shift: sub(numbers, shift) };
}

/** What it gives, its weights after scaling as `rounded` makes them. */
export function computed(
  { x, weight, bias, conv, scale, shift }: FoldedLayer,
  rounded: (weights: Tensor) => Tensor,
): Tensor {
  const [channels] = weight.shape as readonly [number];
  const stretched = (numbers: Tensor): Tensor => broadcastTo(numbers, [channels]);
  const column = (numbers: Tensor): Tensor =>
    reshape(stretched(numbers), [channels, ...weight.shape.slice(1).map(() => 1)]);
  const weights = rounded(scale ? mul(weight, column(scale)) : weight);
  const scaledBias = bias && (scale ? mul(bias, stretched(scale)) : bias);
  const sum = scaledBias && shift ? add(scaledBias, stretched(shift)) : (scaledBias ?? (shift && stretched(shift)));
  return conv ? conv2d(x, weights, sum, conv) : linear(x, weights, sum);
}
