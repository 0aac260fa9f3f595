/** @file Which new values of states may be computed right into the state. */
import { elementAt } from "../../elements.ts";
import type { Graph, Update } from "../../tensor/graph.ts";
import { ops } from "../../tensor/ops/index.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Fusion } from "./fuse.ts";

/** Those after whose computation nothing reads the old values, each by the tensor that it computes. The others are computed beside the state, and copied when a run ends. */
export function updatesInPlace(graph: Graph, { groups, origin }: Fusion): ReadonlyMap<Tensor, Update> {
  const outputs = new Set(Object.values(graph.outputs).map(origin));
  const makers = new Map(groups.flatMap(({ nodes }, i) => nodes.map((node) => [node, i])));
  const lastReaders = new Map(
    groups.flatMap(({ nodes }, i) => nodes.flatMap((node) => node.inputs.map((x) => [origin(x), i]))),
  );
  const isInPlace = ({ state, value }: Update): boolean => {
    const source = origin(value);
    const maker = makers.get(source);
    if (maker === undefined || outputs.has(source) || outputs.has(state)) return false;
    // Of rows that are put, the others stay.
    const isPut =
      source.op === ops.indexCopy &&
      origin(elementAt(source.inputs, 0)) === state &&
      origin(elementAt(source.inputs, 2)) !== state;
    // Its own group may read it: element by element, each before it is overwritten.
    if (!elementAt(groups, maker).isElementwise && !isPut) return false;
    return (lastReaders.get(state) ?? 0) <= maker;
  };
  const inPlace = new Map<Tensor, Update>();
  for (const update of graph.updates) {
    const source = origin(update.value);
    if (!inPlace.has(source) && isInPlace(update)) inPlace.set(source, update);
  }
  return inPlace;
}
