/** @file A convolution's sizes. */
import type { ConvAttributes } from "../../tensor/ops/conv.ts";
import { ops } from "../../tensor/ops/index.ts";
import { asImages, type Images } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** As [height, width] where there are two. */
export interface ConvShape {
  readonly images: number;
  readonly input: readonly [number, number];
  readonly channels: number;
  readonly output: readonly [number, number];
  readonly outputs: number;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
}

/** Sizes of the convolution that a node computes, or whose gradient it is. */
export function convShapeOf(node: Tensor): ConvShape {
  const { stride, padding, dilation, groups } = node.attributes as ConvAttributes;
  const [first, second] = node.inputs.slice(0, 2).map(({ shape }) => asImages(shape)) as [Images, Images];
  const own = asImages(node.shape);
  const [x, weight, y] =
    node.op === ops.conv2d
      ? [first, second, own]
      : node.op === ops.conv2dInputGrad
        ? [own, second, first]
        : [second, own, first];
  const [images, channels, ...input] = x;
  const [, outputs, ...output] = y;
  const [, , ...kernel] = weight;
  return { images, channels, input, outputs, output, kernel, stride, padding, dilation, groups };
}

/** For labels: `128×64×16×16 → 32, 3×3`. */
export function describe({ images, channels, input, kernel, outputs }: ConvShape): string {
  return `${images}×${channels}×${input.join("×")} → ${outputs}, ${kernel.join("×")}`;
}
