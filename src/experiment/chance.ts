/** @file Whether a network does better than guessing: what it says of images has to have something to do with them. */
import type { Evaluation } from "./record.ts";

/** Of a standard normal variable: 95 % lie within. */
const Z = 1.96;

/**
 * Whether the mean share of each class that is recognised is within chance of what answers without a look at the images come to, as often of
 * each class as these are: 1 / K of K classes, also for the largest class alone. `false` for one class, and of more than 1,000 classes, whose
 * confusions are not kept.
 *
 * With q(k), the share of answers k, and n(k) images of class k: mean of q ± 1.96 √(Σ q (1 - q) / n) / K.
 */
export function isAtChance({ confusion, count }: Pick<Evaluation, "confusion" | "count">): boolean {
  const sizes = confusion.map((row) => row.reduce((sum, n) => sum + n, 0));
  const present = sizes.flatMap((images, label) => (images > 0 ? [{ label, images }] : []));
  if (present.length < 2) return false;
  let [recognised, guessed, variance] = [0, 0, 0];
  for (const { label, images } of present) {
    const share = confusion.reduce((sum, row) => sum + (row[label] ?? 0), 0) / count;
    recognised += (confusion[label]?.[label] ?? 0) / images;
    guessed += share;
    variance += (share * (1 - share)) / images;
  }
  // NOTE: the same answer of every image comes to exactly that, but for rounding.
  return recognised <= guessed + Z * Math.sqrt(variance) + 1e-9;
}
