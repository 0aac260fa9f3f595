/** @file Layers that have the range of another: what only passes numbers on, and what a concatenation alone takes. */
import { nonNegatives } from "../tensor/non-negative.ts";
import { ops } from "../tensor/ops/index.ts";
import type { LayerDraft } from "./layers.ts";

/** Kinds of layers that pass numbers on as they are. */
const passing: ReadonlySet<LayerDraft["kind"]> = new Set(["maxPool2d", "slice", "channelShuffle", "flatten"]);

/**
 * For each layer the place of the one whose range it has, mostly its own. Layers that only pass numbers on have that of what they pass on, and
 * so has a linear layer at the end, whose sums are the logits. A concatenation gives its own to those of its inputs that nothing else takes,
 * unless it has numbers below 0 and they have none, or a bound above: the ends of a range are all there is of an activation.
 */
export function rangeOwners(drafts: readonly LayerDraft[]): readonly number[] {
  const readers = drafts.map(() => 0);
  for (const { inputs } of drafts) for (const at of inputs) readers[at]!++;
  const positive = nonNegatives(drafts.at(-1)!.result);
  const owners = drafts.map((_, i) => i);
  // A concatenation's own inputs make their numbers as it wants them, so that it only copies; of several around each other, the outermost wins.
  for (const [at, { kind, inputs, result }] of [...drafts.entries()].toReversed()) {
    if (kind !== "concat") continue;
    for (const i of inputs) {
      const { kind, result: x } = drafts[i]!;
      const isOwn = readers[i] === 1 && !passing.has(kind);
      if (isOwn && x.op !== ops.clamp && (positive.has(result) || !positive.has(x))) owners[i] = owners[at]!;
    }
  }
  for (const [i, { kind, inputs }] of drafts.entries()) {
    const isLast = i === drafts.length - 1 && kind === "linear";
    if (passing.has(kind) || isLast) owners[i] = owners[inputs[0]!]!;
  }
  return owners;
}
