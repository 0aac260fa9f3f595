/** @file The table of lowerings: the one place that knows which kernel computes which operation. */
import type { OpName } from "../../../tensor/ops/index.ts";
import type { Op } from "../../../tensor/tensor.ts";
import type { CopyBoxes } from "../../compiler/box.ts";
import { convShapeOf } from "../../compiler/conv-shape.ts";
import { dataMovement } from "../../compiler/data-movement.ts";
import type { DecomposedName } from "../../compiler/decompose.ts";
import { byOperation, type AnyLoweringInput, type Lowerings } from "../../compiler/lowering.ts";
import { reduceOverAxes } from "../../compiler/reduction.ts";
import { lastAxisOf, linearShapeOf, matmulShapeOf, normShapeOf, poolShapeOf } from "../../compiler/sizes.ts";
import { batchMoments, batchNormParameterGrads } from "../kernels/batch-norm.ts";
import type { Convolution, InputGradient, WeightGradient } from "../kernels/convolution.ts";
import { convForward1x1, convInputGrad1x1, convWeightGrad1x1 } from "../kernels/conv-1x1.ts";
import { convWeightGrad } from "../kernels/conv-weight-grad.ts";
import { convWeightGradByPixel } from "../kernels/conv-by-pixel-weight-grad.ts";
import { convForwardByPixel, convInputGradByPixel } from "../kernels/conv-by-pixel.ts";
import { convForward, convInputGrad, convInputGradByPhases } from "../kernels/conv.ts";
import { channelShuffle, copyBoxes as copyInOne } from "../kernels/copy.ts";
import { depthwiseWeightGrad } from "../kernels/depthwise-weight-grad.ts";
import { depthwiseForward, depthwiseInputGrad } from "../kernels/depthwise.ts";
import type { ElementwiseName } from "../kernels/elementwise.ts";
import * as indexing from "../kernels/indexing.ts";
import { Buffer, type Kernel } from "../kernels/kernel.ts";
import { lookupRows } from "../kernels/lookup.ts";
import { matmul } from "../kernels/matmul.ts";
import { avgPool, avgPoolGrad, maxPool, maxPoolGrad } from "../kernels/pool.ts";
import { logSoftmax, reduce } from "../kernels/reduce.ts";
import type { TileShape } from "../kernels/tile.ts";
import { winogradWeightGrad } from "../kernels/winograd-weight-grad.ts";
import { winogradForward, winogradInputGrad } from "../kernels/winograd.ts";
import { decide, type ConvAlgorithm } from "./choose.ts";

export const copyBoxes: CopyBoxes<Buffer, Kernel> = (label, to, boxes) => [copyInOne(label, to, boxes)];

const reducing = { memory: (label: string, elements: number) => new Buffer(label, elements), reduce, copyBoxes };

/** What becomes kernels of its own: the others are element by element, written as others, or rename what there is. */
type LoweredName = Exclude<OpName, ElementwiseName | DecomposedName | "stopGradient">;

/** How each of them does. An operation that is missing here is a type error. */
const lowerings: Lowerings<LoweredName, Buffer, Kernel, { readonly tile: TileShape }> = {
  conv2d: ({ node, inputs: [x, weight, bias], y, tile, epilogue }) =>
    forwards[decide(node, tile).algorithm]({
      tile,
      shape: convShapeOf(node),
      x,
      weight,
      y,
      epilogue: { ...epilogue, bias },
    }),
  conv2dInputGrad: ({ node, inputs: [g, weight], y, tile, epilogue }) =>
    inputGrads[decide(node, tile).algorithm]({ tile, shape: convShapeOf(node), g, weight, dx: y, epilogue }),
  conv2dWeightGrad: ({ node, inputs: [g, x], y, tile }) =>
    weightGrads[decide(node, tile).algorithm]({ tile, shape: convShapeOf(node), g, x, dw: y }),
  linear: ({ node, inputs: [x, weight, bias], y, tile, epilogue }) =>
    matmul({ tile, shape: linearShapeOf(node), a: x, b: weight, y, epilogue: { ...epilogue, bias } }),
  matmul: ({ node, inputs: [a, b], y, tile, epilogue }) =>
    matmul({ tile, shape: matmulShapeOf(node), a, b, y, epilogue }),
  maxPool2d: ({ node, inputs: [x], y }) => [maxPool(poolShapeOf(node.attributes, node.inputs[0], node), x, y)],
  maxPool2dGrad: ({ node, inputs: [g, x, pooled], y, epilogue }) => {
    const shape = poolShapeOf(node.attributes, node, node.inputs[0]);
    return [maxPoolGrad(shape, { g, x, y: pooled, dx: y }, epilogue.positive !== undefined)];
  },
  avgPool2d: ({ node, inputs: [x], y }) => [avgPool(poolShapeOf(node.attributes, node.inputs[0], node), x, y)],
  avgPool2dGrad: ({ node, inputs: [g], y }) => [avgPoolGrad(poolShapeOf(node.attributes, node, node.inputs[0]), g, y)],
  batchMoments: ({ node, inputs: [x], y }) => batchMoments(normShapeOf(node.inputs[0]), x, y),
  batchNormParameterGrads: ({ node, inputs: [g, x, moments], y }) =>
    batchNormParameterGrads(normShapeOf(node.inputs[1]), node.attributes.eps, { g, x, moments, sums: y }),
  logSoftmax: ({ node, inputs: [x], y }) => [logSoftmax(lastAxisOf(node), x, y)],
  sum: ({ node, inputs: [x], y }) => reduceOverAxes(reducing, "sum", node.inputs[0].shape, node.attributes, x, y),
  max: ({ node, inputs: [x], y }) => reduceOverAxes(reducing, "max", node.inputs[0].shape, node.attributes, x, y),
  ...dataMovement({ ...reducing, ...indexing, lookupRows, channelShuffle }),
};

const byOp = byOperation(lowerings);

/** How an operation becomes kernels, if it has some of its own. */
export function loweringOf(
  op: Op<never>,
  tile: TileShape,
): ((given: AnyLoweringInput<Buffer>) => Kernel[]) | undefined {
  const lowering = byOp.get(op);
  return lowering && ((given) => lowering({ ...given, tile }));
}

const forwards: Readonly<Record<ConvAlgorithm, (call: Convolution) => Kernel[]>> = {
  depthwise: depthwiseForward,
  winograd: winogradForward,
  "by-pixel": convForwardByPixel,
  "stride-phases": convForward,
  product: convForward1x1,
  direct: convForward,
};

const inputGrads: Readonly<Record<ConvAlgorithm, (call: InputGradient) => Kernel[]>> = {
  depthwise: depthwiseInputGrad,
  winograd: winogradInputGrad,
  "by-pixel": convInputGradByPixel,
  "stride-phases": convInputGradByPhases,
  product: convInputGrad1x1,
  direct: convInputGrad,
};

const weightGrads: Readonly<Record<ConvAlgorithm, (call: WeightGradient) => Kernel[]>> = {
  depthwise: depthwiseWeightGrad,
  winograd: winogradWeightGrad,
  "by-pixel": convWeightGradByPixel,
  "stride-phases": convWeightGrad,
  product: convWeightGrad1x1,
  direct: convWeightGrad,
};
