/**
 * @file Batch normalisation over every axis but the channels': x is [N, C] or [N, C, H, W], and n = N or N·H·W numbers
 * share a channel. Ioffe, Szegedy, "Batch Normalization", 2015, https://arxiv.org/abs/1502.03167
 */
import { elementAt } from "../../elements.ts";
import { LimbeckError } from "../../errors.ts";
import { formatShape, sameShape, shapeError, type Shape } from "../shape.ts";
import { apply, type None, type Op, type Tensor, type Unary } from "../tensor.ts";
import { add, div, mul, sqrt, sub } from "./elementwise.ts";
import { reshape } from "./broadcast.ts";
import { row } from "./indexing.ts";

/** [2, C]: each channel's mean, and its biased variance Σ(x - mean)² / n. Input: x. */
export const batchMomentsOp: Op<None, Unary> = {
  name: "batchMoments",
  shape: ([x]) => [2, channelsOf("batchMoments", x.shape)],
};

export interface Epsilon {
  /** Added to the variance before its root is taken. */
  readonly eps: number;
}

/**
 * y = x̂·weight + bias with x̂ = (x - mean) / √(variance + eps). Inputs: x, its batchMoments, weight [C], bias [C].
 * The gradient of x counts that the moments change with x.
 */
export const batchNormTrainOp: Op<Epsilon, readonly [x: Tensor, moments: Tensor, weight: Tensor, bias: Tensor]> = {
  name: "batchNormTrain",
  shape: ([x, moments, weight, bias], { eps }) => {
    const { shape } = x;
    const channels = channelsOf("batchNormTrain", shape);
    if (moments.op !== batchMomentsOp || moments.inputs[0] !== x)
      throw new LimbeckError("ARGUMENT", "batchNormTrain: the moments should be batchMoments(x) of the same x");
    checkPerChannel("batchNormTrain", channels, { weight: weight, bias: bias }, eps);
    return shape;
  },
  gradient: (node, g) => {
    const [x, moments, weight] = node.inputs;
    const sums = apply(batchNormParameterGradsOp, [g, x, moments], node.attributes);
    const toX = apply(batchNormInputGradOp, [g, x, moments, weight, sums], node.attributes);
    return [toX, null, row(sums, 0), row(sums, 1)];
  },
};

/** [2, C]: dL/dweight = Σ g·x̂ and dL/dbias = Σ g of batchNormTrain. Inputs: g = dL/dy, x, its moments. */
export const batchNormParameterGradsOp: Op<Epsilon, readonly [g: Tensor, x: Tensor, moments: Tensor]> = {
  name: "batchNormParameterGrads",
  shape: ([, , moments]) => moments.shape,
};

/**
 * dL/dx of batchNormTrain: weight / √(variance + eps) · (g - Σg / n - x̂·Σ(g·x̂) / n).
 * Inputs: g = dL/dy, x, its moments, weight, and the sums that batchNormParameterGrads gives.
 */
export const batchNormInputGradOp: Op<
  Epsilon,
  readonly [g: Tensor, x: Tensor, moments: Tensor, weight: Tensor, sums: Tensor]
> = { name: "batchNormInputGrad", shape: ([, x]) => x.shape };

/** Each channel's mean and biased variance over x [N, C] or [N, C, H, W], as the rows of [2, C]. Not differentiable by itself. Throws SHAPE. */
export function batchMoments(x: Tensor): Tensor {
  return apply(batchMomentsOp, [x], {});
}

/** What follows normalisation, [C] each, and what keeps it from dividing by 0. */
export interface NormParameters extends Epsilon {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

/** x normalised by its own batch: (x - mean) / √(variance + eps) · weight + bias. `moments` is batchMoments(x). Throws SHAPE, ARGUMENT. */
export function batchNormTrain(x: Tensor, moments: Tensor, parameters: NormParameters): Tensor {
  const { weight, bias, eps } = parameters;
  return apply(batchNormTrainOp, [x, moments, weight, bias], { eps });
}

/** x normalised by a given mean and variance, [C] each: (x - mean) / √(variance + eps) · weight + bias. Throws SHAPE, ARGUMENT. */
export function batchNormEval(x: Tensor, mean: Tensor, variance: Tensor, parameters: NormParameters): Tensor {
  const { weight, bias, eps } = parameters;
  const channels = channelsOf("batchNormEval", x.shape);
  checkPerChannel("batchNormEval", channels, { mean, variance, weight, bias }, eps);
  const scale = div(weight, sqrt(add(variance, eps)));
  return add(mul(sub(x, perChannel(mean, x)), perChannel(scale, x)), perChannel(bias, x));
}

/** [C] so that it stretches along the channels of x. */
export function perChannel(values: Tensor, x: Tensor): Tensor {
  return x.shape.length === 4 ? reshape(values, [values.size, 1, 1]) : values;
}

function channelsOf(op: string, shape: Shape): number {
  if (shape.length !== 2 && shape.length !== 4) shapeError(op, "x", "[N, C] or [N, C, H, W]", shape);
  return elementAt(shape, 1);
}

function checkPerChannel(op: string, channels: number, given: Readonly<Record<string, Tensor>>, eps: number): void {
  for (const [name, { shape }] of Object.entries(given)) {
    if (!sameShape(shape, [channels])) shapeError(op, `the ${name}`, formatShape([channels]), shape);
  }
  if (!(eps >= 0)) throw new LimbeckError("ARGUMENT", `${op}: eps should be a number from 0, got ${eps}`);
}
