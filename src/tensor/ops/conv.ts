/** @file Two-dimensional convolution (cross-correlation, as every framework has it) and its transpose, NCHW. */
import { elementAt } from "../../elements.ts";
import { LimbeckError } from "../../errors.ts";
import { isImages, sameShape, shapeError, type Shape } from "../shape.ts";
import { apply, type Op, type Tensor, type WithBias } from "../tensor.ts";
import { add } from "./elementwise.ts";
import { sum } from "./broadcast.ts";
import { reshape } from "./broadcast.ts";

/** Steps, zero border and dilation as [height, width]. */
export interface ConvAttributes {
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
}

/**
 * y[n, o, i, j] = bias[o] + Σ_{c,u,v} x[n, c, i·stride + u·dilation - padding, …]·weight[o, c, u, v]
 * with zeros outside x. Inputs: x [N, C, H, W], weight [O, C / groups, KH, KW], and bias [O] if there is one.
 */
export const conv2dOp: Op<ConvAttributes, WithBias> = {
  name: "conv2d",
  shape: ([x, weight, bias], attributes) => {
    checkAttributes("conv2d", attributes);
    const { groups } = attributes;
    if (!isImages(weight.shape)) shapeError("conv2d", "the weight", "[O, C / groups, KH, KW]", weight.shape);
    const [o, c] = weight.shape;
    if (!isImages(x.shape) || x.shape[1] !== c * groups) shapeError("conv2d", "x", `[N, ${c * groups}, H, W]`, x.shape);
    if (o % groups !== 0)
      shapeError("conv2d", "the weight", `of a number of output channels that ${groups} groups divide`, weight.shape);
    if (bias && !sameShape(bias.shape, [o])) shapeError("conv2d", "the bias", `[${o}]`, bias.shape);
    const [[n, , ...image], [, , ...window]] = [x.shape, weight.shape];
    const size = (axis: 0 | 1): number => {
      const span = attributes.dilation[axis] * (window[axis] - 1) + 1;
      const room = image[axis] + 2 * attributes.padding[axis] - span;
      if (room < 0)
        shapeError(
          "conv2d",
          "x",
          `at least as large as its ${span}-wide window with padding ${attributes.padding[axis]}`,
          x.shape,
        );
      return Math.floor(room / attributes.stride[axis]) + 1;
    };
    return [n, o, size(0), size(1)];
  },
  gradient: (node, g) => {
    const [x, weight, bias] = node.inputs;
    const { attributes } = node;
    return [
      apply(conv2dInputGradOp, [g, weight], { ...attributes, shape: x.shape }),
      apply(conv2dWeightGradOp, [g, x], { ...attributes, shape: weight.shape }),
      ...(bias ? [sum(g, { axes: [0, 2, 3] })] : []),
    ];
  },
};

export interface ConvGradAttributes extends ConvAttributes {
  /** Of the gradient: x's, or the weight's. */
  readonly shape: Shape;
}

/** dL/dx of conv2d, linear in both. Inputs: dL/dy [N, O, …], weight. */
export const conv2dInputGradOp: Op<ConvGradAttributes, readonly [g: Tensor, weight: Tensor]> = {
  name: "conv2dInputGrad",
  shape: (_, { shape }) => shape,
  gradient: (node, g) => {
    const [x, weight] = node.inputs;
    const { shape: _, ...attributes } = node.attributes;
    return [
      apply(conv2dOp, [g, weight], attributes),
      apply(conv2dWeightGradOp, [x, g], { ...attributes, shape: weight.shape }),
    ];
  },
};

/** dL/dweight of conv2d, summed over the batch. Inputs: dL/dy [N, O, …], x [N, C, H, W]. */
export const conv2dWeightGradOp: Op<ConvGradAttributes, readonly [g: Tensor, x: Tensor]> = {
  name: "conv2dWeightGrad",
  shape: (_, { shape }) => shape,
};

/** Options of conv2d; a number stands for both height and width. */
export interface ConvOptions {
  readonly stride?: number | readonly [number, number];
  readonly padding?: number | readonly [number, number];
  readonly dilation?: number | readonly [number, number];
  readonly groups?: number;
}

/** Convolves x [N, C, H, W] with weight [O, C / groups, KH, KW] and adds bias [O]. Throws SHAPE, ARGUMENT. */
export function conv2d(x: Tensor, weight: Tensor, bias?: Tensor, options: ConvOptions = {}): Tensor {
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  return apply(conv2dOp, bias ? [x, weight, bias] : [x, weight], {
    stride: pair(stride),
    padding: pair(padding),
    dilation: pair(dilation),
    groups,
  });
}

/** Options of convTranspose2d, as PyTorch has them. */
export interface ConvTransposeOptions extends ConvOptions {
  /** Rows and columns more, below and right, where steps leave open how large the result is: fewer than a step. */
  readonly outputPadding?: number | readonly [number, number];
}

/**
 * The transposed convolution, which spreads each element of x [N, I, H, W] over a window of the result: what conv2d, given
 * weight [I, O / groups, KH, KW], passes back to its x. The result's height is (H - 1)·stride - 2·padding + dilation·(KH - 1) + 1 + outputPadding.
 * Bias [O]. Throws SHAPE, ARGUMENT.
 */
export function convTranspose2d(x: Tensor, weight: Tensor, bias?: Tensor, options: ConvTransposeOptions = {}): Tensor {
  const { stride = 1, padding = 0, dilation = 1, groups = 1, outputPadding = 0 } = options;
  const more = pair(outputPadding);
  const attributes = { stride: pair(stride), padding: pair(padding), dilation: pair(dilation), groups };
  checkAttributes("convTranspose2d", attributes);
  if (more.some((size, axis) => !(Number.isInteger(size) && size >= 0 && size < elementAt(attributes.stride, axis)))) {
    throw new LimbeckError(
      "ARGUMENT",
      `convTranspose2d: outputPadding should be whole numbers from 0, below the stride of ${attributes.stride.join(", ")}, got ${more.join(", ")}`,
    );
  }
  if (!isImages(weight.shape)) shapeError("convTranspose2d", "the weight", "[I, O / groups, KH, KW]", weight.shape);
  const [inputs, outputsPerGroup] = weight.shape;
  if (!isImages(x.shape) || x.shape[1] !== inputs) shapeError("convTranspose2d", "x", `[N, ${inputs}, H, W]`, x.shape);
  if (inputs % groups !== 0)
    shapeError(
      "convTranspose2d",
      "the weight",
      `of a number of input channels that ${groups} groups divide`,
      weight.shape,
    );
  const outputs = outputsPerGroup * groups;
  if (bias && !sameShape(bias.shape, [outputs])) shapeError("convTranspose2d", "the bias", `[${outputs}]`, bias.shape);
  const [[n, , ...image], [, , ...window]] = [x.shape, weight.shape];
  const size = (axis: 0 | 1): number => {
    const span = attributes.dilation[axis] * (window[axis] - 1) + 1;
    const spread = (image[axis] - 1) * attributes.stride[axis] + span - 2 * attributes.padding[axis] + more[axis];
    if (spread < 1)
      shapeError(
        "convTranspose2d",
        "x",
        `large enough to leave something inside padding ${attributes.padding[axis]}`,
        x.shape,
      );
    return spread;
  };
  const y = apply(conv2dInputGradOp, [x, weight], { ...attributes, shape: [n, outputs, size(0), size(1)] });
  return bias ? add(y, reshape(bias, [outputs, 1, 1])) : y;
}

/** A number as [height, width]. */
export function pair(size: number | readonly [number, number]): readonly [number, number] {
  return typeof size === "number" ? [size, size] : size;
}

function checkAttributes(op: string, { stride, padding, dilation, groups }: ConvAttributes): void {
  const whole = (name: string, values: readonly number[], least: number): void => {
    if (!values.every((value) => Number.isInteger(value) && value >= least)) {
      throw new LimbeckError(
        "ARGUMENT",
        `${op}: ${name} should be whole numbers of at least ${least}, got ${values.join(", ")}`,
      );
    }
  };
  whole("stride", stride, 1);
  whole("padding", padding, 0);
  whole("dilation", dilation, 1);
  whole("groups", [groups], 1);
}
