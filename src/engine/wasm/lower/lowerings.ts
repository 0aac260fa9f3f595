/** @file The table of lowerings: the one place that knows which kernel computes which operation. */
import { ops, type OpName } from "../../../tensor/ops/index.ts";
import type { PoolAttributes } from "../../../tensor/ops/pool.ts";
import type { Reduction } from "../../../tensor/ops/broadcast.ts";
import { asImages, asMatrix, sizeOf, stridesOf, type Shape } from "../../../tensor/shape.ts";
import type { Op, Tensor } from "../../../tensor/tensor.ts";
import type { DecomposedName } from "../../compiler/decompose.ts";
import { batchMoments, batchNormParameterGrads, type NormShape } from "../kernels/batch-norm.ts";
import { convForward1x1, convInputGrad1x1, convWeightGrad1x1 } from "../kernels/conv-1x1.ts";
import { convWeightGrad } from "../kernels/conv-weight-grad.ts";
import { convWeightGradByPixel } from "../kernels/conv-by-pixel-weight-grad.ts";
import { convForwardByPixel, convInputGradByPixel } from "../kernels/conv-by-pixel.ts";
import { convForward, convInputGrad, convInputGradByPhases } from "../kernels/conv.ts";
import { copy } from "../kernels/copy.ts";
import { depthwiseWeightGrad } from "../kernels/depthwise-weight-grad.ts";
import { depthwiseForward, depthwiseInputGrad } from "../kernels/depthwise.ts";
import type { ElementwiseName } from "../kernels/elementwise.ts";
import { Buffer, type Kernel } from "../kernels/kernel.ts";
import { memoryOrder } from "../kernels/layout.ts";
import { matmul } from "../kernels/matmul.ts";
import { avgPool, avgPoolGrad, maxPool, maxPoolGrad, type PoolShape } from "../kernels/pool.ts";
import type { Finish } from "../kernels/product.ts";
import { logSoftmax, reduce, type Reducer, type ReduceShape } from "../kernels/reduce.ts";
import type { TileShape } from "../kernels/tile.ts";
import { winogradWeightGrad } from "../kernels/winograd-weight-grad.ts";
import { winogradForward, winogradInputGrad } from "../kernels/winograd.ts";
import { convShapeOf, decide, type ConvAlgorithm } from "./choose.ts";
import { dataMovement } from "./data-movement.ts";
import type { Lowerings } from "./lowering.ts";

/** What becomes kernels of its own: the others are element by element, written as others, or rename what there is. */
type LoweredName = Exclude<OpName, ElementwiseName | DecomposedName | "stopGradient">;

/** How each of them does. An operation that is missing here is a type error. */
const lowerings: Lowerings<LoweredName> = {
  conv2d: ({ node, inputs: [x, weight, bias], y, tile, epilogue }) =>
    forwards[decide(node, tile).algorithm](tile, convShapeOf(node), x, weight, y, {
      ...epilogue,
      ...(bias && { bias }),
    }),
  conv2dInputGrad: ({ node, inputs: [g, weight], y, tile, epilogue }) =>
    inputGrads[decide(node, tile).algorithm](tile, convShapeOf(node), g, weight, y, epilogue),
  conv2dWeightGrad: ({ node, inputs: [g, x], y, tile }) =>
    weightGrads[decide(node, tile).algorithm](tile, convShapeOf(node), g, x, y),
  linear: ({ node, inputs: [x, weight, bias], y, tile, epilogue }) => {
    const [m, k] = asMatrix(node.inputs[0].shape);
    const [, n] = asMatrix(node.shape);
    const shape = { batch: 1, m, k, n, transposeA: false, transposeB: true };
    return matmul(tile, shape, x, weight, y, { ...epilogue, ...(bias && { bias }) });
  },
  matmul: ({ node, inputs: [a, b], y, tile, epilogue }) => {
    const [m, n] = asMatrix(node.shape.slice(-2));
    const [rows, columns] = asMatrix(node.inputs[0].shape.slice(-2));
    const k = node.attributes.transposeA ? rows : columns;
    return matmul(tile, { batch: node.size / (m * n), m, k, n, ...node.attributes }, a, b, y, epilogue);
  },
  maxPool2d: ({ node, inputs: [x], y }) => [maxPool(poolShape(node.attributes, node.inputs[0], node), x, y)],
  maxPool2dGrad: ({ node, inputs: [g, x, pooled], y, epilogue }) => {
    const shape = poolShape(node.attributes, node, node.inputs[0]);
    return [maxPoolGrad(shape, g, x, pooled, y, epilogue.positive !== undefined)];
  },
  avgPool2d: ({ node, inputs: [x], y }) => [avgPool(poolShape(node.attributes, node.inputs[0], node), x, y)],
  avgPool2dGrad: ({ node, inputs: [g], y }) => [avgPoolGrad(poolShape(node.attributes, node, node.inputs[0]), g, y)],
  batchMoments: ({ node, inputs: [x], y }) => batchMoments(normShape(node.inputs[0]), x, y),
  batchNormParameterGrads: ({ node, inputs: [g, x, moments], y }) =>
    batchNormParameterGrads(normShape(node.inputs[1]), node.attributes.eps, g, x, moments, y),
  logSoftmax: ({ node: { shape, size }, inputs: [x], y }) => {
    const summed = shape.at(-1)!;
    const inner = shape.length === 4 ? shape[1]! : 1;
    return [logSoftmax({ outer: size / summed / inner, summed, inner }, x, y)];
  },
  sum: ({ node, inputs: [x], y }) => reduceOverAxes("sum", node.inputs[0].shape, node.attributes, x, y),
  max: ({ node, inputs: [x], y }) => reduceOverAxes("max", node.inputs[0].shape, node.attributes, x, y),
  ...dataMovement,
};

/** A lowering of some operation, given what that operation has. */
type AnyLowering = (given: {
  readonly node: Tensor;
  readonly inputs: readonly Buffer[];
  readonly y: Buffer;
  readonly tile: TileShape;
  readonly epilogue: Finish;
}) => Kernel[];

/** By operation, not by name: another operation that is called `matmul` is not ours to run. */
const byOp: ReadonlyMap<Op<never>, AnyLowering> = new Map(
  Object.entries(lowerings).map(([name, lowering]) => [ops[name as LoweredName], lowering as unknown as AnyLowering]),
);

/** How an operation becomes kernels, if it has some of its own. */
export function loweringOf(op: Op<never>): AnyLowering | undefined {
  return byOp.get(op);
}

const forwards: Readonly<Record<ConvAlgorithm, typeof convForward>> = {
  depthwise: depthwiseForward,
  winograd: winogradForward,
  "by-pixel": convForwardByPixel,
  "stride-phases": convForward,
  product: convForward1x1,
  direct: convForward,
};

const inputGrads: Readonly<Record<ConvAlgorithm, typeof convInputGrad>> = {
  depthwise: depthwiseInputGrad,
  winograd: winogradInputGrad,
  "by-pixel": convInputGradByPixel,
  "stride-phases": convInputGradByPhases,
  product: convInputGrad1x1,
  direct: convInputGrad,
};

const weightGrads: Readonly<Record<ConvAlgorithm, typeof convWeightGrad>> = {
  depthwise: depthwiseWeightGrad,
  winograd: winogradWeightGrad,
  "by-pixel": convWeightGradByPixel,
  "stride-phases": convWeightGrad,
  product: convWeightGrad1x1,
  direct: convWeightGrad,
};

function poolShape({ kernel, stride, padding }: PoolAttributes, x: Tensor, y: Tensor): PoolShape {
  const [images, channels, ...input] = asImages(x.shape);
  const [, , ...output] = asImages(y.shape);
  return { images, channels, input, output, kernel, stride, padding };
}

function normShape({ shape, size }: Tensor): NormShape {
  const [, channels = 1] = shape;
  return { rows: size / channels, channels };
}

/** Reduces one run of neighbouring axes after the other, the innermost first. */
function reduceOverAxes(reducer: Reducer, shape: Shape, { axes, keepDims }: Reduction, x: Buffer, y: Buffer): Kernel[] {
  const sizeAlong = (part: readonly number[]): number => sizeOf(part.map((axis) => shape[axis]!));
  let order = memoryOrder(shape.length).filter((axis) => shape[axis]! > 1);
  const runs: ReduceShape[] = [];
  for (let end = order.length; end > 0; end--) {
    if (!axes.includes(order[end - 1]!)) continue;
    let start = end - 1;
    while (start > 0 && axes.includes(order[start - 1]!)) start--;
    runs.push({
      outer: sizeAlong(order.slice(0, start)),
      summed: sizeAlong(order.slice(start, end)),
      inner: sizeAlong(order.slice(end)),
    });
    order = [...order.slice(0, start), ...order.slice(end)];
    end = start + 1;
  }
  // What stays lies in the order it had; a result of another rank may want another.
  const kept = [...shape.keys()].filter((axis) => keepDims || !axes.includes(axis));
  const wanted = memoryOrder(kept.length)
    .map((i) => kept[i]!)
    .filter((axis) => order.includes(axis));
  const isSorted = wanted.every((axis, i) => axis === order[i]);
  const reduced = isSorted ? y : new Buffer(reducer, sizeAlong(order));
  const kernels: Kernel[] = [];
  let from = x;
  for (const [i, run] of runs.entries()) {
    const to = i === runs.length - 1 ? reduced : new Buffer(`partial ${reducer}`, run.outer * run.inner);
    kernels.push(...reduce(reducer, run, from, to));
    from = to;
  }
  if (runs.length > 0 && isSorted) return kernels;
  const found = stridesOf(order.map((axis) => shape[axis]!));
  const loops = wanted.map((axis) => ({ size: shape[axis]!, step: found[order.indexOf(axis)]! }));
  return [...kernels, copy(reducer, from, y, loops.length > 0 ? loops : [{ size: 1, step: 1 }])];
}
