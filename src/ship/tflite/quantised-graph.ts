/** @file A network in whole numbers as a TFLite graph: activations from -128 to 127, weights with a scale of each output. https://ai.google.dev/edge/litert/conversion/tensorflow/quantization/quantization_spec */
import { elementAt } from "../../elements.ts";
import type { Quantisation, QuantisedLayer, QuantisedNetwork } from "../../engine/int8/network.ts";
import { sizeOf } from "../../tensor/index.ts";
import { PIXEL_VALUES, LOGITS } from "../exported-network.ts";
import { wholeWeights } from "../whole-weights.ts";
import { Emitter, type Value } from "./emitter.ts";
import {
  avgPool2d,
  channelShuffle,
  channelsLast,
  concat,
  conv2d,
  maxPool2d,
  requantised,
  reshape,
  slice,
  transpose,
  type Named,
} from "./layers.ts";

/** A graph, and its ends. */
export interface Graph {
  readonly emitter: Emitter;
  readonly input: Value;
  readonly output: Value;
}

/** The largest weight: TFLite's rule, which leaves out -128. */
export const LARGEST_WEIGHT = 127;

/** `isWhole`: whether images and logits are int8 too, or float32. For activations up to 255. */
export function quantisedGraph({ layers }: QuantisedNetwork, isWhole: boolean): Graph {
  const emitter = new Emitter();
  const [images] = layers;
  const [channels, height, width] = images.shape;
  const shape = [1, height, width, channels];
  const quantisation = centred(images.quantisation);
  const input = emitter.tensor(
    PIXEL_VALUES,
    shape,
    isWhole ? "Int8Array" : "Float32Array",
    isWhole ? quantisation : undefined,
  );
  const first = isWhole ? input : requantised(emitter, input, quantisation, "images.int8");
  const values = new Map<QuantisedLayer, Value>([[images, first]]);
  for (const [at, layer] of layers.entries()) {
    if (layer.kind === "images") continue;
    const [x] = layer.inputs.map((i) => elementAt(layers, i));
    const { shape: order } = x?.kind === "flatten" ? elementAt(layers, x.inputs[0]) : x!;
    const named = { name: `${layer.kind}_${at}`, quantisation: centred(layer.quantisation) };
    const inputs = layer.inputs.map((i) => values.get(elementAt(layers, i))!);
    const isForLinear = layers.every(({ kind, inputs }) => !inputs.includes(at as never) || kind === "linear");
    values.set(layer, written(emitter, layer, { order, inputs, named, isForLinear }));
  }
  const last = elementAt(layers, -1);
  const logits = values.get(last)!;
  const output = { shape: [1, last.shape[0]], name: LOGITS };
  if (isWhole) return { emitter, input, output: reshape(emitter, logits, output.shape, LOGITS) };
  const flat = reshape(emitter, logits, output.shape, "logits.int8");
  return { emitter, input, output: emitter.operator("DEQUANTIZE", [flat], output) };
}

/** From -128 rather than from 0. */
export function centred({ scale, zero }: Quantisation): Quantisation {
  return { scale, zero: zero - 128 };
}

interface Writing {
  /** What the numbers of the first input are in PyTorch's order, where a linear layer takes them as they lie: [C, H, W], or [C]. */
  readonly order: readonly number[];
  readonly inputs: readonly Value[];
  readonly named: Named & { readonly quantisation: Quantisation };
  /** Whether linear layers alone take the result. */
  readonly isForLinear: boolean;
}

/** NOTE: vectors are maps of one pixel, and linear layers are convolutions of it: runtimes before 2024 read only one scale of a FULLY_CONNECTED's weights. */
function written(e: Emitter, layer: QuantisedLayer, { order, inputs, named, isForLinear }: Writing): Value {
  const x = elementAt(inputs, 0);
  const pixel = { kernel: [1, 1], stride: [1, 1], padding: [0, 0] } as const;
  switch (layer.kind) {
    case "images":
      return x;
    case "conv2d": {
      const { weights, weightScales, bias } = layer;
      const outputs = layer.shape[0];
      return conv2d(e, x, { weight: weights, scales: weightScales, bias }, { ...layer, ...named, outputs });
    }
    case "linear": {
      const outputs = layer.bias.length;
      const weight = channelsLast(layer.weights, outputs, order);
      const weighted = { weight, scales: layer.weightScales, bias: layer.bias };
      return conv2d(e, x, weighted, { ...pixel, ...named, groups: 1, outputs });
    }
    case "perChannel": {
      const { multiply, add } = layer;
      const { scale } = x.quantisation!;
      const whole = wholeWeights(named.name, multiply, add, { scale, largest: LARGEST_WEIGHT });
      const weighted = { weight: whole.weights, scales: whole.weightScales, bias: whole.bias };
      return conv2d(e, x, weighted, { ...pixel, ...named, groups: multiply.length, outputs: multiply.length });
    }
    case "add":
      return e.operator("ADD", inputs, {
        shape: x.shape,
        type: "Int8Array",
        ...named,
        options: { fused_activation_function: 0 },
      });
    case "maxPool2d":
      return maxPool2d(e, x, { ...layer, ...named }, x.quantisation!.zero === -128);
    case "avgPool2d":
      return avgPool2d(e, x, { ...layer, ...named });
    case "concat":
      return concat(e, inputs, 3, named);
    case "slice":
      return slice(e, x, { axis: 3, from: layer.from, to: layer.to, name: named.name });
    case "channelShuffle":
      return channelShuffle(e, x, layer.groups, named.name);
    case "flatten": {
      const map = isForLinear ? x : transpose(e, x, [0, 3, 1, 2], `${named.name}.channels`);
      return reshape(e, map, [1, 1, 1, sizeOf(x.shape)], named.name);
    }
  }
}
