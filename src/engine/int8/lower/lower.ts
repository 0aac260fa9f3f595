/** @file A network in whole numbers as calls of kernels: what computes each layer's numbers. */
import { elementAt } from "../../../elements.ts";
import type {
  AddLayer,
  AvgPool2dLayer,
  ImagesLayer,
  MaxPool2dLayer,
  PerChannelLayer,
  QuantisedLayer,
  QuantisedNetwork,
} from "../network.ts";
import { fixedPoint, imagesFactor, meanNumbers, perChannelNumbers } from "../arithmetic.ts";
import type { Flavour } from "../flavour.ts";
import { dequantise, quantiseImages } from "../kernels/images.ts";
import { perChannel } from "../kernels/per-channel.ts";
import { avgPool, maxPool, type PoolShape } from "../kernels/pool.ts";
import { add } from "../kernels/rescale.ts";
import { addressOf, Area, type Place } from "../place.ts";
import type { Constants, Step } from "../step.ts";
import type { Weights } from "../weights.ts";
import { isShuffled, lowerChannelShuffle, lowerConcat, lowerFlatten, lowerSlice } from "./channels.ts";
import { eights, extentOf, Lowering } from "./lowering.ts";
import { isDepthwise, lowerConv2d, lowerDepthwise, lowerLinear, lowerLogits } from "./weighted.ts";
import { isByWinograd, lowerWinograd } from "./winograd.ts";

/** All that a module is written from. */
export interface Lowered {
  readonly steps: readonly Step[];
  /** Float32 images [H, W, C]. */
  readonly images: Area;
  /** Float32. */
  readonly logits: Area;
  readonly constants: Constants;
  readonly weights: Weights;
}

/** Throws UNSUPPORTED, saying where, for what no kernel can do. */
export function lower(network: QuantisedNetwork, flavour: Flavour): Lowered {
  const lowering = new Lowering(network, flavour);
  const { layers } = network;
  const [{ shape }] = layers;
  const images = new Area("images", shape[0] * shape[1] * shape[2] * 4);
  for (const [at, layer] of layers.slice(0, -1).entries()) {
    if (layer.kind === "concat" && isShuffled(lowering, at)) continue;
    lowering.place(at, lowerLayer(lowering, layer, at, images));
  }
  const { steps, constants, weights } = lowering;
  return { steps, images, logits: lowerLast(lowering, images), constants, weights };
}

/** The last layer: from the sums of a linear layer, which are float32 then, or from activations. */
function lowerLast(lowering: Lowering, images: Area): Area {
  const { layers } = lowering.network;
  const at = layers.length - 1;
  const last = elementAt(layers, at);
  return last.kind === "linear"
    ? lowerLogits(lowering, last, at)
    : asLogits(lowering, lowerLayer(lowering, last, at, images));
}

function lowerLayer(lowering: Lowering, layer: QuantisedLayer, at: number, images: Area): Place {
  switch (layer.kind) {
    case "images":
      return lowerImages(lowering, layer, images);
    case "conv2d":
      if (isDepthwise(layer)) return lowerDepthwise(lowering, layer, at);
      return isByWinograd(lowering, layer) ? lowerWinograd(lowering, layer, at) : lowerConv2d(lowering, layer, at);
    case "linear":
      return lowerLinear(lowering, layer, at);
    case "add":
      return lowerAdd(lowering, layer, at);
    case "perChannel":
      return lowerPerChannel(lowering, layer, at);
    case "maxPool2d":
      return lowerMaxPool2d(lowering, layer, at);
    case "avgPool2d":
      return lowerAvgPool2d(lowering, layer, at);
    case "concat":
      return lowerConcat(lowering, layer, at);
    case "channelShuffle":
      return lowerChannelShuffle(lowering, layer, at);
    case "slice":
      return lowerSlice(lowering, layer);
    case "flatten":
      return lowerFlatten(lowering, layer, at);
  }
}

function lowerImages(lowering: Lowering, layer: ImagesLayer, images: Area): Place {
  const { shape, quantisation } = layer;
  const y = lowering.newPlace(0, layer, (count) => Math.ceil(count / 4) * 4);
  const [channels, height, width] = shape;
  const kernel = quantiseImages(lowering.flavour, {
    height,
    width,
    channels,
    output: { pixel: y.pixel, row: y.row },
    top: lowering.network.top,
  });
  const factor = bitsOf(imagesFactor(quantisation));
  lowering.push(kernel, [images], y.area, () => [images.address, addressOf(y), factor, quantisation.zero]);
  return y;
}

function lowerAdd(lowering: Lowering, layer: AddLayer, at: number): Place {
  const [a, b] = layer.inputs.map((input) => lowering.placeOf(input)) as [Place, Place];
  const y = lowering.newPlace(at, layer);
  const { factors, offset, shift } = fixedPoint(lowering.where(at), [a.quantisation, b.quantisation], y.quantisation);
  const code = add(lowering.flavour, {
    ...extentOf(y),
    a: lowering.stridesOf(a),
    b: lowering.stridesOf(b),
    output: lowering.stridesOf(y),
    top: lowering.network.top,
  });
  const pair = elementAt(factors, 0) + elementAt(factors, 1) * 65_536;
  lowering.push(code, [a.area, b.area], y.area, () => [addressOf(a), addressOf(b), addressOf(y), pair, offset, shift]);
  return y;
}

function lowerPerChannel(lowering: Lowering, layer: PerChannelLayer, at: number): Place {
  const x = lowering.placeOf(layer.inputs[0]);
  const y = lowering.newPlace(at, layer);
  const { factors, terms } = perChannelNumbers(layer, x.quantisation);
  const count = eights(x.channels);
  const padded = (numbers: Float32Array): Float32Array => {
    const all = new Float32Array(count);
    all.set(numbers);
    return all;
  };
  const numbers = lowering.constants.add(padded(factors), padded(terms));
  const code = perChannel(lowering.flavour, {
    ...extentOf(y),
    input: { pixel: x.pixel, row: x.row },
    output: { pixel: y.pixel, row: y.row },
    top: lowering.network.top,
  });
  lowering.push(code, [x.area], y.area, () => [
    addressOf(x),
    addressOf(y),
    numbers(),
    numbers() + count * 4,
    y.quantisation.zero,
  ]);
  return y;
}

function lowerMaxPool2d(lowering: Lowering, layer: MaxPool2dLayer, at: number): Place {
  const x = lowering.placeOf(layer.inputs[0]);
  const y = lowering.newPlace(at, layer);
  const code = maxPool(lowering.flavour, poolShape(lowering, layer, x, y));
  lowering.push(code, [x.area], y.area, () => [addressOf(x), addressOf(y)]);
  return y;
}

function lowerAvgPool2d(lowering: Lowering, layer: AvgPool2dLayer, at: number): Place {
  const { padding } = layer;
  const x = lowering.placeOf(layer.inputs[0]);
  const y = lowering.newPlace(at, layer);
  const { less, factor } = meanNumbers(layer, x.quantisation);
  const from = (): number => addressOf(x) - padding[0] * x.row - padding[1] * x.pixel;
  lowering.push(avgPool(lowering.flavour, poolShape(lowering, layer, x, y)), [x.area], y.area, () => [
    from(),
    addressOf(y),
    less,
    bitsOf(factor),
    y.quantisation.zero,
  ]);
  return y;
}

function poolShape(
  lowering: Lowering,
  { kernel, stride, padding }: MaxPool2dLayer | AvgPool2dLayer,
  x: Place,
  y: Place,
): PoolShape {
  return {
    ...extentOf(y),
    kernel,
    stride,
    padding,
    inputHeight: x.height,
    inputWidth: x.width,
    input: lowering.stridesOf(x),
    output: lowering.stridesOf(y),
    top: lowering.network.top,
  };
}

function asLogits(lowering: Lowering, x: Place): Area {
  const logits = new Area("logits", x.channels * x.height * x.width * 4);
  const { channels, height, width, pixel, row, quantisation } = x;
  const code = dequantise(lowering.flavour, { height, width, channels, input: { pixel, row } });
  const scale = bitsOf(quantisation.scale);
  lowering.push(code, [x.area], logits, () => [addressOf(x), logits.address, quantisation.zero, scale]);
  return logits;
}

/** A float32's bits as a whole number. */
function bitsOf(value: number): number {
  return elementAt(new Int32Array(Float32Array.of(value).buffer), 0);
}
