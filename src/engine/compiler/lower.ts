/** @file From a graph to an engine's kernels: decomposed, folded, fused, each group lowered by the engine, and what came of it checked. */
import { elementAt } from "../../elements.ts";
import { LimbeckError } from "../../errors.ts";
import { analyse, type AnalysedGraph, type Graph } from "../../tensor/graph.ts";
import { ops } from "../../tensor/ops/index.ts";
import { formatShape, stridesOf } from "../../tensor/shape.ts";
import { isConstant, isInput, isState, type DType, type Op, type Tensor } from "../../tensor/tensor.ts";
import { reordered, whole, type CopyBoxes } from "./box.ts";
import { checkDispatches, checkGroups, checkPrepared } from "./check.ts";
import { decompose, isDecomposed } from "./decompose.ts";
import type { Dispatch, Span } from "./dispatch.ts";
import { fold } from "./fold.ts";
import { fuse, type Fusion, type FusionGroup } from "./fuse.ts";
import { isRowMajor, memoryOrder, strides } from "./layout.ts";
import { fusionRules, type AnyLoweringInput, type ElementwisePass } from "./lowering.ts";
import { prepare, type Prepared } from "./prepare.ts";
import { updatesInPlace } from "./updates.ts";

/** An engine, as the compiler sees it. */
export interface Target<Memory extends Span, Kernel extends Dispatch<Memory>> {
  /** For errors: `wasm`. */
  readonly engine: string;
  memory(label: string, elements: number, dtype: DType): Memory;
  /** Where a state lies. */
  stateMemory(state: Tensor): Memory;
  isElementwise(op: Op<never>): boolean;
  elementwise(pass: ElementwisePass<Memory>): Kernel[];
  /** How another operation becomes kernels, if the engine has it. */
  loweringOf(op: Op<never>): ((given: AnyLoweringInput<Memory>) => Kernel[]) | undefined;
  readonly copyBoxes: CopyBoxes<Memory, Kernel>;
  /** One number, stored. */
  fill(to: Memory, value: number): Kernel;
}

/** Kernels in order, and where a run's inputs and outputs lie, row-major. */
export interface LoweredGraph<Memory, Kernel> extends Prepared<Kernel, Memory> {
  /** What was computed together, and by which of the kernels. */
  readonly groups: readonly LoweredGroup<Kernel>[];
  readonly inputs: ReadonlyMap<string, Memory>;
  readonly outputs: ReadonlyMap<string, Memory>;
}

/** Operations that are computed together, the heavy one first. */
export interface LoweredGroup<Kernel> {
  readonly nodes: readonly Tensor[];
  readonly kernels: readonly Kernel[];
}

/** Chooses kernels for a graph. Inputs are given row-major, or as tensors lie in memory. Throws UNSUPPORTED, naming the operation. */
export function lowerGraph<Memory extends Span, Kernel extends Dispatch<Memory>>(
  given: Graph,
  { order }: AnalysedGraph,
  target: Target<Memory, Kernel>,
  inputOrder: "row-major" | "memory" = "row-major",
): LoweredGraph<Memory, Kernel> {
  checkSupported(order, target);
  const graph = fold(decompose(given));
  const analysed = analyse(graph);
  const fusion = fuse(graph, analysed, fusionRules(target.isElementwise));
  const { groups, origin } = fusion;
  checkGroups(
    analysed.order.filter((node) => !isInput(node) && !isState(node) && !isConstant(node) && origin(node) === node),
    fusion,
  );
  const kernels: Kernel[] = [];
  const places = new Map<Tensor, Memory>();

  const memoryOf = (tensor: Tensor): Memory => {
    const source = origin(tensor);
    const known = places.get(source) ?? (isState(source) ? target.stateMemory(source) : undefined);
    if (known) return known;
    const memory = target.memory(`${source.op.name} ${formatShape(source.shape)}`, source.size, source.dtype);
    places.set(source, memory);
    if (isConstant(source)) kernels.push(target.fill(memory, source.attributes.value));
    return memory;
  };

  const inputs = new Map<string, Memory>();
  for (const [name, tensor] of analysed.inputs) {
    const { shape } = tensor;
    const memory = target.memory(`input ${name}`, tensor.size, tensor.dtype);
    inputs.set(name, memory);
    if (inputOrder === "memory" || isRowMajor(shape)) {
      places.set(tensor, memory);
    } else {
      const arranged = reordered(shape, memory, stridesOf(shape), memoryOrder(shape.length));
      kernels.push(...target.copyBoxes(`arrange ${name}`, memoryOf(tensor), [arranged]));
    }
  }

  const inPlace = updatesInPlace(graph, fusion);
  for (const [source, { state }] of inPlace) places.set(source, target.stateMemory(state));
  const { early, late } = copiedUpdates(graph, fusion, new Set(inPlace.values()), memoryOf, target);
  kernels.push(...early);
  const needed = storedNodes(graph, fusion);
  const lowered = groups.map((group) => ({
    nodes: group.nodes,
    kernels: lowerGroup(group, needed, origin, memoryOf, target),
  }));
  for (const group of lowered) kernels.push(...group.kernels);
  const outputs = new Map<string, Memory>();
  for (const [name, tensor] of Object.entries(graph.outputs)) {
    const source = origin(tensor);
    const { shape } = source;
    if (isRowMajor(shape) && !isState(source)) {
      outputs.set(name, memoryOf(source));
      continue;
    }
    const result = target.memory(`output ${name}`, tensor.size, tensor.dtype);
    const rowMajor = reordered(shape, memoryOf(source), strides(shape), [...shape.keys()]);
    kernels.push(...target.copyBoxes(`output ${name}`, result, [rowMajor]));
    outputs.set(name, result);
  }
  kernels.push(...late);
  const supplied = new Set(inputs.values());
  const states = graph.updates.map(({ state }) => target.stateMemory(state));
  // An output that is an input's own memory is there already.
  checkDispatches(kernels, {
    given: [...supplied, ...analysed.states.map((state) => target.stateMemory(state))],
    wanted: [...states, ...[...outputs.values()].filter((memory) => !supplied.has(memory))],
  });
  const prepared = prepare(kernels, { varying: [...supplied, ...states], wanted: outputs.values() });
  checkPrepared(kernels, prepared, [...supplied, ...states]);
  return { ...prepared, groups: lowered, inputs, outputs };
}

function checkSupported<Memory extends Span, Kernel extends Dispatch<Memory>>(
  order: readonly Tensor[],
  { engine, isElementwise, loweringOf }: Target<Memory, Kernel>,
): void {
  for (const node of order) {
    const { op } = node;
    const isSource = isInput(node) || isState(node) || isConstant(node);
    if (isSource || op === ops.stopGradient || isElementwise(op) || isDecomposed(op) || loweringOf(op)) continue;
    throw new LimbeckError(
      "UNSUPPORTED",
      `the ${engine} engine has no kernel for ${op.name}; use the reference engine, or other operations`,
    );
  }
}

/** Copies of values that were computed beside their states: `early` ones save old values before anything changes them, `late` ones come last. */
function copiedUpdates<Memory extends Span, Kernel extends Dispatch<Memory>>(
  graph: Graph,
  { origin }: Fusion,
  inPlace: ReadonlySet<unknown>,
  memoryOf: (tensor: Tensor) => Memory,
  { memory, stateMemory, copyBoxes }: Target<Memory, Kernel>,
): { readonly early: Kernel[]; readonly late: Kernel[] } {
  const early: Kernel[] = [];
  const late: Kernel[] = [];
  for (const update of graph.updates) {
    if (inPlace.has(update)) continue;
    const source = origin(update.value);
    const { size } = update.state;
    let from = memoryOf(source);
    if (isState(source)) {
      const saved = memory("old state", size, "float32");
      early.push(...copyBoxes("save state", saved, [whole(from, size)]));
      from = saved;
    }
    late.push(...copyBoxes("update state", stateMemory(update.state), [whole(from, size)]));
  }
  return { early, late };
}

/** Nodes whose values something outside their group needs. */
function storedNodes(graph: Graph, { groups, origin }: Fusion): Set<Tensor> {
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

function lowerGroup<Memory extends Span, Kernel extends Dispatch<Memory>>(
  { nodes, isElementwise }: FusionGroup,
  needed: ReadonlySet<Tensor>,
  origin: (tensor: Tensor) => Tensor,
  memoryOf: (tensor: Tensor) => Memory,
  target: Target<Memory, Kernel>,
): Kernel[] {
  if (isElementwise) {
    const stored = new Map(nodes.filter((node) => needed.has(node)).map((node) => [node, memoryOf(node)]));
    return target.elementwise({ shape: elementAt(nodes, 0).shape, nodes, stored, origin, bufferOf: memoryOf });
  }
  const [node, ...after] = nodes as [Tensor, ...Tensor[]];
  const y = memoryOf(elementAt(nodes, -1));
  const [addition, gradient] = [ops.add, ops.reluGrad].map((op) => after.find((next) => next.op === op));
  const added = addition?.inputs.find((x) => origin(x) !== node);
  const lowering = target.loweringOf(node.op);
  if (!lowering) throw new Error(`${node.op.name} should have a kernel`);
  const epilogue = {
    added: added && memoryOf(added),
    relu: after.some(({ op }) => op === ops.relu),
    positive: gradient && memoryOf(elementAt(gradient.inputs, 1)),
  };
  return lowering({ node, inputs: node.inputs.map(memoryOf), y, epilogue });
}
