/**
 * @file A recording of a network as whole numbers of 8 bits will compute it, for training that expects them: norms folded into the weights
 * before them, weights and what layers give rounded. Jacob et al., "Quantization and Training of Neural Networks for Efficient
 * Integer-Arithmetic-Only Inference", 2018, https://arxiv.org/abs/1712.05877; norms keep their running statistics, as Krishnamoorthi,
 * "Quantizing deep convolutional networks for efficient inference", 2018, https://arxiv.org/abs/1806.08342, ends a training.
 */
import { LimbeckError } from "../../errors.ts";
import {
  abs,
  div,
  fakeQuantize,
  isState,
  max,
  maximum,
  stopGradient,
  Tensor,
  topologicalOrder,
} from "../../tensor/index.ts";
import { permuteOp, channelShuffleOp, concatOp, sliceOp } from "../../tensor/ops/data-movement.ts";
import { nonNegatives } from "../../tensor/non-negative.ts";
import { reshapeOp } from "../../tensor/ops/broadcast.ts";
import { clampOp, reluOp, stopGradientOp } from "../../tensor/ops/elementwise.ts";
import { geluOp } from "../../tensor/ops/gelu.ts";
import { maxPool2dOp } from "../../tensor/ops/pool.ts";
import { SMALLEST_SCALE } from "../../engine/int8/network.ts";
import { computed, followedBy, layerOf, perChannelOf, type FoldedLayer } from "./folded-layer.ts";

/** The largest whole number of a weight. */
const MOST_WEIGHT = 127;

/** A recording in evaluation mode. */
interface Recording {
  readonly outputs: Map<string, Tensor>;
  readonly output: Tensor;
}

/** How results are rounded. */
export interface Rounding {
  /** Of the network's weights. */
  readonly paths: ReadonlyMap<Tensor, string>;
  /** What a result is rounded to; `place` is the path of its convolution or linear layer, or its operation: `conv1`, `add`, `add #2`. */
  rounded(x: Tensor, place: string): Tensor;
}

/** What a tensor of the recording becomes. */
interface Place {
  /** Empty for what only passes numbers on. */
  readonly name: string;
  /** Before it is rounded. */
  readonly value: Tensor;
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
 * activation, if nothing else reads them before it; joined channels once they are joined). A linear layer's logits are left as they are.
 * Gradients pass straight through all rounding. `places` are those that the logits need, in their order. Throws UNSUPPORTED for GELU, which
 * int8 files do not compute.
 */
export function fakeQuantised<Recorded extends Recording>(
  recorded: Recorded,
  x: Tensor,
  { paths, rounded }: Rounding,
): Recorded & { readonly places: readonly string[] } {
  const { outputs, output } = recorded;
  const places = new Map<Tensor, Place>();
  const reads = new Map<Tensor, Tensor>();
  const { readers, lastReader } = readersOf(output);
  const positive = nonNegatives(output);
  const isActive = (tensor: Tensor): boolean => places.has(tensor);
  /** Those whose one reader takes them before they are rounded. */
  const taken = new Set<Tensor>();
  /** What readers get, rounded when the first asks. */
  const read = (tensor: Tensor): Tensor => {
    const place = places.get(tensor);
    if (!place || place.name === "" || taken.has(tensor)) return place?.value ?? tensor;
    const known = reads.get(tensor) ?? rounded(place.value, place.name);
    reads.set(tensor, known);
    return known;
  };
  const take = (tensor: Tensor): Tensor => {
    taken.add(tensor);
    return places.get(tensor)!.value;
  };
  const goesOn = (tensor: Tensor, reader: Tensor): Place | undefined => {
    const place = places.get(tensor);
    return place?.mayGoOn && readers.get(tensor) === 1 && readers.has(reader) ? place : undefined;
  };
  const counts = new Map<string, number>();
  const named = (name: string): string => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count === 1 ? name : `${name} #${count}`;
  };
  const layerPlace = (layer: FoldedLayer, name: string): Place => ({
    name,
    value: computed(layer, weightsRounded),
    layer,
    mayGoOn: true,
  });
  const placeOf = (tensor: Tensor): Place => {
    const { op, inputs } = tensor;
    if (op === geluOp) throw withoutInt8(op.name);
    const [first] = inputs;
    if (passing.has(op)) return { name: "", value: again(tensor, inputs.map(read)), mayGoOn: false };
    const layer = layerOf(tensor, isActive, read);
    if (layer) return layerPlace(layer, named(layerName(layer, paths) ?? op.name));
    if (activations.has(op)) {
      const before = goesOn(first!, tensor);
      const value = again(tensor, [before ? take(first!) : read(first!), ...inputs.slice(1)]);
      return { name: before?.name ?? named(op.name), value, mayGoOn: true };
    }
    if (op === concatOp) {
      // The ends of the range are all that an int8 file has of an activation: it goes on only where they are those of all.
      const next = lastReader.get(tensor);
      const isAllPositive = positive.has(next && readers.get(tensor) === 1 && activations.has(next.op) ? next : tensor);
      const isOwn = (each: Tensor): boolean =>
        readers.has(tensor) &&
        readers.get(each) === 1 &&
        (places.get(each)?.name ?? "") !== "" &&
        each.op !== clampOp &&
        (isAllPositive || !positive.has(each));
      const value = again(
        tensor,
        inputs.map((each) => (isOwn(each) ? take(each) : read(each))),
      );
      return { name: named(op.name), value, mayGoOn: true };
    }
    const perChannel = perChannelOf(tensor, isActive);
    const before = perChannel && goesOn(perChannel.x, tensor);
    const isContinued = before && (before.layer || before.isAffine);
    if (isContinued && before.layer) {
      taken.add(perChannel.x);
      return layerPlace(followedBy(before.layer, perChannel), before.name);
    }
    const value = again(
      tensor,
      inputs.map((each) => (isContinued && each === perChannel.x ? take(each) : read(each))),
    );
    const name = isContinued ? before.name : named(op.name);
    return { name, value, mayGoOn: true, isAffine: perChannel !== undefined };
  };
  // NOTE: what the logits need comes first, so that what else there is changes nothing of it.
  for (const tensor of topologicalOrder([output, ...outputs.values()])) {
    if (tensor === x) places.set(x, { name: named("images"), value: x, mayGoOn: false });
    else if (tensor.dtype === "float32" && tensor.inputs.some((each) => places.has(each)))
      places.set(tensor, placeOf(tensor));
  }
  const shown = (tensor: Tensor): Tensor =>
    tensor === output && isLinear(places.get(output)) ? places.get(output)!.value : read(tensor);
  const logits = shown(output);
  const needed = new Set(topologicalOrder([logits]));
  const isNeeded = (tensor: Tensor): boolean => {
    const rounded = reads.get(tensor);
    return rounded !== undefined && needed.has(rounded);
  };
  const names = topologicalOrder([output]).flatMap((each) => (isNeeded(each) ? places.get(each)!.name : []));
  const found = new Map([...outputs].map(([path, tensor]) => [path, shown(tensor)]));
  for (const [path, tensor] of found) outputs.set(path, tensor);
  return Object.assign(recorded, { output: logits, places: names });
}

/** Whose sums stay as they are where they are the logits. */
function isLinear(place: Place | undefined): boolean {
  return place?.layer !== undefined && !place.layer.conv;
}

/** The path of its weight, without that word. */
function layerName({ weight }: FoldedLayer, paths: ReadonlyMap<Tensor, string>): string | undefined {
  const own = topologicalOrder([weight]).find((tensor) => isState(tensor) && paths.has(tensor));
  return own && paths.get(own)!.replace(/\.?weight$/, "");
}

/** The same operation on other tensors. */
function again({ op, attributes, shape, dtype }: Tensor, inputs: readonly Tensor[]): Tensor {
  return new Tensor(op, inputs, attributes, shape, dtype);
}

/** How often each is read on the way to the output, and that once more; and by what last. */
function readersOf(output: Tensor): {
  readonly readers: ReadonlyMap<Tensor, number>;
  readonly lastReader: ReadonlyMap<Tensor, Tensor>;
} {
  const readers = new Map<Tensor, number>([[output, 1]]);
  const lastReader = new Map<Tensor, Tensor>();
  for (const tensor of topologicalOrder([output])) {
    for (const each of tensor.inputs) {
      readers.set(each, (readers.get(each) ?? 0) + 1);
      lastReader.set(each, tensor);
    }
  }
  return { readers, lastReader };
}

/** [O, …]: each output channel in whole numbers about 0. */
function weightsRounded(weights: Tensor): Tensor {
  const axes = weights.shape.map((_, axis) => axis).slice(1);
  const largest = max(abs(stopGradient(weights)), { axes, keepDims: true });
  const scale = maximum(div(largest, MOST_WEIGHT), SMALLEST_SCALE);
  return fakeQuantize(weights, { scale, least: -MOST_WEIGHT, most: MOST_WEIGHT });
}

function withoutInt8(operation: string): LimbeckError {
  return new LimbeckError(
    "UNSUPPORTED",
    `${operation} is not computed in whole numbers of 8 bits, so a network that has it cannot be trained for them; take another activation ` +
      "(--model-option activation=relu, --student-option activation=relu), or leave quantize out",
  );
}
