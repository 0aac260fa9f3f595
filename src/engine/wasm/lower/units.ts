/** @file Which nodes of a graph are computed together: each unit becomes one kernel (or a few), with nothing between its nodes in memory. */
import { sameShape } from "../../../tensor/shape.ts";
import { isConstant, isInput, isState, type Tensor } from "../../../tensor/tensor.ts";
import type { AnalysedGraph, Graph } from "../../../tensor/graph.ts";
import { putRowsOp } from "../../../tensor/ops/take.ts";
import { elementwise } from "../kernels/elementwise.ts";
import { Dependencies } from "./dependencies.ts";
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
  const dependencies = new Dependencies<Unit>(order.length);
  const unitOf = new Map<Tensor, Unit>();
  const units = new Set<Unit>();

  const start = (node: Tensor, isElementwise: boolean): Unit => {
    const unit = { nodes: [node], isElementwise };
    units.add(unit);
    unitOf.set(node, unit);
    const read = node.inputs.map((x) => unitOf.get(origin(x))).filter((source) => source !== undefined);
    dependencies.add(unit, new Set(read));
    return unit;
  };
  /** Makes one of two units, unless a path from one to the other leads through a third. */
  const merge = (unit: Unit, into: Unit): boolean => {
    if (!dependencies.merge(unit, into)) return false;
    for (const node of unit.nodes) unitOf.set(node, into);
    into.nodes.push(...unit.nodes);
    into.nodes.sort((a, b) => position.get(a)! - position.get(b)!);
    units.delete(unit);
    return true;
  };

  for (const node of order) {
    if (isInput(node) || isState(node) || isConstant(node)) continue;
    if (node.op.name === "stopGradient" || (node.op.name === "reshape" && isRename(node))) {
      origins.set(node, origin(node.inputs[0]!));
      continue;
    }
    const unit = start(node, node.op.name in elementwise);
    const producer = unitOf.get(fusableProducer(node, consumers) ?? node)!;
    if (producer !== unit && producer.nodes.length === 1 && merge(unit, producer)) continue;
    if (!unit.isElementwise) continue;
    let joined = unit;
    for (const x of node.inputs) {
      const other = unitOf.get(origin(x));
      if (!other?.isElementwise || other === joined || !sameShape(other.nodes[0]!.shape, node.shape)) continue;
      if (merge(joined, other)) joined = other;
    }
  }
  return { units: ordered([...units], dependencies, graph, position), origin };
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

/**
 * Topologically, in the graph's own order where there is a choice, with units that only serve updates of states at the
 * end. Throws ENGINE where units need each other in a circle: none of them could be computed.
 */
function ordered(
  units: readonly Unit[],
  dependencies: Dependencies<Unit>,
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
  const waiting = new Map(units.map((unit) => [unit, dependencies.sources(unit).length]));
  const readers = new Map<Unit, Unit[]>();
  for (const unit of units) {
    for (const source of dependencies.sources(unit)) {
      const known = readers.get(source);
      if (known) known.push(unit);
      else readers.set(source, [unit]);
    }
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
