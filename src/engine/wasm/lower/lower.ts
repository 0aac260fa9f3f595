/** @file From a graph to kernels: the one place that knows which kernel computes which operation. */
import { LimbeckError } from "../../../errors.ts";
import { analyse, type AnalysedGraph, type Graph } from "../../../tensor/graph.ts";
import { ops, type OpName } from "../../../tensor/ops/index.ts";
import type { Epsilon } from "../../../tensor/ops/batch-norm.ts";
import type { PoolAttributes } from "../../../tensor/ops/pool.ts";
import type { Reduction } from "../../../tensor/ops/reduce.ts";
import { sizeOf, stridesOf, type Shape } from "../../../tensor/shape.ts";
import {
  constantOp,
  inputOp,
  isConstant,
  isInput,
  isState,
  stateOp,
  type Op,
  type Tensor,
} from "../../../tensor/tensor.ts";
import { checkGroups, checkSteps } from "../../compiler/check.ts";
import { decompose, isDecomposed, type DecomposedName } from "../../compiler/decompose.ts";
import { fuse, type Group } from "../../compiler/fuse.ts";
import { batchMoments, batchNormParameterGrads, row, type NormShape } from "../kernels/batch-norm.ts";
import { convForward, convInputGrad, convInputGradByRests } from "../kernels/conv.ts";
import { winogradWeightGrad } from "../kernels/winograd-weight-grad.ts";
import { winogradForward, winogradInputGrad } from "../kernels/winograd.ts";
import { convWeightGrad } from "../kernels/conv-weight-grad.ts";
import { copy, fill, reorder } from "../kernels/copy.ts";
import { depthwiseWeightGrad } from "../kernels/depthwise-weight-grad.ts";
import { depthwiseForward, depthwiseInputGrad } from "../kernels/depthwise.ts";
import { elementwisePass, isElementwise, type ElementwiseName } from "../kernels/elementwise.ts";
import { Buffer, type Kernel } from "../kernels/kernel.ts";
import { matmul } from "../kernels/matmul.ts";
import { avgPool, avgPoolGrad, maxPool, maxPoolGrad, type PoolShape } from "../kernels/pool.ts";
import { reduce, type Reducer, type ReduceShape } from "../kernels/reduce.ts";
import { logSoftmax } from "../kernels/softmax.ts";
import type { TileShape } from "../kernels/tile.ts";
import { convShapeOf, decide, type ConvAlgorithm } from "./choose.ts";
import { fusionRules } from "./fusion-rules.ts";
import { isRowMajor, memoryOrder, strides } from "./layout.ts";
import type { Lowering } from "./lowering.ts";
import { moves } from "./moves.ts";
import { placeUpdates } from "./place-updates.ts";

/** Kernels in order, and where a run's inputs and outputs lie, row-major. */
export interface Lowered {
  readonly kernels: readonly Kernel[];
  /** What was computed together, and by which of the kernels. */
  readonly groups: readonly LoweredGroup[];
  readonly inputs: ReadonlyMap<string, Buffer>;
  readonly outputs: ReadonlyMap<string, Buffer>;
}

/** Operations that are computed together, the heavy one first. */
export interface LoweredGroup {
  readonly nodes: readonly Tensor[];
  readonly kernels: readonly Kernel[];
}

/** Chooses kernels for a graph. `stateBuffer` says where a state lies. Throws UNSUPPORTED, naming the operation. */
export function lower(
  given: Graph,
  { order }: AnalysedGraph,
  tile: TileShape,
  stateBuffer: (state: Tensor) => Buffer,
): Lowered {
  checkSupported(order);
  const graph = decompose(given);
  const analysed = analyse(graph);
  const fusion = fuse(graph, analysed, fusionRules);
  const { groups, origin } = fusion;
  checkGroups(
    analysed.order.filter((node) => !isInput(node) && !isState(node) && !isConstant(node) && origin(node) === node),
    fusion,
  );
  const kernels: Kernel[] = [];
  const buffers = new Map<Tensor, Buffer>();

  const bufferOf = (tensor: Tensor): Buffer => {
    const source = origin(tensor);
    const known = buffers.get(source) ?? (isState(source) ? stateBuffer(source) : undefined);
    if (known) return known;
    const buffer = new Buffer(source.op.name, source.size);
    buffers.set(source, buffer);
    if (isConstant(source)) kernels.push(fill(buffer, source.attributes.value));
    return buffer;
  };

  const inputs = new Map<string, Buffer>();
  for (const [name, tensor] of analysed.inputs) {
    const given = new Buffer(`input ${name}`, tensor.size);
    inputs.set(name, given);
    if (isRowMajor(tensor.shape)) {
      buffers.set(tensor, given);
    } else {
      kernels.push(
        reorder(`arrange ${name}`, tensor.shape, given, stridesOf(tensor.shape), bufferOf(tensor), memoryOrder(4)),
      );
    }
  }

  const { early, late } = placeUpdates(graph, groups, { origin, buffers, bufferOf, stateBuffer });
  kernels.push(...early);
  const needed = storedNodes(graph, groups, origin);
  const lowered = groups.map(({ nodes, ...group }) => ({
    nodes,
    kernels: lowerGroup({ nodes, ...group }, needed, tile, origin, bufferOf),
  }));
  for (const group of lowered) kernels.push(...group.kernels);
  const outputs = new Map<string, Buffer>();
  for (const [name, tensor] of Object.entries(graph.outputs)) {
    const source = origin(tensor);
    if (isRowMajor(source.shape) && !isState(source)) {
      outputs.set(name, bufferOf(source));
      continue;
    }
    const result = new Buffer(`output ${name}`, tensor.size);
    const rowMajor = [...source.shape.keys()];
    kernels.push(reorder(`output ${name}`, source.shape, bufferOf(source), strides(source.shape), result, rowMajor));
    outputs.set(name, result);
  }
  kernels.push(...late);
  const supplied = new Set(inputs.values());
  const states = graph.updates.map(({ state }) => stateBuffer(state));
  // An output that is an input's own buffer is there already.
  checkSteps(kernels, {
    given: [...supplied, ...analysed.states.map(stateBuffer)],
    wanted: [...states, ...[...outputs.values()].filter((buffer) => !supplied.has(buffer))],
  });
  return { kernels, groups: lowered, inputs, outputs };
}

function checkSupported(order: readonly Tensor[]): void {
  for (const { op } of order) {
    const isSource = op === inputOp || op === stateOp || op === constantOp;
    if (isSource || op === ops.stopGradient || isElementwise(op) || isDecomposed(op) || byOp.has(op)) continue;
    throw new LimbeckError(
      "UNSUPPORTED",
      `the wasm engine has no kernel for ${op.name}; use the reference engine, or other operations`,
    );
  }
}

/** Nodes whose values something outside their group needs. */
function storedNodes(graph: Graph, groups: readonly Group[], origin: (tensor: Tensor) => Tensor): Set<Tensor> {
  const needed = new Set<Tensor>();
  for (const tensor of Object.values(graph.outputs)) needed.add(origin(tensor));
  for (const { value } of graph.updates) needed.add(origin(value));
  for (const group of groups) {
    const own = new Set(group.nodes);
    for (const node of group.nodes) {
      for (const x of node.inputs) if (!own.has(origin(x))) needed.add(origin(x));
    }
  }
  return needed;
}

function lowerGroup(
  group: Group,
  needed: ReadonlySet<Tensor>,
  tile: TileShape,
  origin: (tensor: Tensor) => Tensor,
  bufferOf: (tensor: Tensor) => Buffer,
): Kernel[] {
  if (group.isElementwise) {
    const stored = new Map(group.nodes.filter((node) => needed.has(node)).map((node) => [node, bufferOf(node)]));
    return [elementwisePass({ shape: group.nodes[0]!.shape, nodes: group.nodes, stored, origin, bufferOf })];
  }
  const [node, after] = group.nodes as [Tensor, Tensor?];
  const y = bufferOf(after ?? node);
  const x = node.inputs.map(bufferOf);
  return byOp.get(node.op)!({
    node,
    x: (i) => x[i]!,
    y,
    tile,
    epilogue: {
      ...(after?.op === ops.relu ? { relu: true } : {}),
      ...(after?.op === ops.reluGrad ? { positive: bufferOf(after.inputs[1]!) } : {}),
    },
  });
}

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
  ...moves,
};

/** By operation, not by name: another operation that is called `matmul` is not ours to run. */
const byOp: ReadonlyMap<Op<never>, Lowering> = new Map(
  Object.entries(lowerings).map(([name, lowering]) => [ops[name as LoweredName], lowering]),
);

const forwards: Readonly<Record<ConvAlgorithm, typeof convForward>> = {
  depthwise: depthwiseForward,
  winograd: winogradForward,
  rests: convForward,
  direct: convForward,
};

const inputGrads: Readonly<Record<ConvAlgorithm, typeof convInputGrad>> = {
  depthwise: depthwiseInputGrad,
  winograd: winogradInputGrad,
  rests: convInputGradByRests,
  direct: convInputGrad,
};

const weightGrads: Readonly<Record<ConvAlgorithm, typeof convWeightGrad>> = {
  depthwise: depthwiseWeightGrad,
  winograd: winogradWeightGrad,
  rests: convWeightGrad,
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
