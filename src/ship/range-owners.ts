/** @file Layers that have the range of another: what only passes numbers on, and what a concatenation alone takes. */
import type { LayerDraft } from "./layers.ts";

/** Kinds of layers that pass numbers on as they are. */
const passing: ReadonlySet<LayerDraft["kind"]> = new Set(["maxPool2d", "slice", "channelShuffle", "flatten"]);

/**
 * For each layer the place of the one whose range it has, mostly its own. Layers that only pass numbers on have that of what they pass on, and
 * so has a linear layer at the end, whose sums are the logits. A concatenation gives its own to those of its inputs that nothing else takes.
 */
export function rangeOwners(drafts: readonly LayerDraft[]): readonly number[] {
  const readers = drafts.map(() => 0);
  for (const { inputs } of drafts) for (const at of inputs) readers[at]!++;
  const owners = drafts.map((_, i) => i);
  // A concatenation's own inputs make their numbers as it wants them, so that it only copies; of several around each other, the outermost wins.
  for (const [at, { kind, inputs }] of [...drafts.entries()].toReversed()) {
    if (kind !== "concat") continue;
    for (const i of inputs) if (readers[i] === 1 && !passing.has(drafts[i]!.kind)) owners[i] = owners[at]!;
  }
  for (const [i, { kind, inputs }] of drafts.entries()) {
    const isLast = i === drafts.length - 1 && kind === "linear";
    if (passing.has(kind) || isLast) owners[i] = owners[inputs[0]!]!;
  }
  return owners;
}
