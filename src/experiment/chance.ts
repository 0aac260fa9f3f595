/** @file Whether a network does better than guessing: what it says of images has to have something to do with them. */
import { countByClass } from "../data/class-sizes.ts";

/** Of a standard normal variable: 95 % lie within. */
const Z = 1.96;

/**
 * Whether the mean share of each class that is recognised is within chance of what answers without a look at the images come to, given as often
 * as these are: 1 / K of K classes, also for the largest class alone. `false` where all images are of one class.
 *
 * With q(k), the share of answers k, and n(k) images of class k: mean of q + 1.96 √(Σ q (1 - q) / n) / K.
 */
export function isAtChance(predictions: readonly number[], labels: ArrayLike<number>): boolean {
  const truth = Array.from(labels);
  const classes = 1 + [...predictions, ...truth].reduce((most, label) => Math.max(most, label), 0);
  const sizes = countByClass(truth, classes);
  const answers = countByClass(predictions, classes);
  const right = countByClass(
    predictions.filter((predicted, i) => predicted === truth[i]),
    classes,
  );
  const present = sizes.flatMap((images, label) => (images > 0 ? [{ label, images }] : []));
  if (present.length < 2) return false;
  let [recognised, guessed, variance] = [0, 0, 0];
  for (const { label, images } of present) {
    const share = (answers[label] ?? 0) / predictions.length;
    recognised += (right[label] ?? 0) / images;
    guessed += share;
    variance += (share * (1 - share)) / images;
  }
  // NOTE: the same answer of every image comes to exactly that, but for rounding.
  return recognised <= guessed + Z * Math.sqrt(variance) + 1e-9;
}
