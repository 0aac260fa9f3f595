/** @file Losses on mixed images: each image is partly of one class and partly of another. */
import type { Batch, Losses } from "../distill/index.ts";
import { LimbeckError } from "../errors.ts";
import { add, input, isInput, mul, sub, substitute, topologicalOrder, type Tensor } from "../tensor/index.ts";

/** Inputs of the graph: λ, and the labels of the images that were mixed in. */
export const shareInput = "label share";
export const partnerLabelsInput = "partner labels";

/**
 * λ·loss(labels) + (1 - λ)·loss(partners' labels) for each loss that labels take part in; the others as they are. `updated`
 * are what memories become. Throws ARGUMENT where a method goes by which image it is, or remembers by labels: a mixed one has no one answer.
 */
export function withMixedLabels(
  terms: Losses,
  { labels, indices }: Pick<Batch, "labels" | "indices">,
  updated: readonly Tensor[],
  method: string,
): Losses {
  const used = new Set(topologicalOrder([...Object.values(terms), ...updated]));
  const byLabel = topologicalOrder([...updated]).includes(labels);
  const hasNegatives = [...used].some((tensor) => isInput(tensor) && tensor.attributes.name === "negatives");
  if (used.has(indices) || byLabel || hasNegatives) {
    throw new LimbeckError(
      "ARGUMENT",
      `method ${method} needs to know which image, or which one class, it sees, so it cannot learn from mixed images; ` +
        "leave mixup out, or choose another method",
    );
  }
  const share = input(shareInput, []);
  const names = Object.keys(terms);
  const own = Object.values(terms);
  const others = substitute(own, labels, input(partnerLabelsInput, labels.shape, "int32"));
  const mixed = own.map((term, i) =>
    others[i] === term ? term : add(mul(term, share), mul(others[i]!, sub(1, share))),
  );
  return Object.fromEntries(names.map((name, i) => [name, mixed[i]!]));
}
