/** @file Losses on mixed images: each image is partly of one class and partly of another. */
import type { Batch, Losses } from "../distill/index.ts";
import { LimbeckError } from "../errors.ts";
import { add, input, mul, sub, substitute, topologicalOrder, type Tensor } from "../tensor/index.ts";
import type { StepInput } from "./step-input.ts";

/** λ, what an image's own label counts. */
function shareInput(): StepInput<Float32Array> {
  return { symbol: input("label share", []), fill: (values, { mixing }) => values.fill(mixing?.share ?? 1) };
}

/** The labels of the images that were mixed in: int32 [N]. */
function partnerLabelsInput(n: number): StepInput<Int32Array> {
  return {
    symbol: input("partner labels", [n], "int32"),
    fill(values, { order, range: { from, to }, source: { split }, mixing }) {
      const partnerOf = (i: number): number => mixing?.partners[i] ?? i;
      for (let i = 0; i < to - from; i++) values[i] = split.labels[order[from + partnerOf(i)]!]!;
    },
  };
}

/**
 * λ·loss(labels) + (1 - λ)·loss(partners' labels) for each loss that labels take part in; the others as they are. `identifying`
 * are symbols that say which images these are, `updated` what memories become. The inputs are λ and the partners' labels. Throws ARGUMENT where a method goes by which image it is, or remembers by labels: a mixed one has no one answer.
 */
export function withMixedLabels(
  terms: Losses,
  { labels }: Pick<Batch, "labels">,
  identifying: readonly Tensor[],
  updated: readonly Tensor[],
  method: string,
): { readonly terms: Losses; readonly inputs: readonly StepInput[] } {
  const used = new Set(topologicalOrder([...Object.values(terms), ...updated]));
  const byLabel = topologicalOrder([...updated]).includes(labels);
  if (byLabel || identifying.some((symbol) => used.has(symbol))) {
    throw new LimbeckError(
      "ARGUMENT",
      `method ${method} needs to know which image, or which one class, it sees, so it cannot learn from mixed images; ` +
        "leave mixup out, or choose another method",
    );
  }
  const [shares, partners] = [shareInput(), partnerLabelsInput(labels.size)];
  const share = shares.symbol;
  const names = Object.keys(terms);
  const own = Object.values(terms);
  const others = substitute(own, labels, partners.symbol);
  const mixed = own.map((term, i) =>
    others[i] === term ? term : add(mul(term, share), mul(others[i]!, sub(1, share))),
  );
  return { terms: Object.fromEntries(names.map((name, i) => [name, mixed[i]!])), inputs: [shares, partners] };
}
