/** @file What is to be said of training images that lack a class. */
import type { Dataset } from "../data/dataset.ts";

/** The names that are listed at most. */
const NAMES = 5;

/** One line; nothing where every class has an image to learn from. */
export function missingClasses({ classes, train }: Pick<Dataset, "classes" | "train">): string | undefined {
  const present = new Set(train.labels);
  const missing = classes.filter((_, label) => !present.has(label));
  if (missing.length === 0) return undefined;
  const more = missing.length > NAMES ? `, … (${missing.length} of ${classes.length} classes)` : "";
  const images = train.count === 1 ? "the one training image is not" : `none of the ${train.count} training images is`;
  return `${images} of ${missing.slice(0, NAMES).join(", ")}${more}: nothing can be learned of ${
    missing.length === 1 ? "this class" : "these classes"
  }; take more images`;
}
