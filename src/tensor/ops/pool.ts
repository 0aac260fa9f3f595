/** @file Two-dimensional pooling, NCHW. */
import { LimbeckError } from "../../errors.ts";
import { isImages, shapeError, type Shape } from "../shape.ts";
import { apply, type Op, type Tensor, type Unary } from "../tensor.ts";
import { pair } from "./conv.ts";
import { mul } from "./elementwise.ts";

/** Window, steps and border as [height, width]. The border is at most half the window. */
export interface PoolAttributes {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
}

/** The largest element of each window; the border never wins, a NaN always does. */
export const maxPool2dOp: Op<PoolAttributes, Unary> = {
  name: "maxPool2d",
  shape: ([x], attributes) => pooledShape("maxPool2d", x.shape, attributes),
  gradient: (node, g) => [apply(maxPool2dGradOp, [g, node.inputs[0], node], node.attributes)],
};

/**
 * dL/dx of maxPool2d: each window's gradient goes to its first largest element, rows before columns, or to
 * its last NaN if it has one, as in PyTorch. Inputs: dL/dy, x, y.
 */
export const maxPool2dGradOp: Op<PoolAttributes, readonly [g: Tensor, x: Tensor, y: Tensor]> = {
  name: "maxPool2dGrad",
  shape: ([, x]) => x.shape,
};

/** The mean of each window; the border counts as zeros (PyTorch's count_include_pad). */
export const avgPool2dOp: Op<PoolAttributes, Unary> = {
  name: "avgPool2d",
  shape: ([x], attributes) => pooledShape("avgPool2d", x.shape, attributes),
  gradient: (node, g) => [apply(avgPool2dGradOp, [g], { ...node.attributes, shape: node.inputs[0].shape })],
};

/** dL/dx of avgPool2d, linear in it. Input: dL/dy. */
export const avgPool2dGradOp: Op<PoolAttributes & { readonly shape: Shape }, Unary> = {
  name: "avgPool2dGrad",
  shape: (_, { shape }) => shape,
  gradient: ({ attributes: { kernel, stride, padding } }, g) => [apply(avgPool2dOp, [g], { kernel, stride, padding })],
};

/** Steps default to the window; a number stands for both height and width. */
export interface PoolOptions {
  readonly stride?: number | readonly [number, number];
  readonly padding?: number | readonly [number, number];
}

/** The largest of each window of x [N, C, H, W]. Throws SHAPE, ARGUMENT. */
export function maxPool2d(x: Tensor, kernel: number | readonly [number, number], options: PoolOptions = {}): Tensor {
  return apply(maxPool2dOp, [x], attributesOf(kernel, options));
}

/** The mean of each window of x [N, C, H, W]. Throws SHAPE, ARGUMENT. */
export function avgPool2d(x: Tensor, kernel: number | readonly [number, number], options: PoolOptions = {}): Tensor {
  return apply(avgPool2dOp, [x], attributesOf(kernel, options));
}

/**
 * Each element of x [N, C, H, W] repeated over a window of `scale`: [N, C, H·scale, W·scale], PyTorch's `interpolate` by whole
 * numbers with its nearest neighbours. It is what a mean over such windows passes back, times their size. Throws SHAPE, ARGUMENT.
 */
export function upsampleNearest2d(x: Tensor, scale: number | readonly [number, number]): Tensor {
  const window = pair(scale);
  if (!isImages(x.shape)) shapeError("upsampleNearest2d", "x", "[N, C, H, W]", x.shape);
  if (!window.every((size) => Number.isInteger(size) && size > 0))
    throw new LimbeckError(
      "ARGUMENT",
      `upsampleNearest2d: the scale should be whole numbers from 1, got ${window.join(", ")}`,
    );
  const [n, c, height, width] = x.shape;
  const shape = [n, c, height * window[0], width * window[1]];
  const spread = apply(avgPool2dGradOp, [x], { ...attributesOf(window, {}), shape });
  return mul(spread, window[0] * window[1]);
}

function attributesOf(kernel: number | readonly [number, number], options: PoolOptions): PoolAttributes {
  const { stride = kernel, padding = 0 } = options;
  return { kernel: pair(kernel), stride: pair(stride), padding: pair(padding) };
}

function pooledShape(op: string, shape: Shape, { kernel, stride, padding }: PoolAttributes): Shape {
  if (!isImages(shape)) shapeError(op, "x", "[N, C, H, W]", shape);
  const [n, c, ...image] = shape;
  const size = (axis: 0 | 1): number => {
    const k = kernel[axis];
    const s = stride[axis];
    const p = padding[axis];
    if (![k, s, p].every(Number.isInteger) || k < 1 || s < 1 || p < 0 || p > k / 2) {
      throw new LimbeckError(
        "ARGUMENT",
        `${op}: window and stride should be whole numbers from 1 and padding at most half the window, got ${k}, ${s} and ${p}`,
      );
    }
    const room = image[axis] + 2 * p - k;
    if (room < 0) shapeError(op, "x", `at least as large as its ${k}-wide window`, shape);
    return Math.floor(room / s) + 1;
  };
  return [n, c, size(0), size(1)];
}
