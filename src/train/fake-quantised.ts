/**
 * @file A recording of a network as whole numbers of 8 bits will compute it, for training that expects them: norms folded into the weights
 * before them, weights and what layers give rounded. Jacob et al., "Quantization and Training of Neural Networks for Efficient
 * Integer-Arithmetic-Only Inference", 2018, https://arxiv.org/abs/1712.05877; norms keep their running statistics, as Krishnamoorthi,
 * "Quantizing deep convolutional networks for efficient inference", 2018, https://arxiv.org/abs/1806.08342, ends a training.
 */
import {
  abs,
  div,
  fakeQuantize,
  max,
  maximum,
  minimum,
  neg,
  roundStraightThrough,
  stopGradient,
  sub,
  Tensor,
  topologicalOrder,
} from "../tensor/index.ts";
import { permuteOp, channelShuffleOp, sliceOp } from "../tensor/ops/data-movement.ts";
import { reshapeOp } from "../tensor/ops/broadcast.ts";
import { clampOp, reluOp, stopGradientOp } from "../tensor/ops/elementwise.ts";
import { maxPool2dOp } from "../tensor/ops/pool.ts";
import { computed, followedBy, layerOf, perChannelOf, type FoldedLayer } from "./folded-layer.ts";

/** The largest whole number of an activation: 7 bits, which the web's int8 students have; those of 8 bits round less. */
const TOP = 127;
/** The largest of a weight's. */
const MOST_WEIGHT = 127;
/** A scale has to be above 0, of zeros too. */
const LEAST_SCALE = 1e-30;

/** A recording in evaluation mode. */
interface Recording {
  readonly outputs: Map<string, Tensor>;
  readonly output: Tensor;
}

/** What a tensor of the recording becomes. */
interface Place {
  /** Before it is rounded. */
  readonly value: Tensor;
  /** As whoever reads it gets it. */
  readonly read: Tensor;
  /** A convolution or linear layer, and what follows it per channel. */
  readonly layer?: FoldedLayer;
  /** A multiplication or sum per channel that follows none. */
  readonly isAffine?: boolean;
  /** Whether an activation after it is computed before it is rounded. */
  readonly mayGoOn: boolean;
}

const passing: ReadonlySet<unknown> = new Set([
  maxPool2dOp,
  sliceOp,
  permuteOp,
  channelShuffleOp,
  reshapeOp,
  stopGradientOp,
]);
const activations: ReadonlySet<unknown> = new Set([reluOp, clampOp]);

/**
 * The same recording, of the network on x, with numbers rounded where an int8 file has whole ones: the images, the weights of
 * convolutions and linear layers (one scale each output channel, about 0), what layers, sums, means and joined channels give (after their
 * activation, if nothing else reads them before it). Logits are left as they are. Ranges are those of the batch. Gradients pass straight
 * through all rounding.
 */
export function fakeQuantised<Recorded extends Recording>(recorded: Recorded, x: Tensor): Recorded {
  const { outputs, output } = recorded;
  const places = new Map<Tensor, Place>();
  const readers = countReaders(output);
  const isActive = (tensor: Tensor): boolean => places.has(tensor);
  const read = (tensor: Tensor): Tensor => places.get(tensor)?.read ?? tensor;
  /** Those whose one reader takes them before they are rounded. */
  const taken = new Set<Tensor>();
  const goesOn = (tensor: Tensor): Place | undefined => {
    const place = places.get(tensor);
    return place?.mayGoOn && readers.get(tensor) === 1 ? place : undefined;
  };
  const placeOf = (tensor: Tensor): Place => {
    const { op, inputs } = tensor;
    const [first] = inputs;
    if (passing.has(op)) {
      const value = again(tensor, inputs.map(read));
      return { value, read: value, mayGoOn: false };
    }
    const layer = layerOf(tensor, isActive, read);
    if (layer) return layerPlace(layer);
    if (activations.has(op)) {
      const before = goesOn(first!);
      if (before) taken.add(first!);
      const value = again(tensor, [before?.value ?? read(first!), ...inputs.slice(1)]);
      return { value, read: activationsRounded(value), mayGoOn: true };
    }
    const perChannel = perChannelOf(tensor, isActive);
    const before = perChannel && goesOn(perChannel.x);
    const isContinued = before && (before.layer || before.isAffine);
    if (isContinued) taken.add(perChannel.x);
    if (isContinued && before.layer) return layerPlace(followedBy(before.layer, perChannel));
    const value = again(
      tensor,
      inputs.map((each) => (isContinued && each === perChannel.x ? before.value : read(each))),
    );
    return { value, read: activationsRounded(value), mayGoOn: true, isAffine: perChannel !== undefined };
  };
  for (const tensor of topologicalOrder([...outputs.values(), output])) {
    if (tensor === x) places.set(x, { value: x, read: activationsRounded(x), mayGoOn: false });
    else if (tensor.dtype === "float32" && tensor.inputs.some((each) => places.has(each)))
      places.set(tensor, placeOf(tensor));
  }
  const shown = (tensor: Tensor): Tensor => {
    const { value, read } = places.get(tensor) ?? { value: tensor, read: tensor };
    return tensor === output || taken.has(tensor) ? value : read;
  };
  const found = new Map([...outputs].map(([path, tensor]) => [path, shown(tensor)]));
  for (const [path, tensor] of found) outputs.set(path, tensor);
  return Object.assign(recorded, { output: shown(output) });
}

function layerPlace(layer: FoldedLayer): Place {
  const value = computed(layer, weightsRounded);
  return { value, read: activationsRounded(value), layer, mayGoOn: true };
}

/** The same operation on other tensors. */
function again({ op, attributes, shape, dtype }: Tensor, inputs: readonly Tensor[]): Tensor {
  return new Tensor(op, inputs, attributes, shape, dtype);
}

/** How often each is read on the way to the output, and that once more. */
function countReaders(output: Tensor): ReadonlyMap<Tensor, number> {
  const readers = new Map<Tensor, number>([[output, 1]]);
  for (const { inputs } of topologicalOrder([output])) {
    for (const each of inputs) readers.set(each, (readers.get(each) ?? 0) + 1);
  }
  return readers;
}

/** From the smallest to the largest of this batch, 0 among them. */
function activationsRounded(x: Tensor): Tensor {
  const seen = stopGradient(x);
  const low = minimum(neg(max(neg(seen))), 0);
  const high = maximum(max(seen), 0);
  const scale = maximum(div(sub(high, low), TOP), LEAST_SCALE);
  const zero = stopGradient(roundStraightThrough(div(neg(low), scale)));
  return fakeQuantize(x, { scale, zero, least: 0, most: TOP });
}

/** [O, …]: each output channel in whole numbers about 0. */
function weightsRounded(weights: Tensor): Tensor {
  const axes = weights.shape.map((_, axis) => axis).slice(1);
  const largest = max(abs(stopGradient(weights)), { axes, keepDims: true });
  const scale = maximum(div(largest, MOST_WEIGHT), LEAST_SCALE);
  return fakeQuantize(weights, { scale, least: -MOST_WEIGHT, most: MOST_WEIGHT });
}
