/** @file A validation split: training images held out to choose by, so that the test images are not touched for it. */
import { LimbeckError } from "../errors.ts";
import type { Dataset, Split } from "./dataset.ts";
import { Stream } from "./stream.ts";

/** Sets this use of a seed apart from others: "hold" in ASCII. */
const KEY = 0x686f6c64;

/**
 * The data set with `count` training images moved to `validation`, as many of each class as of any other (one more of the
 * first classes where the number does not divide; fewer of a class that has not so many). The seed shuffles the images and
 * the last of that order are held out; both splits keep the order they had.
 *
 * Throws ARGUMENT unless the count is a whole number from 1 that leaves an image to train on.
 */
export function holdOut(dataset: Dataset, count: number, seed: number): Dataset {
  const { train, classes } = dataset;
  if (!Number.isInteger(count) || count < 1 || count >= train.count) {
    throw new LimbeckError(
      "ARGUMENT",
      `holdOut: the number of validation images should be a whole number from 1 to ${train.count - 1}, so that some of ` +
        `the ${train.count} training images are left, got ${String(count)}`,
    );
  }
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
  return { ...dataset, train: select(dataset, held, 0), validation: select(dataset, held, 1) };
}

/** A copy of the training images whose mark is this one, in their order. */
function select({ train, shape: [channels, height, width] }: Dataset, marks: Uint8Array, mark: 0 | 1): Split {
  const size = channels * height * width;
  const count = marks.reduce((sum, each) => sum + (each === mark ? 1 : 0), 0);
  const split = { pixels: new Uint8Array(count * size), labels: new Uint8Array(count), count };
  let next = 0;
  for (const [image, each] of marks.entries()) {
    if (each !== mark) continue;
    split.labels[next] = train.labels[image]!;
    split.pixels.set(train.pixels.subarray(image * size, (image + 1) * size), next * size);
    next++;
  }
  return split;
}
