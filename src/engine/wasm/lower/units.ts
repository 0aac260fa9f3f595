/** @file Which nodes of a graph are computed together: each unit becomes one kernel (or a few), with nothing between its nodes in memory. */
import { sameShape } from "../../../tensor/shape.ts";
import { isConstant, isInput, isState, type Tensor } from "../../../tensor/tensor.ts";
import type { AnalysedGraph, Graph } from "../../../tensor/graph.ts";
import { putRowsOp } from "../../../tensor/ops/take.ts";
import { elementwise } from "../kernels/elementwise.ts";
import { isRowMajor } from "./layout.ts";

/** Nodes computed together, in order. The first is the heavy one, if there is one; the last is the result. */
export interface Unit {
  readonly nodes: Tensor[];
  /** Of one shape, element by element. */
  readonly isElementwise: boolean;
}

/** What `units` finds. */
export interface Partition {
  /** In an order where each comes after what it reads, updates of states last. */
  readonly units: readonly Unit[];
  /** The tensor whose memory a node shares: itself, or what it renames. */
  readonly origin: (tensor: Tensor) => Tensor;
}

/** Divides a graph into units and orders them. */
export function partition(graph: Graph, { order }: AnalysedGraph): Partition {
  const roots = new Set([...Object.values(graph.outputs), ...graph.updates.map((update) => update.value)]);
  const consumers = countConsumers(order, roots);
  const origins = new Map<Tensor, Tensor>();
  const origin = (tensor: Tensor): Tensor => origins.get(tensor) ?? tensor;
  const position = new Map(order.map((node, i) => [node, i]));
  const unitOf = new Map<Tensor, Unit>();
  const units = new Set<Unit>();

  const sources = (unit: Unit): Unit[] => {
    const found = unit.nodes.flatMap((node) => node.inputs.flatMap((x) => unitOf.get(origin(x)) ?? []));
    return [...new Set(found)].filter((other) => other !== unit);
  };
  const reaches = (from: Unit, target: Unit, seen = new Set<Unit>()): boolean => {
    if (from === target) return true;
    // What comes before all of the target cannot depend on it.
    const isEarlier = position.get(from.nodes.at(-1)!)! < position.get(target.nodes[0]!)!;
    if (isEarlier || seen.has(from)) return false;
    seen.add(from);
    return sources(from).some((source) => reaches(source, target, seen));
  };
  const start = (node: Tensor, isElementwise: boolean): Unit => {
    const unit = { nodes: [node], isElementwise };
    units.add(unit);
    unitOf.set(node, unit);
    return unit;
  };
  const join = (node: Tensor, unit: Unit): void => {
    unit.nodes.push(node);
    unitOf.set(node, unit);
  };
  const merge = (unit: Unit, into: Unit): void => {
    for (const node of unit.nodes) unitOf.set(node, into);
    into.nodes.push(...unit.nodes);
    into.nodes.sort((a, b) => position.get(a)! - position.get(b)!);
    units.delete(unit);
  };
  /** Whether a path leads from `unit` through others back into `node`. */
  const closesCycle = (node: Tensor, unit: Unit): boolean =>
    node.inputs.some((x) => {
      const other = unitOf.get(origin(x));
      return other && other !== unit && reaches(other, unit);
    });

  for (const node of order) {
    if (isInput(node) || isState(node) || isConstant(node)) continue;
    if (node.op.name === "stopGradient" || (node.op.name === "reshape" && isRename(node))) {
      origins.set(node, origin(node.inputs[0]!));
      continue;
    }
    const epilogueOf = fusableProducer(node, consumers);
    if (epilogueOf) {
      const producer = unitOf.get(epilogueOf)!;
      if (producer.nodes.length === 1 && !closesCycle(node, producer)) {
        join(node, producer);
        continue;
      }
    }
    if (!(node.op.name in elementwise)) {
      start(node, false);
      continue;
    }
    const unit = start(node, true);
    for (const x of node.inputs) {
      const other = unitOf.get(x);
      if (!other?.isElementwise || other === unit || !sameShape(other.nodes[0]!.shape, node.shape)) continue;
      if (unit.nodes.some((own) => closesCycle(own, other)) || other.nodes.some((own) => closesCycle(own, unit)))
        continue;
      merge(other, unit);
    }
  }
  return { units: ordered([...units], sources, graph, position), origin };
}

/** A reshape that leaves every element where it lies. */
function isRename(node: Tensor): boolean {
  return isRowMajor(node.shape) && isRowMajor(node.inputs[0]!.shape);
}

/** The product, convolution or pooling gradient whose store can do this node's work too. */
function fusableProducer(node: Tensor, consumers: ReadonlyMap<Tensor, number>): Tensor | null {
  const x = node.inputs[0];
  if (!x || consumers.get(x) !== 1 || !sameShape(x.shape, node.shape)) return null;
  if (node.op.name === "relu" && ["conv2d", "linear"].includes(x.op.name)) return x;
  if (node.op.name !== "reluGrad") return null;
  if (["conv2dInputGrad", "matmul"].includes(x.op.name)) return x;
  // The pooled value tells whether the ReLU let its largest element through, if the pool looked at that ReLU's result.
  return x.op.name === "maxPool2dGrad" && x.inputs[1] === node.inputs[1] ? x : null;
}

function countConsumers(order: readonly Tensor[], roots: ReadonlySet<Tensor>): Map<Tensor, number> {
  const consumers = new Map<Tensor, number>();
  const count = (tensor: Tensor): void => void consumers.set(tensor, (consumers.get(tensor) ?? 0) + 1);
  for (const node of order) for (const x of node.inputs) count(x);
  for (const root of roots) count(root);
  return consumers;
}

/** Topologically, in the graph's own order where there is a choice, with units that only serve updates of states at the end. */
function ordered(
  units: readonly Unit[],
  sources: (unit: Unit) => Unit[],
  graph: Graph,
  position: ReadonlyMap<Tensor, number>,
): Unit[] {
  const updated = new Set(graph.updates.map((update) => update.value));
  const rank = new Map(
    units.map((unit) => {
      const mayBeInPlace = unit.isElementwise || unit.nodes[0]!.op === putRowsOp;
      const isUpdate = mayBeInPlace && unit.nodes.some((node) => updated.has(node));
      return [unit, (isUpdate ? position.size : 0) + Math.max(...unit.nodes.map((node) => position.get(node)!))];
    }),
  );
  const waiting = new Map(units.map((unit) => [unit, sources(unit).length]));
  const readers = new Map<Unit, Unit[]>();
  for (const unit of units) {
    for (const source of sources(unit)) readers.set(source, [...(readers.get(source) ?? []), unit]);
  }
  const ready = units.filter((unit) => waiting.get(unit) === 0);
  const result: Unit[] = [];
  while (ready.length > 0) {
    ready.sort((a, b) => rank.get(b)! - rank.get(a)!);
    const unit = ready.pop()!;
    result.push(unit);
    for (const reader of readers.get(unit) ?? []) {
      const left = waiting.get(reader)! - 1;
      waiting.set(reader, left);
      if (left === 0) ready.push(reader);
    }
  }
  return result;
}
