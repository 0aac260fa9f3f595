/** @file From a graph to kernels: decomposed, fused, each group lowered, and what came of it checked and explained. */
import { LimbeckError } from "../../../errors.ts";
import { analyse, type AnalysedGraph, type Graph } from "../../../tensor/graph.ts";
import { ops } from "../../../tensor/ops/index.ts";
import { formatShape, stridesOf } from "../../../tensor/shape.ts";
import { isConstant, isInput, isState, type Tensor } from "../../../tensor/tensor.ts";
import { checkDispatches, checkGroups, checkPrepared } from "../../compiler/check.ts";
import { decompose, isDecomposed } from "../../compiler/decompose.ts";
import { fold } from "../../compiler/fold.ts";
import { fuse, type FusionGroup } from "../../compiler/fuse.ts";
import { prepare, type Prepared } from "../../compiler/prepare.ts";
import { fill, reorder } from "../kernels/copy.ts";
import { elementwisePass, isElementwise } from "../kernels/elementwise.ts";
import { Buffer, type Kernel } from "../kernels/kernel.ts";
import { isRowMajor, memoryOrder, strides } from "../kernels/layout.ts";
import type { TileShape } from "../kernels/tile.ts";
import { decide, isConvolutionOrGradient, type Decision } from "./choose.ts";
import { fusionRules } from "./lowering.ts";
import { loweringOf } from "./lowerings.ts";
import { placeUpdates } from "./place-updates.ts";

/** Kernels in order, and where a run's inputs and outputs lie, row-major. */
export interface Lowered extends Prepared<Kernel, Buffer> {
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

/** Chooses kernels for a graph. `stateBuffer` says where a state lies; inputs are given row-major, or as tensors lie in memory. Throws UNSUPPORTED, naming the operation. */
export function lower(
  given: Graph,
  { order }: AnalysedGraph,
  tile: TileShape,
  stateBuffer: (state: Tensor) => Buffer,
  inputOrder: "row-major" | "memory" = "row-major",
): Lowered {
  checkSupported(order);
  const graph = fold(decompose(given));
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
    if (inputOrder === "memory" || isRowMajor(tensor.shape)) {
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
  checkDispatches(kernels, {
    given: [...supplied, ...analysed.states.map(stateBuffer)],
    wanted: [...states, ...[...outputs.values()].filter((buffer) => !supplied.has(buffer))],
  });
  const prepared = prepare(kernels, { varying: [...supplied, ...states], wanted: outputs.values() });
  checkPrepared(kernels, prepared, [...supplied, ...states]);
  return { ...prepared, groups: lowered, inputs, outputs };
}

function checkSupported(order: readonly Tensor[]): void {
  for (const node of order) {
    const { op } = node;
    const isSource = isInput(node) || isState(node) || isConstant(node);
    if (isSource || op === ops.stopGradient || isElementwise(op) || isDecomposed(op) || loweringOf(op)) continue;
    throw new LimbeckError(
      "UNSUPPORTED",
      `the wasm engine has no kernel for ${op.name}; use the reference engine, or other operations`,
    );
  }
}

/** Nodes whose values something outside their group needs. */
function storedNodes(graph: Graph, groups: readonly FusionGroup[], origin: (tensor: Tensor) => Tensor): Set<Tensor> {
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
  group: FusionGroup,
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
  return loweringOf(node.op)!({
    node,
    inputs: node.inputs.map(bufferOf),
    y,
    tile,
    epilogue: {
      ...(after?.op === ops.relu ? { relu: true } : {}),
      ...(after?.op === ops.reluGrad ? { positive: bufferOf(after.inputs[1]!) } : {}),
    },
  });
}

/** Operations computed together. */
export interface ExplainedGroup {
  /** In order, with what they give: `conv2d [128, 64, 32, 32]`, `relu [128, 64, 32, 32]`. */
  readonly operations: readonly string[];
  /** Labels of its kernels, as a profile has them. */
  readonly kernels: readonly string[];
  /** Of a convolution or its gradients. */
  readonly decision?: Decision;
}

export function explain(groups: readonly LoweredGroup[], tile: TileShape): ExplainedGroup[] {
  return groups.map(({ nodes, kernels }) => {
    const [first] = nodes;
    const isConvolution = isConvolutionOrGradient(first!.op);
    return {
      operations: nodes.map(({ op, shape }) => `${op.name} ${formatShape(shape)}`),
      kernels: kernels.map(({ label }) => label),
      ...(isConvolution && { decision: decide(first!, tile) }),
    };
  });
}
