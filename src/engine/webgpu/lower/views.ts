/** @file Rows that are read where they lie: element-by-element passes take them out of the tensor that they are a row of. */
import type { Graph } from "../../../tensor/graph.ts";
import { ops, type AttributesOf } from "../../../tensor/ops/index.ts";
import { isInput, isState, type Tensor } from "../../../tensor/tensor.ts";
import type { Fusion } from "../../compiler/fuse.ts";

/** The rows that nothing but such passes reads. NOTE: none of a state, which may have changed by the time that it is read. */
export function findViews(graph: Graph, { groups, origin }: Fusion): ReadonlySet<Tensor> {
  const views = new Set<Tensor>();
  for (const { nodes } of groups) {
    const [node] = nodes;
    const source = node?.op === ops.row ? origin(node.inputs[0]!) : undefined;
    if (node && source && !isState(source) && !isInput(source)) views.add(node);
  }
  for (const { nodes, isElementwise } of groups) {
    if (!isElementwise) for (const node of nodes) for (const x of node.inputs) views.delete(origin(x));
  }
  for (const tensor of Object.values(graph.outputs)) views.delete(origin(tensor));
  for (const { value } of graph.updates) views.delete(origin(value));
  return views;
}

/** Where a row begins in the tensor that it is of, in elements. */
export function offsetOfRow({ attributes, size }: Tensor): number {
  return (attributes as AttributesOf<"row">).index * size;
}
