/**
 * @file Which algorithm computes a convolution: every such decision of the engine, with its reason. They depend on the
 * shapes and on whether multiply-adds are fused, never on a measurement, so that a run gives the same bits on every machine with such.
 */
import { ops } from "../../../tensor/ops/index.ts";
import type { Op, Tensor } from "../../../tensor/tensor.ts";
import { convShapeOf, type ConvShape } from "../../compiler/conv-shape.ts";
import type { TileShape } from "../kernels/tile.ts";

/**
 * - `depthwise`: a window of its own over each channel, without a matrix product.
 * - `winograd`: F(4×4, 3×3), 36 multiplications instead of 144, and transforms.
 * - `by-pixel`: a matrix product for each pixel of the result, whose rows are the images.
 * - `stride-phases`: an input's gradient in stride² parts, one for each remainder of rows and columns by the stride, without the zeros that a stride leaves between.
 * - `product`: a window of one pixel, so one matrix product of all pixels.
 * - `direct`: matrix products straight from the bordered image.
 */
export type ConvAlgorithm = "depthwise" | "winograd" | "by-pixel" | "stride-phases" | "product" | "direct";

/** What was decided, and why. */
export interface Decision {
  readonly algorithm: ConvAlgorithm;
  readonly reason: string;
}

/**
 * Channels on both sides from which Winograd's products outweigh its transforms, the second where the map is large. From 16 to 16
 * channels, 128 images of 32×32, one thread: forward 5.0 ms instead of 6.0, the input's gradient 4.8 instead of 6.0, the weight's 4.8
 * instead of 6.4; of 16×16, forward 1.37 instead of 1.50, which is not worth its rounding (an AMD EPYC, other work beside).
 */
const winogradChannels = 32;
const winogradChannelsOfLargeMaps = 16;
/** Pixels of a large map. */
const largeMap = 32 * 32;
/**
 * The same for the way forward where multiplications and additions are apart, which makes products dearer and transforms no dearer. A
 * layer of 16 channels over 32×32 pixels takes a web student 54 µs so instead of 95.
 */
const winogradChannelsApart = 16;

/**
 * Pixels of the result's map up to which each of them is a product of its own. ResNet-18 on 64 images of 64×64, one thread: between 512
 * channels at 2×2, forward 5.1 ms instead of 20, both gradients 11 instead of 84; to 256 channels at 4×4, gradients 12 instead of 17,
 * but forward of one image 0.32 instead of 0.14 (an AMD EPYC, other work beside).
 */
const fewPixels = 2 * 2;
const fewPixelsOfGradients = 4 * 4;

/** The way to compute a convolution or one of its gradients. */
export function decide(node: Tensor, { fused }: Pick<TileShape, "fused">): Decision {
  const shape = convShapeOf(node);
  if (isDepthwise(shape)) {
    return { algorithm: "depthwise", reason: "each channel has a window of its own, so there is no matrix product" };
  }
  if (isOfPixels(shape)) return { algorithm: "product", reason: "1×1, stride 1: each pixel by itself" };
  const least = leastChannels(node, shape, fused);
  const obstacle = obstacleToWinograd(node, shape, least);
  if (!obstacle) return { algorithm: "winograd", reason: `3×3, stride 1, ${least} or more channels` };
  if (hasFewPixels(node, shape)) {
    return { algorithm: "by-pixel", reason: `a map of ${shape.output.join("×")}, whose rows are short` };
  }
  if (node.op === ops.conv2dInputGrad && hasStridePhases(shape)) {
    return {
      algorithm: "stride-phases",
      reason: `stride ${shape.stride.join("×")}: zeros between gradients are left out`,
    };
  }
  return { algorithm: "direct", reason: `not by Winograd: ${obstacle}` };
}

/** Whether an operation is a convolution or a gradient of one. */
export function isConvolutionOrGradient(op: Op<never>): boolean {
  return op === ops.conv2d || op === ops.conv2dInputGrad || op === ops.conv2dWeightGrad;
}

/** Whether each channel has a window, and a result, of its own. */
function isDepthwise({ groups, channels, outputs }: ConvShape): boolean {
  return groups > 1 && groups === channels && groups === outputs;
}

/** Whether each pixel of the result is made of the one at its place. */
function isOfPixels({ kernel, stride, padding, groups }: ConvShape): boolean {
  return groups === 1 && [...kernel, ...stride].every((size) => size === 1) && padding.every((size) => size === 0);
}

/** Why Winograd's algorithm does not apply, or does not pay. */
function obstacleToWinograd({ op }: Tensor, shape: ConvShape, leastChannels: number): string | undefined {
  const { kernel, stride, dilation, groups, channels, outputs, output, padding } = shape;
  if (kernel.some((size) => size !== 3)) return `a window of ${kernel.join("×")}`;
  if (stride.some((step) => step > 1)) return `stride ${stride.join("×")}`;
  if (dilation.some((step) => step > 1)) return `dilation ${dilation.join("×")}`;
  if (groups > 1) return `${groups} groups`;
  const fewest = Math.min(channels, outputs);
  if (fewest < leastChannels) return `${fewest} channels`;
  if (channels % 8 > 0 || outputs % 8 > 0) return "channels that are no multiple of 8";
  if (output.some((size) => size < 4)) return `a map of ${output.join("×")}, smaller than a tile`;
  if (op === ops.conv2dInputGrad && padding.some((size) => size > 2)) return `padding ${padding.join("×")}`;
  return undefined;
}

/** Channels that Winograd's algorithm needs on both sides. */
function leastChannels({ op }: Tensor, { output: [height, width] }: ConvShape, fused: boolean): number {
  if (op === ops.conv2d && !fused) return winogradChannelsApart;
  return height * width < largeMap ? winogradChannels : winogradChannelsOfLargeMaps;
}

/** Whether each pixel of the result's map is better a product of its own. */
function hasFewPixels({ op }: Tensor, { groups, output: [height, width] }: ConvShape): boolean {
  return groups === 1 && height * width <= (op === ops.conv2d ? fewPixels : fewPixelsOfGradients);
}

/** Whether an input's gradient falls into parts without zeros, each of which has pixels. */
function hasStridePhases({ stride, dilation, groups, input }: ConvShape): boolean {
  const axes = [0, 1] as const;
  return (
    stride.some((step) => step > 1) &&
    groups === 1 &&
    axes.every((axis) => dilation[axis] === 1 && input[axis] >= stride[axis])
  );
}
