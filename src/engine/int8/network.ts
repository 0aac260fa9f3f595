/**
 * @file A network in whole numbers: what calibration and quantisation make of a folded one, and what an int8 file is written from.
 * Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", 2018,
 * https://arxiv.org/abs/1712.05877
 */

type ImageShape = readonly [channels: number, height: number, width: number];

/** The least scale of weights and activations, where all are 0 or nearly: far below any that counts; products with it are still normal numbers. */
export const SMALLEST_SCALE: number = 2 ** -64;

/**
 * The largest weight beside activations up to `top`: 127, and 64 beside 255. Processors without VNNI (AVX2) add two products of such bytes within
 * 16 bits, and ONNX Runtime with them: larger weights would saturate, and logits be wrong without a word.
 */
export function largestWeight(top: number): number {
  return top === 255 ? 64 : 127;
}

/** What whole numbers q from 0 to the network's `top` stand for: scale·(q - zero). */
export interface Quantisation {
  /** Above 0; a float32. */
  readonly scale: number;
  /** A whole number from 0 to `top`. */
  readonly zero: number;
}

/** A classifier of images in whole numbers. */
export interface QuantisedNetwork {
  /** The largest number that an activation is: 255, or 127 for 8-bit products of relaxed SIMD, whose second factor has 7 bits. */
  readonly top: 255 | 127;
  /**
   * Each after those that it takes, which it names by their place in this list. The first is the images, the last gives the
   * logits, and all are needed for them.
   */
  readonly layers: readonly [ImagesLayer, ...QuantisedLayer[]];
}

/** A step of the network, whose numbers are rounded to the nearest and held between 0 and `top`: that is all there is of ReLU. */
export type QuantisedLayer =
  | ImagesLayer
  | Conv2dLayer
  | LinearLayer
  | AddLayer
  | PerChannelLayer
  | MaxPool2dLayer
  | AvgPool2dLayer
  | ConcatLayer
  | SliceLayer
  | ChannelShuffleLayer
  | FlattenLayer;

/** What all layers have. */
interface Layer<Inputs extends readonly number[]> {
  /** Places of the layers whose numbers it takes. */
  readonly inputs: Inputs;
  /** Of one image: [C, H, W], or [C] after `flatten` and `linear`. */
  readonly shape: ImageShape | readonly [channels: number];
  /** What its numbers stand for. */
  readonly quantisation: Quantisation;
}

/** Normalised images [C, H, W], made whole numbers. */
export interface ImagesLayer extends Layer<readonly []> {
  readonly kind: "images";
  readonly shape: ImageShape;
}

/**
 * Weights and bias of a convolution or linear layer: weight w stands for weightScales[o]·w, and bias b for
 * x's scale·weightScales[o]·b, so that the sum Σ w·(q - zero) + b stands for x's scale·weightScales[o] times itself.
 */
export interface Weighted extends Layer<readonly [x: number]> {
  /** As far from 0 as `largestWeight`, in PyTorch's order: [O, C / groups, KH, KW] or [O, I]. */
  readonly weights: Int8Array;
  /** Of each output channel, above 0. */
  readonly weightScales: Float32Array;
  /** Of each output channel; zeros where there is none. */
  readonly bias: Int32Array;
}

export interface Conv2dLayer extends Weighted {
  readonly kind: "conv2d";
  readonly shape: ImageShape;
  readonly kernel: readonly [height: number, width: number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
}

/** As the last layer its sums are the logits: they are multiplied out as float32, and `quantisation` is not used. */
export interface LinearLayer extends Weighted {
  readonly kind: "linear";
  readonly shape: readonly [channels: number];
}

/** The sum of two layers' numbers, each with its own quantisation. */
export interface AddLayer extends Layer<readonly [a: number, b: number]> {
  readonly kind: "add";
}

/** multiply[c]·x + add[c] of what x stands for: a norm that could not be folded, or an activation that stands alone (1 and 0). */
export interface PerChannelLayer extends Layer<readonly [x: number]> {
  readonly kind: "perChannel";
  readonly multiply: Float32Array;
  readonly add: Float32Array;
}

interface Pool extends Layer<readonly [x: number]> {
  readonly shape: ImageShape;
  readonly kernel: readonly [height: number, width: number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
}

/** The largest of each window; quantised as x is. */
export interface MaxPool2dLayer extends Pool {
  readonly kind: "maxPool2d";
}

/** The mean of each window, its border counted as zeros. */
export interface AvgPool2dLayer extends Pool {
  readonly kind: "avgPool2d";
}

/** Channels of several layers one behind the other. Inputs that are quantised otherwise are quantised again. */
export interface ConcatLayer extends Layer<readonly number[]> {
  readonly kind: "concat";
}

/** Channels `from` to before `to`; quantised as x is. */
export interface SliceLayer extends Layer<readonly [x: number]> {
  readonly kind: "slice";
  readonly from: number;
  readonly to: number;
}

/** Channel g·C/groups + c becomes channel c·groups + g; quantised as x is. */
export interface ChannelShuffleLayer extends Layer<readonly [x: number]> {
  readonly kind: "channelShuffle";
  readonly shape: ImageShape;
  readonly groups: number;
}

/** [C, H, W] as [C·H·W], for a linear layer; quantised as x is. */
export interface FlattenLayer extends Layer<readonly [x: number]> {
  readonly kind: "flatten";
  readonly shape: readonly [channels: number];
}
