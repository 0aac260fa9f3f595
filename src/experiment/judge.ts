/** @file Whether a teacher can teach: whether it tells the data set's classes apart better than guessing does. */
import { LimbeckError } from "../errors.ts";
import type { Model } from "../models/index.ts";
import type { Evaluation } from "./record.ts";

/** With fewer test images a class, guessing may reach the bound. */
const IMAGES_A_CLASS = 5;

/**
 * Whether a network's odds of being right are less than twice those of guessing: of K classes, less than 2 / (K + 1). Each
 * class counts the same, so that always saying the commonest is no knowledge. `false` where the test images are too few to tell.
 */
export function isGuessing({ count, confusion }: Pick<Evaluation, "count" | "confusion">): boolean {
  const recalls = recallsOf(confusion);
  const classes = recalls.length;
  if (classes < 2 || count < IMAGES_A_CLASS * classes) return false;
  return recalls.reduce((sum, recall) => sum + recall, 0) / classes < 2 / (classes + 1);
}

/**
 * What is to be said of a network before it teaches; nothing, if it does more than guess. Throws WEIGHTS for one that does not,
 * unless it is asked for all the same (`force`).
 */
export function judgeTeacher(
  { title, model }: { readonly title: string; readonly model: Pick<Model, "name"> },
  test: Evaluation,
  force: boolean,
): string | undefined {
  if (!isGuessing(test)) return undefined;
  const chance = 100 / recallsOf(test.confusion).length;
  const finding =
    `${title} (${model.name}) classifies ${test.accuracy.toFixed(1)} % of ${test.count} test images rightly, and ` +
    `guessing gives ${chance.toFixed(1)} %`;
  if (force) return `${finding}: a student learns little from it`;
  throw new LimbeckError(
    "WEIGHTS",
    `${finding}, so there is nothing to learn from it; check that it was trained on this data set, with its classes in this order, ` +
      "and for long enough; to teach with it all the same, say force",
  );
}

/** The share of each class that is classified rightly, of those that have images. */
function recallsOf(confusion: Evaluation["confusion"]): number[] {
  return confusion.flatMap((row, label) => {
    const images = row.reduce((sum, n) => sum + n, 0);
    return images > 0 ? [row[label]! / images] : [];
  });
}
