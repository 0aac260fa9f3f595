/** @file A network in whole numbers as calls of kernels: where each layer's numbers lie, and what computes them. */
import { LimbeckError } from "../../../errors.ts";
import type {
  AddLayer,
  AvgPool2dLayer,
  ChannelShuffleLayer,
  ConcatLayer,
  Conv2dLayer,
  ImagesLayer,
  LinearLayer,
  MaxPool2dLayer,
  PerChannelLayer,
  Quantisation,
  QuantisedLayer,
  QuantisedNetwork,
} from "../../quantised.ts";
import { fixedPoint, imagesFactor, meanNumbers, perChannelNumbers, weightedNumbers } from "./arithmetic.ts";
import type { Flavour } from "./flavour.ts";
import { channels, type Source } from "./kernels/channels.ts";
import { conv, panelsOf, type ConvShape, type SumLoop } from "./kernels/conv.ts";
import { depthwise } from "./kernels/depthwise.ts";
import { dequantise, quantiseImages } from "./kernels/images.ts";
import { perChannel } from "./kernels/per-channel.ts";
import { avgPool, maxPool, type PoolShape } from "./kernels/pool.ts";
import { add, rescale } from "./kernels/rescale.ts";
import { addressOf, Area, placeFor, type Place } from "./place.ts";
import { Constants, type Step } from "./step.ts";
import type { Strides } from "./walk.ts";
import { Weights } from "./weights.ts";

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
  return new Lowering(network, flavour).lowered();
}

/** For how many channels of each pixel there is room, of so many that are wanted. */
type Room = (channels: number) => number;
const eights: Room = (count) => Math.ceil(count / 8) * 8;

class Lowering {
  readonly #network: QuantisedNetwork;
  readonly #flavour: Flavour;
  readonly #readers: readonly (readonly number[])[];
  readonly #borders: readonly (readonly [above: number, beside: number])[];
  readonly #places = new Map<number, Place>();
  readonly #steps: Step[] = [];
  readonly #constants = new Constants();
  readonly #weights: Weights;

  constructor(network: QuantisedNetwork, flavour: Flavour) {
    this.#network = network;
    this.#flavour = flavour;
    this.#weights = new Weights(flavour);
    this.#readers = readersOf(network.layers);
    this.#borders = bordersOf(network.layers);
    if (network.top > flavour.mostTop) {
      throw new LimbeckError(
        "UNSUPPORTED",
        `the ${flavour.name} module takes activations up to ${flavour.mostTop}, got a network of up to ${network.top}; quantise it with top ${flavour.mostTop}`,
      );
    }
  }

  lowered(): Lowered {
    const { layers } = this.#network;
    const [{ shape }] = layers;
    const images = new Area("images", shape[0] * shape[1] * shape[2] * 4);
    const last = layers.at(-1)!;
    let logits = new Area("logits", last.shape.reduce((size, side) => size * side, 1) * 4);
    for (const [at, layer] of layers.entries()) {
      if (layer.kind === "linear" && at === layers.length - 1) {
        logits = this.#logitsOf(layer, at);
        return { steps: this.#steps, images, logits, constants: this.#constants, weights: this.#weights };
      }
      if (layer.kind === "concat" && this.#isShuffled(at)) continue;
      const place = layer.kind === "images" ? this.#images(layer, images) : this.#placed(layer, at);
      this.#places.set(at, place);
    }
    this.#dequantise(this.#places.get(layers.length - 1)!, logits);
    return { steps: this.#steps, images, logits, constants: this.#constants, weights: this.#weights };
  }

  #placed(layer: Exclude<QuantisedLayer, ImagesLayer>, at: number): Place {
    switch (layer.kind) {
      case "conv2d":
        return isDepthwise(layer) ? this.#depthwise(layer, at) : this.#conv2d(layer, at);
      case "linear":
        return this.#linear(layer, at);
      case "add":
        return this.#add(layer, at);
      case "perChannel":
        return this.#perChannel(layer, at);
      case "maxPool2d":
        return this.#maxPool2d(layer, at);
      case "avgPool2d":
        return this.#avgPool2d(layer, at);
      case "concat":
        return this.#concat(layer, at);
      case "channelShuffle":
        return this.#channelShuffle(layer, at);
      case "slice": {
        const x = this.#placeOf(layer.inputs[0]);
        return {
          ...x,
          channels: layer.to - layer.from,
          first: x.first + layer.from * this.#flavour.bytes,
        };
      }
      case "flatten":
        return this.#flattened(layer.inputs[0], at);
    }
  }

  /** NOTE: channels last, a map's numbers are in another order than flattened; linear layers have their weights in that order. */
  #flattened(input: number, at: number): Place {
    const x = this.#placeOf(input);
    const other = this.#readers[at]!.find((reader) => this.#network.layers[reader]!.kind !== "linear");
    if (x.height * x.width > 1 && other !== undefined) {
      const kind = this.#network.layers[other]!.kind;
      throw new LimbeckError(
        "UNSUPPORTED",
        `${this.#where(other)}: what takes flattened maps of ${x.height}x${x.width} should be a linear layer, got ${kind}; flatten after it`,
      );
    }
    return x;
  }

  #images(layer: ImagesLayer, images: Area): Place {
    const { shape, quantisation } = layer;
    const y = this.#newPlace(0, layer, (count) => Math.ceil(count / 4) * 4);
    const [channels, height, width] = shape;
    const kernel = quantiseImages(this.#flavour, {
      height,
      width,
      channels,
      output: { pixel: y.pixel, row: y.row },
      top: this.#network.top,
    });
    const factor = bitsOf(imagesFactor(quantisation));
    this.#push(kernel, [images], y.area, () => [images.address, addressOf(y), factor, quantisation.zero]);
    return y;
  }

  #conv2d(layer: Conv2dLayer, at: number): Place {
    const { kernel, stride, padding, dilation, groups, shape } = layer;
    const x = this.#placeOf(layer.inputs[0]);
    const inputs = x.channels / groups;
    const outputs = shape[0] / groups;
    const vectors = vectorsFor(outputs, shape[1] * shape[2]);
    const panels = panelsOf({ groupOutputs: outputs, vectors });
    const y = this.#newPlace(at, layer, () => eights((groups - 1) * outputs + panels * 4 * vectors));
    return this.#weighted(layer, at, x, y, {
      kernel,
      inputs,
      shape: {
        ...lined(
          { height: shape[1], width: shape[2], windowStep: stride[1] * x.pixel, windowRow: stride[0] * x.row },
          { pixel: y.pixel, row: y.row },
        ),
        sum: this.#sumOf(x, kernel, dilation, inputs),
        groups,
        groupStep: inputs * this.#flavour.bytes,
        groupOutputs: outputs,
        vectors,
        top: this.#network.top,
      },
      from: () => addressOf(x) - padding[0] * x.row - padding[1] * x.pixel,
      to: () => addressOf(y),
      area: y.area,
    });
  }

  #linear(layer: LinearLayer, at: number): Place {
    const x = this.#placeOf(layer.inputs[0]);
    const shape = this.#linearShape(layer, x);
    const y = this.#newPlace(at, layer, () => eights(panelsOf(shape) * 4 * shape.vectors));
    return this.#weighted(layer, at, x, y, {
      kernel: [x.height, x.width],
      inputs: x.channels,
      shape: { ...shape, output: { pixel: y.pixel, row: y.row } },
      from: () => addressOf(x),
      to: () => addressOf(y),
      area: y.area,
    });
  }

  #logitsOf(layer: LinearLayer, at: number): Area {
    const x = this.#placeOf(layer.inputs[0]);
    const shape = this.#linearShape(layer, x);
    const logits = new Area("logits", panelsOf(shape) * shape.vectors * 16);
    this.#weighted(layer, at, x, undefined, {
      kernel: [x.height, x.width],
      inputs: x.channels,
      shape: { ...shape, output: "logits" },
      from: () => addressOf(x),
      to: () => logits.address,
      area: logits,
    });
    return logits;
  }

  #linearShape(layer: LinearLayer, x: Place): Omit<ConvShape, "output"> {
    const [outputs] = layer.shape;
    return {
      height: 1,
      width: 1,
      windowStep: 0,
      windowRow: 0,
      sum: this.#sumOf(x, [x.height, x.width], [1, 1], x.channels),
      groups: 1,
      groupStep: 0,
      groupOutputs: outputs,
      vectors: vectorsFor(outputs, 1),
      top: this.#network.top,
    };
  }

  /** The step of a convolution or linear layer; without a place its sums are logits. */
  #weighted<Output extends Place | undefined>(
    layer: Conv2dLayer | LinearLayer,
    at: number,
    x: Place,
    y: Output,
    {
      kernel: [rows, columns],
      inputs,
      shape,
      from,
      to,
      area,
    }: {
      readonly kernel: readonly [number, number];
      readonly inputs: number;
      readonly shape: ConvShape;
      readonly from: () => number;
      readonly to: () => number;
      readonly area: Area;
    },
  ): Output {
    const { top } = this.#network;
    const { bias, factors } = weightedNumbers(this.#where(at), layer, x.quantisation, y?.quantisation.scale ?? 1, top);
    const { groups, groupOutputs, vectors } = shape;
    const columnsOfGroup = panelsOf(shape) * vectors * 4;
    const inPanels = <Numbers extends Int32Array | Float32Array>(numbers: Numbers, panelled: Numbers): Numbers => {
      for (let group = 0; group < groups; group++) {
        const own = numbers.subarray(group * groupOutputs, (group + 1) * groupOutputs);
        panelled.set(own, group * columnsOfGroup);
      }
      return panelled;
    };
    const numbers = this.#constants.add(
      inPanels(bias, new Int32Array(groups * columnsOfGroup)),
      inPanels(factors, new Float32Array(groups * columnsOfGroup)),
    );
    const weights = this.#weights.addPanels(layer.weights, shape, { inputs, taps: rows * columns });
    const zero = y?.quantisation.zero ?? 0;
    this.#push(conv(this.#flavour, shape), [x.area], area, () => [from(), to(), weights(), numbers(), zero]);
    return y;
  }

  #sumOf(
    { row, pixel }: Place,
    [rows, columns]: readonly [number, number],
    [down, right]: readonly [number, number],
    inputs: number,
  ): SumLoop[] {
    return merged([
      { count: rows, step: down * row },
      { count: columns, step: right * pixel },
      { count: Math.ceil(inputs / this.#flavour.perLane), step: 4 },
    ]);
  }

  #depthwise(layer: Conv2dLayer, at: number): Place {
    const { kernel, stride, padding, dilation, shape } = layer;
    const { top } = this.#network;
    const x = this.#placeOf(layer.inputs[0]);
    const y = this.#newPlace(at, layer);
    const count = eights(shape[0]);
    const { bias, factors } = weightedNumbers(this.#where(at), layer, x.quantisation, y.quantisation.scale, top);
    const padded = <Numbers extends Int32Array | Float32Array>(numbers: Numbers, all: Numbers): Numbers => {
      all.set(numbers);
      return all;
    };
    const numbers = this.#constants.add(padded(bias, new Int32Array(count)), padded(factors, new Float32Array(count)));
    const weights = this.#weights.addDepthwise(layer.weights, shape[0], kernel);
    const code = depthwise(this.#flavour, {
      height: shape[1],
      width: shape[2],
      eights: count / 8,
      kernel,
      strideX: stride[1],
      dilationX: dilation[1],
      windowRow: stride[0] * x.row,
      tapRow: dilation[0] * x.row,
      input: { pixel: x.pixel },
      output: { pixel: y.pixel, row: y.row },
      top,
    });
    const from = (): number => addressOf(x) - padding[0] * x.row - padding[1] * x.pixel;
    this.#push(code, [x.area], y.area, () => [from(), addressOf(y), weights(), numbers(), y.quantisation.zero]);
    return y;
  }

  #add(layer: AddLayer, at: number): Place {
    const [a, b] = layer.inputs.map((input) => this.#placeOf(input)) as [Place, Place];
    const y = this.#newPlace(at, layer);
    const { factors, offset, shift } = fixedPoint(this.#where(at), [a.quantisation, b.quantisation], y.quantisation);
    const code = add(this.#flavour, {
      ...extentOf(y),
      a: this.#strides(a),
      b: this.#strides(b),
      output: this.#strides(y),
      top: this.#network.top,
    });
    const pair = factors[0]! + factors[1]! * 65_536;
    this.#push(code, [a.area, b.area], y.area, () => [addressOf(a), addressOf(b), addressOf(y), pair, offset, shift]);
    return y;
  }

  #perChannel(layer: PerChannelLayer, at: number): Place {
    const x = this.#placeOf(layer.inputs[0]);
    const y = this.#newPlace(at, layer);
    const { factors, terms } = perChannelNumbers(layer, x.quantisation);
    const count = eights(x.channels);
    const padded = (numbers: Float32Array): Float32Array => {
      const all = new Float32Array(count);
      all.set(numbers);
      return all;
    };
    const numbers = this.#constants.add(padded(factors), padded(terms));
    const code = perChannel(this.#flavour, {
      ...extentOf(y),
      input: { pixel: x.pixel, row: x.row },
      output: { pixel: y.pixel, row: y.row },
      top: this.#network.top,
    });
    this.#push(code, [x.area], y.area, () => [
      addressOf(x),
      addressOf(y),
      numbers(),
      numbers() + count * 4,
      y.quantisation.zero,
    ]);
    return y;
  }

  #maxPool2d(layer: MaxPool2dLayer, at: number): Place {
    const x = this.#placeOf(layer.inputs[0]);
    const y = this.#newPlace(at, layer);
    const code = maxPool(this.#flavour, this.#poolShape(layer, x, y));
    this.#push(code, [x.area], y.area, () => [addressOf(x), addressOf(y)]);
    return y;
  }

  #avgPool2d(layer: AvgPool2dLayer, at: number): Place {
    const { padding } = layer;
    const x = this.#placeOf(layer.inputs[0]);
    const y = this.#newPlace(at, layer);
    const { less, factor } = meanNumbers(layer, x.quantisation);
    const from = (): number => addressOf(x) - padding[0] * x.row - padding[1] * x.pixel;
    this.#push(avgPool(this.#flavour, this.#poolShape(layer, x, y)), [x.area], y.area, () => [
      from(),
      addressOf(y),
      less,
      bitsOf(factor),
      y.quantisation.zero,
    ]);
    return y;
  }

  #poolShape({ kernel, stride, padding }: MaxPool2dLayer | AvgPool2dLayer, x: Place, y: Place): PoolShape {
    return {
      ...extentOf(y),
      kernel,
      stride,
      padding,
      inputHeight: x.height,
      inputWidth: x.width,
      input: this.#strides(x),
      output: this.#strides(y),
      top: this.#network.top,
    };
  }

  #concat(layer: ConcatLayer, at: number): Place {
    const inputs = this.#inputsOf(layer, at);
    return this.#inOrder(layer, at, inputs, sourcesOf(inputs));
  }

  /** NOTE: what is shuffled right after it is concatenated is moved once. */
  #channelShuffle(layer: ChannelShuffleLayer, at: number): Place {
    const {
      groups,
      inputs: [input],
    } = layer;
    const x = this.#network.layers[input]!;
    const inputs = x.kind === "concat" && this.#isShuffled(input) ? this.#inputsOf(x, input) : [this.#placeOf(input)];
    const sources = sourcesOf(inputs);
    const each = sources.length / groups;
    return this.#inOrder(
      layer,
      at,
      inputs,
      sources.map((_, i) => sources[(i % groups) * each + Math.floor(i / groups)]!),
    );
  }

  /** Whether what is at this place is a concatenation that is shuffled, and nothing else is done with it. */
  #isShuffled(at: number): boolean {
    const [reader, ...others] = this.#readers[at]!;
    return others.length === 0 && reader !== undefined && this.#network.layers[reader]!.kind === "channelShuffle";
  }

  /** What a concatenation takes, quantised as it is. */
  #inputsOf(layer: ConcatLayer, at: number): Place[] {
    return layer.inputs.map((input) => {
      const x = this.#placeOf(input);
      return isSame(x.quantisation, layer.quantisation) ? x : this.#rescaled(x, layer.quantisation, at);
    });
  }

  #rescaled(x: Place, quantisation: Quantisation, at: number): Place {
    const y = placeFor(`rescaled for ${this.#where(at)}`, {
      shape: [x.channels, x.height, x.width],
      quantisation,
      border: [0, 0],
      room: eights(x.channels),
      bytes: this.#flavour.bytes,
    });
    const { factors, offset, shift } = fixedPoint(this.#where(at), [x.quantisation], quantisation);
    const code = rescale(this.#flavour, {
      ...extentOf(y),
      input: this.#strides(x),
      output: this.#strides(y),
      top: this.#network.top,
    });
    this.#push(code, [x.area], y.area, () => [addressOf(x), addressOf(y), factors[0]!, offset, shift]);
    return y;
  }

  #inOrder(layer: QuantisedLayer, at: number, inputs: readonly Place[], sources: readonly Source[]): Place {
    const y = this.#newPlace(at, layer);
    const code = channels(this.#flavour, {
      height: y.height,
      width: y.width,
      inputs: inputs.map(({ pixel, row }) => ({ pixel, row })),
      output: { pixel: y.pixel, row: y.row },
      sources,
    });
    this.#push(
      code,
      inputs.map(({ area }) => area),
      y.area,
      () => [...inputs.map(addressOf), addressOf(y)],
    );
    return y;
  }

  #dequantise(x: Place, logits: Area): void {
    const { channels, height, width, pixel, row, quantisation } = x;
    const code = dequantise(this.#flavour, { height, width, channels, input: { pixel, row } });
    const scale = bitsOf(quantisation.scale);
    this.#push(code, [x.area], logits, () => [addressOf(x), logits.address, quantisation.zero, scale]);
  }

  #push(kernel: Step["kernel"], reads: readonly Area[], writes: Area, parameters: Step["parameters"]): void {
    this.#steps.push({ kernel, reads, writes: [writes], parameters });
  }

  #newPlace(at: number, { shape, quantisation }: QuantisedLayer, room: Room = eights): Place {
    return placeFor(this.#where(at), {
      shape,
      quantisation,
      border: this.#borders[at]!,
      room: room(shape[0]),
      bytes: this.#flavour.bytes,
    });
  }

  #placeOf(at: number): Place {
    const place = this.#places.get(at);
    if (!place) throw new Error(`${this.#where(at)} is read before it is there`);
    return place;
  }

  #strides({ pixel, row }: Place): Strides {
    return { eight: 8 * this.#flavour.bytes, pixel, row };
  }

  /** A layer in words, for errors. */
  #where(at: number): string {
    return `layer ${at}, ${this.#network.layers[at]!.kind}`;
  }
}

/** Which layers take each layer's numbers. */
function readersOf(layers: readonly QuantisedLayer[]): number[][] {
  const readers: number[][] = layers.map(() => []);
  for (const [at, { inputs }] of layers.entries()) for (const input of inputs) readers[input]!.push(at);
  return readers;
}

/** How far windows reach over each layer's edges. A part of the channels lies in the same map. */
function bordersOf(layers: readonly QuantisedLayer[]): [number, number][] {
  const borders = layers.map((): [number, number] => [0, 0]);
  for (const layer of layers) {
    if (layer.kind !== "conv2d" && layer.kind !== "avgPool2d") continue;
    let [at] = layer.inputs as readonly [number];
    for (let x = layers[at]!; x.kind === "slice"; x = layers[at]!) [at] = x.inputs;
    const [above, beside] = borders[at]!;
    borders[at] = [Math.max(above, layer.padding[0]), Math.max(beside, layer.padding[1])];
  }
  return borders;
}

function isDepthwise({ groups, shape, weights, kernel }: Conv2dLayer): boolean {
  return groups > 1 && groups === shape[0] && weights.length === groups * kernel[0] * kernel[1];
}

/** Wide panels where there is one pixel, so that there are sums enough to be computed at a time. */
function vectorsFor(outputs: number, pixels: number): 2 | 4 | 8 {
  if (pixels > 1 || outputs <= 8) return 2;
  return outputs <= 16 ? 4 : 8;
}

/** As one row, where rows follow each other in the input and in the output. */
function lined<Shape extends Pick<ConvShape, "height" | "width" | "windowStep" | "windowRow">>(
  shape: Shape,
  output: { readonly pixel: number; readonly row: number },
): Shape & { readonly output: { readonly pixel: number; readonly row: number } } {
  const { height, width, windowStep, windowRow } = shape;
  const isLine = windowRow === width * windowStep && output.row === width * output.pixel;
  return isLine ? { ...shape, height: 1, width: height * width, output } : { ...shape, output };
}

/** Loops that go on where the one inside ends, as one. */
function merged(loops: readonly SumLoop[]): SumLoop[] {
  return loops.reduceRight<SumLoop[]>(([inner, ...others], outer) => {
    if (!inner) return [outer];
    if (outer.count === 1) return [inner, ...others];
    if (outer.step === inner.count * inner.step)
      return [{ count: outer.count * inner.count, step: inner.step }, ...others];
    return [outer, inner, ...others];
  }, []);
}

function sourcesOf(maps: readonly Place[]): Source[] {
  return maps.flatMap((place, map) => Array.from({ length: place.channels }, (_, channel) => ({ map, channel })));
}

function extentOf({ height, width, channels }: Place): { height: number; width: number; eights: number } {
  return { height, width, eights: Math.ceil(channels / 8) };
}

function isSame(a: Quantisation, b: Quantisation): boolean {
  return a.scale === b.scale && a.zero === b.zero;
}

/** A float32's bits as a whole number. */
function bitsOf(value: number): number {
  return new Int32Array(new Float32Array([value]).buffer)[0]!;
}
