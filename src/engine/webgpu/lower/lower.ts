/** @file From a graph to kernels: decomposed, fused, each group lowered, and what came of it checked. */
import { LimbeckError } from "../../../errors.ts";
import { analyse, type AnalysedGraph, type Graph } from "../../../tensor/graph.ts";
import { ops } from "../../../tensor/ops/index.ts";
import { stridesOf } from "../../../tensor/shape.ts";
import { isConstant, isInput, isState, type Tensor } from "../../../tensor/tensor.ts";
import { checkDispatches, checkGroups, checkPrepared } from "../../compiler/check.ts";
import { decompose, isDecomposed } from "../../compiler/decompose.ts";
import { fold } from "../../compiler/fold.ts";
import { fuse, type FusionGroup } from "../../compiler/fuse.ts";
import { prepare, type Prepared } from "../../compiler/prepare.ts";
import { fill, reorder } from "../kernels/copy.ts";
import { isElementwise } from "../kernels/elementwise.ts";
import { Buffer, type Kernel } from "../kernels/kernel.ts";
import { elementwisePasses } from "../kernels/passes.ts";
import { isRowMajor, memoryOrder, strides } from "../../wasm/kernels/layout.ts";
import { fusionRules } from "./lowering.ts";
import { loweringOf } from "./lowerings.ts";
import { placeUpdates } from "./place-updates.ts";
import { findViews, offsetOfRow } from "./views.ts";

/** Kernels in order, and where a run's inputs and outputs lie, row-major. */
export interface Lowered extends Prepared<Kernel, Buffer> {
  readonly inputs: ReadonlyMap<string, Buffer>;
  readonly outputs: ReadonlyMap<string, Buffer>;
}

/** Chooses kernels for a graph, of at most `mostBuffers` each. `stateBuffer` says where a state lies; inputs are given row-major. Throws UNSUPPORTED, naming the operation. */
export function lower(
  given: Graph,
  { order }: AnalysedGraph,
  stateBuffer: (state: Tensor) => Buffer,
  mostBuffers: number,
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
    const buffer = new Buffer(source.op.name, source.size, elementType(source));
    buffers.set(source, buffer);
    if (isConstant(source)) kernels.push(fill(buffer, source.attributes.value));
    return buffer;
  };

  const inputs = new Map<string, Buffer>();
  for (const [name, tensor] of analysed.inputs) {
    const given = new Buffer(`input ${name}`, tensor.size, elementType(tensor));
    inputs.set(name, given);
    if (isRowMajor(tensor.shape)) {
      buffers.set(tensor, given);
    } else {
      kernels.push(
        ...reorder(`arrange ${name}`, tensor.shape, given, stridesOf(tensor.shape), bufferOf(tensor), memoryOrder(4)),
      );
    }
  }

  const { early, late } = placeUpdates(graph, groups, { origin, buffers, bufferOf, stateBuffer });
  kernels.push(...early);
  const needed = storedNodes(graph, groups, origin);
  const views = findViews(graph, fusion);
  for (const group of groups) {
    if (!views.has(group.nodes[0]!)) kernels.push(...lowerGroup(group, needed, mostBuffers, origin, bufferOf, views));
  }
  const outputs = new Map<string, Buffer>();
  for (const [name, tensor] of Object.entries(graph.outputs)) {
    const source = origin(tensor);
    if (isRowMajor(source.shape) && !isState(source)) {
      outputs.set(name, bufferOf(source));
      continue;
    }
    const result = new Buffer(`output ${name}`, tensor.size);
    const rowMajor = [...source.shape.keys()];
    kernels.push(...reorder(`output ${name}`, source.shape, bufferOf(source), strides(source.shape), result, rowMajor));
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
  return { ...prepared, inputs, outputs };
}

function checkSupported(order: readonly Tensor[]): void {
  for (const node of order) {
    const { op } = node;
    const isSource = isInput(node) || isState(node) || isConstant(node);
    if (isSource || op === ops.stopGradient || isElementwise(op) || isDecomposed(op) || loweringOf(op)) continue;
    throw new LimbeckError(
      "UNSUPPORTED",
      `the webgpu engine has no kernel for ${op.name}; use the reference engine, or other operations`,
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
  mostBuffers: number,
  origin: (tensor: Tensor) => Tensor,
  bufferOf: (tensor: Tensor) => Buffer,
  views: ReadonlySet<Tensor>,
): Kernel[] {
  if (group.isElementwise) {
    const stored = new Map(group.nodes.filter((node) => needed.has(node)).map((node) => [node, bufferOf(node)]));
    const pass = {
      shape: group.nodes[0]!.shape,
      nodes: group.nodes,
      stored,
      origin,
      bufferOf: (x: Tensor) => bufferOf(views.has(origin(x)) ? origin(x).inputs[0]! : x),
      offsetOf: (x: Tensor) => (views.has(origin(x)) ? offsetOfRow(origin(x)) : 0),
    };
    return elementwisePasses(pass, mostBuffers);
  }
  const [node, after] = group.nodes as [Tensor, Tensor?];
  const y = bufferOf(after ?? node);
  return loweringOf(node.op)!({
    node,
    inputs: node.inputs.map(bufferOf),
    y,
    epilogue: {
      ...(after?.op === ops.relu ? { relu: true } : {}),
      ...(after?.op === ops.reluGrad ? { positive: bufferOf(after.inputs[1]!) } : {}),
    },
  });
}

function elementType({ dtype }: Tensor): "f32" | "i32" {
  return dtype === "int32" ? "i32" : "f32";
}
