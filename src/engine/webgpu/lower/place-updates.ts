/** @file Where the new values of states are computed: right into the state, or beside it and copied when the run ends. */
import type { Graph, Update } from "../../../tensor/graph.ts";
import { ops } from "../../../tensor/ops/index.ts";
import { sizeOf } from "../../../tensor/shape.ts";
import { isState, type Tensor } from "../../../tensor/tensor.ts";
import type { FusionGroup } from "../../compiler/fuse.ts";
import { copy } from "../kernels/copy.ts";
import { Buffer, type Kernel } from "../kernels/kernel.ts";

interface Placement {
  readonly origin: (tensor: Tensor) => Tensor;
  readonly buffers: Map<Tensor, Buffer>;
  readonly bufferOf: (tensor: Tensor) => Buffer;
  readonly stateBuffer: (state: Tensor) => Buffer;
}

/**
 * Lets an update's value be computed right into its state where nothing reads the old values afterwards, and copies
 * it there otherwise: `early` copies save old values before anything changes them, `late` ones come last.
 */
export function placeUpdates(
  graph: Graph,
  groups: readonly FusionGroup[],
  { origin, buffers, bufferOf, stateBuffer }: Placement,
): { early: Kernel[]; late: Kernel[] } {
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
      source.op === ops.indexCopy && origin(source.inputs[0]!) === state && origin(source.inputs[2]!) !== state;
    // Its own group may read it: element by element, each before it is overwritten.
    if (!groups[maker]!.isElementwise && !isPut) return false;
    return (lastReaders.get(state) ?? 0) <= maker;
  };
  // All that is computed right into a state is known before anything is copied from where it lies.
  const inPlace = new Set<Update>();
  for (const update of graph.updates) {
    const source = origin(update.value);
    if (buffers.has(source) || !isInPlace(update)) continue;
    buffers.set(source, stateBuffer(update.state));
    inPlace.add(update);
  }
  const early: Kernel[] = [];
  const late: Kernel[] = [];
  for (const update of graph.updates) {
    if (inPlace.has(update)) continue;
    const source = origin(update.value);
    const target = stateBuffer(update.state);
    const size = [{ size: sizeOf(update.state.shape), step: 1 }];
    if (!isState(source)) {
      late.push(...copy("update state", bufferOf(source), target, size));
      continue;
    }
    const saved = new Buffer("old state", source.size);
    early.push(...copy("save state", stateBuffer(source), saved, size));
    late.push(...copy("update state", saved, target, size));
  }
  return { early, late };
}
