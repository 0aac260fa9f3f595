/** @file The table of lowerings: the one place that knows which kernel computes which operation. */
import type { Epsilon } from "../../../tensor/ops/batch-norm.ts";
import { ops, type OpName } from "../../../tensor/ops/index.ts";
import type { PoolAttributes } from "../../../tensor/ops/pool.ts";
import type { Reduction } from "../../../tensor/ops/reduce.ts";
import { sizeOf, stridesOf, type Shape } from "../../../tensor/shape.ts";
import type { Op, Tensor } from "../../../tensor/tensor.ts";
import type { DecomposedName } from "../../compiler/decompose.ts";
import { batchMoments, batchNormParameterGrads, row, type NormShape } from "../kernels/batch-norm.ts";
import { convWeightGrad } from "../kernels/conv-weight-grad.ts";
import { convForward, convInputGrad, convInputGradByPhases } from "../kernels/conv.ts";
import { copy } from "../kernels/copy.ts";
import { depthwiseWeightGrad } from "../kernels/depthwise-weight-grad.ts";
import { depthwiseForward, depthwiseInputGrad } from "../kernels/depthwise.ts";
import type { ElementwiseName } from "../kernels/elementwise.ts";
import { Buffer, type Kernel } from "../kernels/kernel.ts";
import { memoryOrder } from "../kernels/layout.ts";
import { matmul } from "../kernels/matmul.ts";
import { avgPool, avgPoolGrad, maxPool, maxPoolGrad, type PoolShape } from "../kernels/pool.ts";
import { reduce, type Reducer, type ReduceShape } from "../kernels/reduce.ts";
import { logSoftmax } from "../kernels/softmax.ts";
import { winogradWeightGrad } from "../kernels/winograd-weight-grad.ts";
import { winogradForward, winogradInputGrad } from "../kernels/winograd.ts";
import { convShapeOf, decide, type ConvAlgorithm } from "./choose.ts";
import { dataMovement } from "./data-movement.ts";
import type { Lowering } from "./lowering.ts";

/** What becomes kernels of its own: the others are element by element, written as others, or rename what there is. */
type LoweredName = Exclude<OpName, ElementwiseName | DecomposedName | "stopGradient">;

/** How each of them does. An operation that is missing here is a type error. */
const lowerings: Readonly<Record<LoweredName, Lowering>> = {
  conv2d: ({ node, x, y, tile, epilogue }) => {
    const bias = node.inputs.length > 2 ? { bias: x(2) } : {};
    return forwards[decide(node).algorithm](tile, convShapeOf(node), x(0), x(1), y, { ...epilogue, ...bias });
  },
  conv2dInputGrad: ({ node, x, y, tile, epilogue }) =>
    inputGrads[decide(node).algorithm](tile, convShapeOf(node), x(0), x(1), y, epilogue),
  conv2dWeightGrad: ({ node, x, y, tile }) =>
    weightGrads[decide(node).algorithm](tile, convShapeOf(node), x(0), x(1), y),
  linear: ({ node, x, y, tile, epilogue }) => {
    const [rows, k] = node.inputs[0]!.shape as [number, number];
    const bias = node.inputs.length > 2 ? { bias: x(2) } : {};
    const shape = { batch: 1, m: rows, k, n: node.shape[1]!, transposeA: false, transposeB: true };
    return matmul(tile, shape, x(0), x(1), y, { ...epilogue, ...bias });
  },
  matmul: ({ node, x, y, tile, epilogue }) => {
    const { transposeA, transposeB } = node.attributes as { transposeA: boolean; transposeB: boolean };
    const [m, n] = node.shape.slice(-2) as [number, number];
    const k = node.inputs[0]!.shape.at(transposeA ? -2 : -1)!;
    const batch = node.size / (m * n);
    return matmul(tile, { batch, m, k, n, transposeA, transposeB }, x(0), x(1), y, epilogue);
  },
  maxPool2d: ({ node, x, y }) => [maxPool(poolShape(node, node.inputs[0]!.shape, node.shape), x(0), y)],
  maxPool2dGrad: ({ node, x, y, epilogue }) => {
    const shape = poolShape(node, node.shape, node.inputs[0]!.shape);
    return [maxPoolGrad(shape, x(0), x(1), x(2), y, epilogue.positive !== undefined)];
  },
  avgPool2d: ({ node, x, y }) => [avgPool(poolShape(node, node.inputs[0]!.shape, node.shape), x(0), y)],
  avgPool2dGrad: ({ node, x, y }) => [avgPoolGrad(poolShape(node, node.shape, node.inputs[0]!.shape), x(0), y)],
  batchMoments: ({ node, x, y }) => batchMoments(normShape(node.inputs[0]!.shape), x(0), y),
  batchNormParameterGrads: ({ node, x, y }) => {
    const { eps } = node.attributes as Epsilon;
    return batchNormParameterGrads(normShape(node.inputs[1]!.shape), eps, x(0), x(1), x(2), y);
  },
  row: ({ node, x, y }) => [row(node.size, (node.attributes as { index: number }).index, x(0), y)],
  logSoftmax: ({ node, x, y }) => {
    const { shape } = node;
    const summed = shape.at(-1)!;
    const inner = shape.length === 4 ? shape[1]! : 1;
    return [logSoftmax({ outer: sizeOf(shape) / summed / inner, summed, inner }, x(0), y)];
  },
  sum: ({ node, x, y }) => reduceOverAxes("sum", node.inputs[0]!.shape, node.attributes as Reduction, x(0), y),
  max: ({ node, x, y }) => reduceOverAxes("max", node.inputs[0]!.shape, node.attributes as Reduction, x(0), y),
  ...dataMovement,
};

/** By operation, not by name: another operation that is called `matmul` is not ours to run. */
const byOp: ReadonlyMap<Op<never>, Lowering> = new Map(
  Object.entries(lowerings).map(([name, lowering]) => [ops[name as LoweredName], lowering]),
);

/** How an operation becomes kernels, if it has some of its own. */
export function loweringOf(op: Op<never>): Lowering | undefined {
  return byOp.get(op);
}

const forwards: Readonly<Record<ConvAlgorithm, typeof convForward>> = {
  depthwise: depthwiseForward,
  winograd: winogradForward,
  "stride-phases": convForward,
  direct: convForward,
};

const inputGrads: Readonly<Record<ConvAlgorithm, typeof convInputGrad>> = {
  depthwise: depthwiseInputGrad,
  winograd: winogradInputGrad,
  "stride-phases": convInputGradByPhases,
  direct: convInputGrad,
};

const weightGrads: Readonly<Record<ConvAlgorithm, typeof convWeightGrad>> = {
  depthwise: depthwiseWeightGrad,
  winograd: winogradWeightGrad,
  "stride-phases": convWeightGrad,
  direct: convWeightGrad,
};

function poolShape(node: Tensor, x: Shape, y: Shape): PoolShape {
  const { kernel, stride, padding } = node.attributes as PoolAttributes;
  return { images: x[0]!, channels: x[1]!, input: [x[2]!, x[3]!], output: [y[2]!, y[3]!], kernel, stride, padding };
}

function normShape(shape: Shape): NormShape {
  return { rows: sizeOf(shape) / shape[1]!, channels: shape[1]! };
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
