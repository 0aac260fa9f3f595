/** @file Which nodes of a graph are computed together: a fusion group becomes one kernel (or a few), with nothing between its nodes in memory. */
import { elementAt, valueAt } from "../../elements.ts";
import { ops } from "../../tensor/ops/index.ts";
import { sameShape } from "../../tensor/shape.ts";
import { isConstant, isInput, isState, type Op, type Tensor } from "../../tensor/tensor.ts";
import type { AnalysedGraph, Graph } from "../../tensor/graph.ts";
import { Dependencies } from "./dependencies.ts";

/** What an engine can compute together. */
export interface FusionRules {
  /** Whether an operation is computed element by element; any number of these make one pass over their common shape. */
  isElementwise(op: Op<never>): boolean;
  /** Whether the store of the kernel that computes `nodes`, the last of which `node` alone reads, can do the node's work too. */
  isEpilogue(node: Tensor, nodes: readonly [Tensor, ...Tensor[]]): boolean;
  /** Whether a reshape leaves every element where it lies. */
  isInPlace(reshape: Tensor): boolean;
}

/** Nodes computed together, in order. The first is the heavy one, if there is one; the last is the result. */
export interface FusionGroup {
  readonly nodes: [Tensor, ...Tensor[]];
  /** Of one shape, element by element. */
  readonly isElementwise: boolean;
}

/** What `fuse` finds. */
export interface Fusion {
  /** In an order where each comes after what it reads, updates of states last. */
  readonly groups: readonly FusionGroup[];
  /** The tensor whose memory a node shares: itself, or what it renames. */
  readonly origin: (tensor: Tensor) => Tensor;
}

/** Divides a graph into groups and orders them. */
export function fuse(graph: Graph, { order }: AnalysedGraph, rules: FusionRules): Fusion {
  const roots = new Set([...Object.values(graph.outputs), ...graph.updates.map((update) => update.value)]);
  const consumers = countConsumers(order, roots);
  const origins = new Map<Tensor, Tensor>();
  const origin = (tensor: Tensor): Tensor => origins.get(tensor) ?? tensor;
  const position = new Map(order.map((node, i) => [node, i]));
  const dependencies = new Dependencies<FusionGroup>(order.length);
  const groupOf = new Map<Tensor, FusionGroup>();
  const groups = new Set<FusionGroup>();

  const start = (node: Tensor, isElementwise: boolean): FusionGroup => {
    const group: FusionGroup = { nodes: [node], isElementwise };
    groups.add(group);
    groupOf.set(node, group);
    const read = node.inputs.map((x) => groupOf.get(origin(x))).filter((source) => source !== undefined);
    dependencies.add(group, new Set(read));
    return group;
  };
  /** Makes one of two groups, unless a path from one to the other leads through a third. */
  const merge = (group: FusionGroup, into: FusionGroup): boolean => {
    if (!dependencies.merge(group, into)) return false;
    for (const node of group.nodes) groupOf.set(node, into);
    into.nodes.push(...group.nodes);
    into.nodes.sort((a, b) => valueAt(position, a) - valueAt(position, b));
    groups.delete(group);
    return true;
  };

  for (const node of order) {
    if (isInput(node) || isState(node) || isConstant(node)) continue;
    if (node.op === ops.stopGradient || (node.op === ops.reshape && rules.isInPlace(node))) {
      origins.set(node, origin(elementAt(node.inputs, 0)));
      continue;
    }
    const group = start(node, rules.isElementwise(node.op));
    const isStored = node.inputs.some((x) => {
      const producer = groupOf.get(x);
      if (producer?.nodes.at(-1) !== x || consumers.get(x) !== 1 || !sameShape(x.shape, node.shape)) return false;
      return rules.isEpilogue(node, producer.nodes) && merge(group, producer);
    });
    if (isStored) continue;
    if (!group.isElementwise) continue;
    let joined = group;
    for (const x of node.inputs) {
      const other = groupOf.get(origin(x));
      if (!other?.isElementwise || other === joined || !sameShape(elementAt(other.nodes, 0).shape, node.shape))
        continue;
      if (merge(joined, other)) joined = other;
    }
  }
  return { groups: ordered([...groups], dependencies, graph, position), origin };
}

function countConsumers(order: readonly Tensor[], roots: ReadonlySet<Tensor>): Map<Tensor, number> {
  const consumers = new Map<Tensor, number>();
  const count = (tensor: Tensor): void => void consumers.set(tensor, (consumers.get(tensor) ?? 0) + 1);
  for (const node of order) for (const x of node.inputs) count(x);
  for (const root of roots) count(root);
  return consumers;
}

/** Topologically, in the graph's own order where there is a choice, with groups that only serve updates of states at the end. */
function ordered(
  groups: readonly FusionGroup[],
  dependencies: Dependencies<FusionGroup>,
  graph: Graph,
  position: ReadonlyMap<Tensor, number>,
): FusionGroup[] {
  const updated = new Set(graph.updates.map((update) => update.value));
  const rank = new Map(
    groups.map((group) => {
      const mayBeInPlace = group.isElementwise || elementAt(group.nodes, 0).op === ops.indexCopy;
      const isUpdate = mayBeInPlace && group.nodes.some((node) => updated.has(node));
      return [group, (isUpdate ? position.size : 0) + Math.max(...group.nodes.map((node) => valueAt(position, node)))];
    }),
  );
  const waiting = new Map(groups.map((group) => [group, dependencies.sources(group).length]));
  const readers = new Map<FusionGroup, FusionGroup[]>();
  for (const group of groups) {
    for (const source of dependencies.sources(group)) {
      const known = readers.get(source);
      if (known) known.push(group);
      else readers.set(source, [group]);
    }
  }
  /** The last has the lowest rank. */
  const ready: FusionGroup[] = [];
  const add = (group: FusionGroup): void => {
    const place = ready.findLastIndex((other) => valueAt(rank, other) > valueAt(rank, group)) + 1;
    ready.splice(place, 0, group);
  };
  for (const group of groups) if (waiting.get(group) === 0) add(group);
  const result: FusionGroup[] = [];
  for (let group = ready.pop(); group; group = ready.pop()) {
    result.push(group);
    for (const reader of readers.get(group) ?? []) {
      const left = valueAt(waiting, reader) - 1;
      waiting.set(reader, left);
      if (left === 0) add(reader);
    }
  }
  return result;
}
