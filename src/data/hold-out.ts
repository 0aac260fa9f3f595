/** @file A validation split: training images held out to choose by, so that the test images are not touched for it. */
import { aNumber, checkArguments } from "../arguments.ts";
import { LimbeckError } from "../errors.ts";
import { checkDataset } from "./check-dataset.ts";
import { aDataset, classLabels, type Dataset, type Split } from "./dataset.ts";
import { Stream } from "./stream.ts";

/** Sets this use of a seed apart from others: "hold" in ASCII. */
const KEY = 0x686f6c64;

/**
 * The data set with `count` training images moved to `validation`, as many of each class as of any other (one more of the
 * first classes where the number does not divide; fewer of a class that has not so many). The seed shuffles the images and
 * the last of that order are held out; both splits keep the order they had.
 *
 * Throws ARGUMENT unless the count is a whole number from 1 that leaves an image to train on; as `checkDataset` for labels that are
 * no classes.
 */
export function holdOut(dataset: Dataset, count: number, seed: number): Dataset {
  checkArguments("holdOut", { dataset: [dataset, aDataset], count: [count, aNumber], seed: [seed, aNumber] });
  const { train, classes } = dataset;
  if (!Number.isInteger(count) || count < 1 || count >= train.count) {
    throw new LimbeckError(
      "ARGUMENT",
      `holdOut: the number of validation images should be a whole number from 1 to ${train.count - 1}, so that some of ` +
        `the ${train.count} training images are left, got ${String(count)}`,
    );
  }
  checkDataset(dataset);
  const waiting = classes.map((): number[] => []);
  for (const image of new Stream(seed, KEY, 0).permutation(train.count)) waiting[train.labels[image]!]!.push(image);
  const held = new Uint8Array(train.count);
  for (let left = count; left > 0;) {
    for (const images of waiting) {
      const image = left > 0 ? images.pop() : undefined;
      if (image === undefined) continue;
      held[image] = 1;
      left--;
    }
  }
  const those = (mark: 0 | 1): number[] => [...held.keys()].filter((image) => held[image] === mark);
  return {
    ...dataset,
    train: select(train, those(0), classes.length),
    validation: select(train, those(1), classes.length),
  };
}

/** These images of a split, by their numbers. */
function select(split: Split, images: readonly number[], classes: number): Split {
  return {
    image: (i) => split.image(images[i]!),
    labels: classLabels(
      images.map((image) => split.labels[image]!),
      classes,
    ),
    count: images.length,
  };
}
