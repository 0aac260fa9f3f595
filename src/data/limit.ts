/** @file A smaller data set for a quick look: some of the images, of every class. */
import { checkArguments, shown } from "../arguments.ts";
import { LimbeckError } from "../errors.ts";
import { representative } from "./representative.ts";
import { aDataset, classLabels, pixelsOf, splitOf, type Dataset, type Split } from "./dataset.ts";

/**
 * The first `count` training and the first `count` test images, or all where there are fewer; of images that are ordered by
 * class, as many of each class (`representative`). Copies them, so that the whole set can be freed. Throws as `checkLimit`.
 */
export function limit(dataset: Dataset, count: number): Dataset {
  checkArguments("limit", { dataset: [dataset, aDataset] });
  checkLimit(count);
  const some = (split: Split): Split => {
    const places = representative(split.labels, count);
    const labels = classLabels(
      places.map((place) => split.labels[place]!),
      dataset.classes.length,
    );
    return splitOf({
      pixels: pixelsOf({ image: (i) => split.image(places[i]!), labels, count: places.length }),
      labels,
    });
  };
  return { ...dataset, train: some(dataset.train), test: some(dataset.test) };
}

/** Throws ARGUMENT unless the count is a positive whole number. */
export function checkLimit(count: number): void {
  if (Number.isInteger(count) && count >= 1) return;
  throw new LimbeckError("ARGUMENT", `limit should be a positive whole number of images, got ${shown(count)}`);
}
