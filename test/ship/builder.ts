/** @file Networks in whole numbers with random weights, made layer by layer. */
import type { ImageShape } from "../../src/models/index.ts";
import {
  largestWeight,
  type Conv2dLayer,
  type ImagesLayer,
  type Quantisation,
  type QuantisedLayer,
  type QuantisedNetwork,
} from "../../src/engine/int8/network.ts";
import { Draws } from "../engines/random.ts";

export interface ConvSizes {
  readonly outputs: number;
  readonly kernel?: readonly [number, number];
  readonly stride?: readonly [number, number];
  readonly padding?: readonly [number, number];
  readonly dilation?: readonly [number, number];
  readonly groups?: number;
}

/** Images of a size that the seed says, up to 6x11x11. */
export function randomBuilder(seed: string, top: 127 | 255): Builder {
  const draws = new Draws(`size of ${seed}`);
  const shape = [1 + draws.below(6), 3 + draws.below(9), 3 + draws.below(9)] as const;
  return new Builder(seed, top, shape, {
    isExtreme: draws.below(4) === 0,
    mostWeight: Math.min(largestWeight(top), draws.pick([127, 64, 43])),
  });
}

export interface PoolSizes {
  readonly kernel: readonly [number, number];
  readonly stride?: readonly [number, number];
  readonly padding?: readonly [number, number];
}

/** Each function adds a layer and returns its place. Zeros are random, and scales such that few results are held at the ends. */
export class Builder {
  readonly draws: Draws;
  readonly top: 127 | 255;
  readonly #layers: QuantisedLayer[] = [];
  readonly #images: ImagesLayer;
  /** Weights of 0, the largest and its negative only. */
  readonly #isExtreme: boolean;
  /** NOTE: 64 and 43 are the largest of which two and three lanes can be summed in 16 bits, whatever their signs. */
  readonly #mostWeight: number;

  constructor(seed: string, top: 127 | 255, shape: ImageShape, { isExtreme = false, mostWeight = 127 } = {}) {
    this.draws = new Draws(seed);
    this.top = top;
    this.#isExtreme = isExtreme;
    this.#mostWeight = mostWeight;
    this.#images = { kind: "images", inputs: [], shape, quantisation: this.#near(4 / top) };
    this.#layers.push(this.#images);
  }

  /** The network so far; its last layer gives the logits. */
  get network(): QuantisedNetwork {
    return { top: this.top, layers: [this.#images, ...this.#layers.slice(1)] };
  }

  shapeOf(at: number): readonly number[] {
    return this.#layers[at]!.shape;
  }

  image(): Float32Array {
    const [channels, height, width] = this.#images.shape;
    return this.draws.normals(channels * height * width).map((value) => value * 2);
  }

  conv(
    x: number,
    { outputs, kernel = [3, 3], stride = [1, 1], padding = [0, 0], dilation = [1, 1], groups = 1 }: ConvSizes,
  ): number {
    const [channels, height, width] = this.#imagesAt(x);
    const size = (side: number, axis: 0 | 1): number =>
      Math.floor((side + 2 * padding[axis] - dilation[axis] * (kernel[axis] - 1) - 1) / stride[axis]) + 1;
    const each = (channels / groups) * kernel[0] * kernel[1];
    const shape: ImageShape = [outputs, size(height, 0), size(width, 1)];
    if (Math.min(...shape) < 1) throw new Error(`a window of ${kernel.join("x")} does not fit ${height}x${width}`);
    const layer: Conv2dLayer = {
      kind: "conv2d",
      shape,
      kernel,
      stride,
      padding,
      dilation,
      groups,
      ...this.#weighted(x, outputs, each),
    };
    return this.#push(layer);
  }

  depthwise(x: number, sizes: Omit<ConvSizes, "outputs" | "groups"> = {}): number {
    const [channels] = this.#imagesAt(x);
    return this.conv(x, { ...sizes, outputs: channels, groups: channels });
  }

  linear(x: number, outputs: number): number {
    const inputs = this.shapeOf(x).reduce((size, side) => size * side, 1);
    return this.#push({ kind: "linear", shape: [outputs], ...this.#weighted(x, outputs, inputs) });
  }

  add(a: number, b: number): number {
    const scale = 1.4 * Math.max(this.#layers[a]!.quantisation.scale, this.#layers[b]!.quantisation.scale);
    return this.#push({ kind: "add", inputs: [a, b], shape: this.#layers[a]!.shape, quantisation: this.#near(scale) });
  }

  perChannel(x: number): number {
    const { shape, quantisation } = this.#layers[x]!;
    const normals = this.draws.normals(2 * shape[0]);
    return this.#push({
      kind: "perChannel",
      inputs: [x],
      shape,
      quantisation: this.#near(quantisation.scale),
      multiply: normals.subarray(0, shape[0]),
      add: normals.subarray(shape[0]).map((value) => value * quantisation.scale * 20),
    });
  }

  pool(kind: "maxPool2d" | "avgPool2d", x: number, { kernel, stride = kernel, padding = [0, 0] }: PoolSizes): number {
    const [channels, height, width] = this.#imagesAt(x);
    const size = (side: number, axis: 0 | 1): number =>
      Math.floor((side + 2 * padding[axis] - kernel[axis]) / stride[axis]) + 1;
    const { quantisation } = this.#layers[x]!;
    return this.#push({
      kind,
      inputs: [x],
      shape: [channels, size(height, 0), size(width, 1)],
      kernel,
      stride,
      padding,
      quantisation: kind === "maxPool2d" ? quantisation : this.#near(quantisation.scale * 0.7),
    });
  }

  /** `joined`: quantised as its first input. */
  concat(inputs: readonly [number, ...number[]], { joined = false } = {}): number {
    const [first] = inputs;
    const [, ...sides] = this.shapeOf(first);
    const { quantisation } = this.#layers[first]!;
    const channels = inputs.reduce((sum, at) => sum + this.shapeOf(at)[0]!, 0);
    return this.#push({
      kind: "concat",
      inputs,
      shape: [channels, ...sides] as unknown as ImageShape,
      quantisation: joined ? quantisation : this.#near(quantisation.scale),
    });
  }

  slice(x: number, from: number, to: number): number {
    const {
      shape: [, ...sides],
      quantisation,
    } = this.#layers[x]!;
    return this.#push({
      kind: "slice",
      inputs: [x],
      shape: [to - from, ...sides] as unknown as ImageShape,
      quantisation,
      from,
      to,
    });
  }

  channelShuffle(x: number, groups: number): number {
    const { quantisation } = this.#layers[x]!;
    return this.#push({ kind: "channelShuffle", inputs: [x], shape: this.#imagesAt(x), quantisation, groups });
  }

  flatten(x: number): number {
    const size = this.shapeOf(x).reduce((product, side) => product * side, 1);
    return this.#push({ kind: "flatten", inputs: [x], shape: [size], quantisation: this.#layers[x]!.quantisation });
  }

  #push(layer: QuantisedLayer): number {
    return this.#layers.push(layer) - 1;
  }

  #imagesAt(x: number): ImageShape {
    return this.shapeOf(x) as unknown as ImageShape;
  }

  /** A scale of about this, and a zero anywhere. */
  #near(scale: number): Quantisation {
    return { scale: Math.fround(scale * (0.8 + 0.4 * this.draws.uniform())), zero: this.draws.below(this.top + 1) };
  }

  #weighted(
    x: number,
    outputs: number,
    each: number,
  ): Pick<Conv2dLayer, "inputs" | "quantisation" | "weights" | "weightScales" | "bias"> {
    const { scale } = this.#layers[x]!.quantisation;
    const most = this.#mostWeight;
    const weights = Int8Array.from({ length: outputs * each }, () =>
      this.#isExtreme ? this.draws.pick([-most, most, most, 0]) : this.draws.below(2 * most + 1) - most,
    );
    const weightScales = Float32Array.from({ length: outputs }, () => 0.001 + 0.002 * this.draws.uniform());
    const spread = Math.sqrt(each) * 0.58 * most * this.top * 0.4;
    const bias = Int32Array.from(this.draws.normals(outputs), (value) => value * spread * 0.3);
    return {
      inputs: [x],
      quantisation: this.#near((scale * 0.002 * spread * 4) / this.top),
      weights,
      weightScales,
      bias,
    };
  }
}
