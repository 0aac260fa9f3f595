/** @file The table of lowerings: the one place that knows which kernel computes which operation. */
import type { OpName } from "../../../tensor/ops/index.ts";
import type { DType, Op } from "../../../tensor/tensor.ts";
import { convShapeOf } from "../../compiler/conv-shape.ts";
import { dataMovement } from "../../compiler/data-movement.ts";
import type { DecomposedName } from "../../compiler/decompose.ts";
import { byOperation, type AnyLoweringInput, type Lowerings } from "../../compiler/lowering.ts";
import { reduceOverAxes } from "../../compiler/reduction.ts";
import { lastAxisOf, linearShapeOf, matmulShapeOf, normShapeOf, poolShapeOf } from "../../compiler/sizes.ts";
import { batchMoments, batchNormParameterGrads } from "../kernels/batch-norm.ts";
import { convForward, convInputGrad, convWeightGrad } from "../kernels/conv.ts";
import { channelShuffle, copyBoxes } from "../kernels/copy.ts";
import type { ElementwiseName } from "../kernels/elementwise.ts";
import { groupedForward, groupedInputGrad, groupedWeightGrad } from "../kernels/grouped-conv.ts";
import * as indexing from "../kernels/indexing.ts";
import { Buffer, type Kernel } from "../kernels/kernel.ts";
import { lookupRows } from "../kernels/lookup.ts";
import { matmul } from "../kernels/matmul.ts";
import { avgPool, avgPoolGrad, maxPool, maxPoolGrad } from "../kernels/pool.ts";
import { logSoftmax, reduce } from "../kernels/reduce.ts";

const reducing = {
  memory: (label: string, elements: number, dtype: DType = "float32") =>
    new Buffer(label, elements, dtype === "int32" ? "i32" : "f32"),
  reduce,
  copyBoxes,
};

/** What becomes kernels of its own: the others are element by element, written as others, or rename what there is. */
type LoweredName = Exclude<OpName, ElementwiseName | DecomposedName | "stopGradient">;

/** How each of them does. An operation that is missing here is a type error. */
const lowerings: Lowerings<LoweredName, Buffer, Kernel> = {
  conv2d: ({ node, inputs: [x, weight, bias], y, epilogue }) => {
    const shape = convShapeOf(node);
    const forward = shape.groups > 1 ? groupedForward : convForward;
    return forward(shape, x, weight, y, { ...epilogue, bias });
  },
  conv2dInputGrad: ({ node, inputs: [g, weight], y, epilogue }) => {
    const shape = convShapeOf(node);
    return (shape.groups > 1 ? groupedInputGrad : convInputGrad)(shape, g, weight, y, epilogue);
  },
  conv2dWeightGrad: ({ node, inputs: [g, x], y }) => {
    const shape = convShapeOf(node);
    return (shape.groups > 1 ? groupedWeightGrad : convWeightGrad)(shape, g, x, y);
  },
  linear: ({ node, inputs: [x, weight, bias], y, epilogue }) =>
    matmul(linearShapeOf(node), x, weight, y, { ...epilogue, bias }),
  matmul: ({ node, inputs: [a, b], y, epilogue }) => matmul(matmulShapeOf(node), a, b, y, epilogue),
  maxPool2d: ({ node, inputs: [x], y }) => [maxPool(poolShapeOf(node.attributes, node.inputs[0], node), x, y)],
  maxPool2dGrad: ({ node, inputs: [g, x], y, epilogue }) => {
    const shape = poolShapeOf(node.attributes, node, node.inputs[0]);
    return [maxPoolGrad(shape, g, x, y, epilogue.positive !== undefined)];
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
export function loweringOf(op: Op<never>): ((given: AnyLoweringInput<Buffer>) => Kernel[]) | undefined {
  return byOp.get(op);
}
