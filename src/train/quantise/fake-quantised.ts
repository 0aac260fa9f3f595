/**
 * @file A recording of a network as whole numbers of 8 bits will compute it, for training that expects them: norms folded into the weights
 * before them, weights and what layers give rounded. Jacob et al., "Quantization and Training of Neural Networks for Efficient
 * Integer-Arithmetic-Only Inference", 2018, https://arxiv.org/abs/1712.05877; norms keep their running statistics, as Krishnamoorthi,
 * "Quantizing deep convolutional networks for efficient inference", 2018, https://arxiv.org/abs/1806.08342, ends a training.
 */
import { elementAt, valueAt } from "../../elements.ts";
import { largestWeight, SMALLEST_SCALE } from "../../engine/int8/network.ts";
import { type Layer, type LayerGraph, passedOn, type PerChannelOperation } from "../../inference/index.ts";
import {
  abs,
  add,
  broadcastTo,
  constant,
  conv2d,
  div,
  fakeQuantize,
  linear,
  max,
  maximum,
  mul,
  neg,
  reshape,
  stopGradient,
  sub,
  Tensor,
  topologicalOrder,
  transpose,
} from "../../tensor/index.ts";
import { addOp, divOp, mulOp } from "../../tensor/ops/elementwise.ts";

/** A recording in evaluation mode. */
interface Recording {
  readonly outputs: Map<string, Tensor>;
  readonly output: Tensor;
}

/**
 * The same recording with numbers rounded where an int8 file has whole ones: the weights of convolutions and linear layers (one scale each
 * output channel, about 0), and what layers with ranges give; a linear layer's logits are left as they are. Gradients pass straight through
 * all rounding. `rounded` rounds the results of the layers `ranged`, by their places. What no logit needs is computed of these, and not rounded.
 */
export function fakeQuantised<Recorded extends Recording>(
  recorded: Recorded,
  { layers, ranged }: LayerGraph,
  { top, rounded }: { readonly top: number; readonly rounded: (x: Tensor, range: number) => Tensor },
): Recorded {
  const { outputs, output } = recorded;
  const layerAt = new Map(layers.flatMap((layer) => layer.tensors.map((tensor) => [tensor, layer])));
  const folded = new Map<Layer, FoldedLayer>();
  /** What each becomes; of a layer's result, rounded. */
  const values = new Map<Tensor, Tensor>();
  const read = (tensor: Tensor): Tensor => values.get(tensor) ?? tensor;
  const valueOf = (tensor: Tensor, layer: Layer | undefined): Tensor => {
    if (layer?.kind === "images") return tensor;
    const perChannel = layer?.perChannel.find((each) => each.tensor === tensor);
    const before = layer && folded.get(layer);
    const isStart = layer !== undefined && "weight" in layer && layer.tensors[0] === tensor;
    const found = isStart ? foldedLayer(layer, read) : before && perChannel && followedBy(before, perChannel);
    if (!layer || !found) return again(tensor, tensor.inputs.map(read));
    folded.set(layer, found);
    return computed(found, largestWeight(top));
  };
  for (const tensor of topologicalOrder([output, ...outputs.values()])) {
    const layer = layerAt.get(tensor);
    if (!layer && !tensor.inputs.some((x) => values.has(x))) continue;
    const value = valueOf(tensor, layer);
    const isRounded = layer?.result === tensor && ranged[layer.range] === layer;
    values.set(tensor, isRounded ? rounded(value, layer.range) : value);
  }
  for (const [path, tensor] of outputs) outputs.set(path, read(tensor));
  return Object.assign(recorded, { output: valueAt(values, output) });
}

/** The same operation on other tensors. */
function again({ op, attributes, shape, dtype }: Tensor, inputs: readonly Tensor[]): Tensor {
  return new Tensor(op, inputs, attributes, shape, dtype);
}

/** A convolution or linear layer with what follows it per channel in its weights, scale·layer(x) + shift: gradients reach all parts. */
interface FoldedLayer {
  readonly layer: Layer & { readonly kind: "conv2d" | "linear" };
  readonly x: Tensor;
  /** [O, …] */
  readonly weight: Tensor;
  readonly bias: Tensor | undefined;
  /** [O], or of all channels []. */
  readonly scale?: Tensor | undefined;
  readonly shift?: Tensor | undefined;
}

function foldedLayer(layer: FoldedLayer["layer"], read: (tensor: Tensor) => Tensor): FoldedLayer {
  const { weight, bias, isTransposed } = layer;
  return { layer, x: read(layer.x), weight: isTransposed ? transpose(weight) : weight, bias };
}

/** The layer, and then that. */
function followedBy(before: FoldedLayer, { tensor, x, numbers: given, isFirst }: PerChannelOperation): FoldedLayer {
  const folded = passedOn(x) === x ? before : stopped(before);
  const { scale = constant(1), shift = constant(0) } = folded;
  const numbers = reshape(given, given.size === 1 ? [] : [elementAt(x.shape, 1)]);
  if (tensor.op === mulOp) return { ...folded, scale: mul(scale, numbers), shift: mul(shift, numbers) };
  if (tensor.op === divOp) return { ...folded, scale: div(scale, numbers), shift: div(shift, numbers) };
  if (tensor.op === addOp) return { ...folded, shift: add(shift, numbers) };
  if (isFirst) return { ...folded, shift: sub(shift, numbers) };
  return { ...folded, scale: neg(scale), shift: sub(numbers, shift) };
}

/** The same, but that no gradient passes. */
function stopped({ layer, x, weight, bias, scale, shift }: FoldedLayer): FoldedLayer {
  return {
    layer,
    x: stopGradient(x),
    weight: stopGradient(weight),
    bias: bias && stopGradient(bias),
    scale: scale && stopGradient(scale),
    shift: shift && stopGradient(shift),
  };
}

/** What it gives, its weights rounded after scaling. */
function computed({ layer, x, weight, bias, scale, shift }: FoldedLayer, most: number): Tensor {
  const channels = elementAt(weight.shape, 0);
  const stretched = (numbers: Tensor): Tensor => broadcastTo(numbers, [channels]);
  const column = (numbers: Tensor): Tensor =>
    reshape(stretched(numbers), [channels, ...weight.shape.slice(1).map(() => 1)]);
  const weights = weightsRounded(scale ? mul(weight, column(scale)) : weight, most);
  const scaledBias = bias && scale ? mul(bias, stretched(scale)) : bias;
  const sum = scaledBias && shift ? add(scaledBias, stretched(shift)) : (scaledBias ?? (shift && stretched(shift)));
  return layer.kind === "conv2d" ? conv2d(x, weights, sum, layer) : linear(x, weights, sum);
}

/** [O, …]: each output channel in whole numbers about 0. */
function weightsRounded(weights: Tensor, most: number): Tensor {
  const axes = weights.shape.map((_, axis) => axis).slice(1);
  const largest = max(abs(stopGradient(weights)), { axes, keepDims: true });
  const scale = maximum(div(largest, most), SMALLEST_SCALE);
  return fakeQuantize(weights, { scale, least: -most, most });
}
