/** @file A training on pictures that nobody has labelled: the same losses without that of the labels. */
import type { Objective } from "./objective.ts";
import { LABELS_OPTION } from "./resolve.ts";

/** The objective without the labels' loss, `ce`; its options say so. */
export function withoutLabels(objective: Objective): Objective {
  const { ce: _, ...weights } = objective.weights;
  return {
    ...objective,
    weights,
    options: unweighted(objective.options),
    losses(batch) {
      const { ce: _, ...own } = objective.losses(batch);
      return own;
    },
  };
}

/** With 0 as the weight of the labels' loss, of each of several methods too. */
function unweighted(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => {
      if (name === LABELS_OPTION) return [name, 0];
      return [name, isOptions(value) ? unweighted(value) : value];
    }),
  );
}

function isOptions(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
