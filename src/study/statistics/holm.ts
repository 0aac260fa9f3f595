/** @file Several comparisons at once: the more there are, the more of them look significant by chance. */
import { checkFinite } from "./finite.ts";
import { shown } from "../../arguments.ts";
import { LimbeckError } from "../../errors.ts";

/**
 * Holm's adjusted p values, in the order of the given ones. The i-th smallest of m becomes max over j ≤ i of min(1, (m - j + 1) p₍ⱼ₎). To
 * call those below 0.05 significant makes one or more false claims in at most 5 % of all studies, whatever the p values depend on.
 *
 * A comparison without a p value stays `undefined`, and is none of the m. Throws ARGUMENT unless 0 ≤ p ≤ 1. Holm, A Simple Sequentially
 * Rejective Multiple Test Procedure, Scandinavian Journal of Statistics 1979.
 */
export function holm(pValues: readonly (number | undefined)[]): readonly (number | undefined)[] {
  const sorted = pValues.flatMap((p, at) => (p === undefined ? [] : [{ p, at }])).toSorted((a, b) => a.p - b.p);
  if (sorted.length > 0)
    checkFinite(
      "holm",
      "pValues",
      sorted.map(({ p }) => p),
    );
  const outside = sorted.find(({ p }) => p < 0 || p > 1);
  if (outside) {
    throw new LimbeckError("ARGUMENT", `holm: pValues[${outside.at}] should be from 0 to 1, got ${shown(outside.p)}`);
  }
  const adjusted = new Array<number | undefined>(pValues.length).fill(undefined);
  let highest = 0;
  for (const [rank, { p, at }] of sorted.entries()) {
    highest = Math.max(highest, Math.min(1, (sorted.length - rank) * p));
    adjusted[at] = highest;
  }
  return adjusted;
}
