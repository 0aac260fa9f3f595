/** @file Some images of a data set: held out to choose by, so that the test images are not touched for it, or enough for a quick look. */
import { elementAt } from "../elements.ts";
import { shown } from "../arguments.ts";
import { checkDataset } from "./check-dataset.ts";
import {
  classLabels,
  pixelsOf,
  someOriginals,
  splitOf,
  type ClassLabels,
  type Dataset,
  type Split,
} from "./dataset.ts";
import { LimbeckError } from "../errors.ts";
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
  const { train, classes, isLabelled = true } = dataset;
  if (!Number.isInteger(count) || count < 1 || count >= train.count) {
    throw new LimbeckError(
      "ARGUMENT",
      `holdOut: the number of validation images should be a whole number from 1 to ${train.count - 1}, so that some of ` +
        `the ${train.count} training images are left, got ${String(count)}`,
    );
  }
  if (isLabelled) checkDataset(dataset);
  const waiting = isLabelled ? classes.map((): number[] => []) : [[]];
  const labelOf = (image: number): number => (isLabelled ? elementAt(train.labels, image) : 0);
  for (const image of new Stream(seed, KEY, 0).permutation(train.count)) elementAt(waiting, labelOf(image)).push(image);
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
    image: (i) => split.image(elementAt(images, i)),
    stored: split.stored && ((i) => split.stored!(elementAt(images, i))),
    originals: split.originals && someOriginals(split.originals, images),
    labels: labelsOf(split, images, classes),
    count: images.length,
  };
}

/** None where nobody knows them. */
function labelsOf({ labels }: Split, images: readonly number[], classes: number): ClassLabels {
  return classLabels(labels.length === 0 ? [] : images.map((image) => elementAt(labels, image)), classes);
}

/**
 * The first `count` training and the first `count` test images, or all where there are fewer; of images that are ordered by
 * class, as many of each class (`representative`); of images without labels, evenly spread ones. Copies them, so that the whole set can be freed. Throws as `checkLimit`.
 */
export function limit(dataset: Dataset, count: number): Dataset {
  checkLimit(count);
  const some = (split: Split): Split => {
    const places = split.labels.length > 0 ? representative(split.labels, count) : spread(count, split.count);
    const labels = labelsOf(split, places, dataset.classes.length);
    const pixels = pixelsOf({ image: (i) => split.image(elementAt(places, i)), labels, count: places.length });
    return {
      ...splitOf({ pixels, labels: new Uint8Array(places.length) }),
      labels,
      originals: split.originals && someOriginals(split.originals, places),
    };
  };
  return { ...dataset, train: some(dataset.train), test: some(dataset.test) };
}

/** The places of `count` of so many images, or of all, evenly spread. */
function spread(count: number, all: number): number[] {
  const taken = Math.min(count, all);
  return Array.from({ length: taken }, (_, k) => Math.floor((k * all) / taken));
}

/** Throws ARGUMENT unless the count is a positive whole number. */
export function checkLimit(count: number): void {
  if (Number.isInteger(count) && count >= 1) return;
  throw new LimbeckError("ARGUMENT", `limit should be a positive whole number of images, got ${shown(count)}`);
}

/**
 * The places of `count` images, ascending: the first, where these hold the classes about as all images do, else as many of
 * each class as its share says, at least one while there are enough (Adams' apportionment), evenly spread over the class.
 */
export function representative(labels: ClassLabels, count: number): number[] {
  const first = Array.from({ length: Math.min(count, labels.length) }, (_, i) => i);
  if (first.length === labels.length) return first;
  const classes = placesByClass(labels);
  if (isMixed(classes, first.length, labels.length)) return first;
  const taken = apportion(
    classes.map(({ length }) => length),
    first.length,
  );
  return classes
    .flatMap((places, c) => spread(elementAt(taken, c), places.length).map((place) => elementAt(places, place)))
    .sort((a, b) => a - b);
}

/** The places of each class that has any. */
function placesByClass(labels: ClassLabels): number[][] {
  const classes = new Map<number, number[]>();
  for (const [place, label] of labels.entries()) {
    const places = classes.get(label) ?? [];
    places.push(place);
    classes.set(label, places);
  }
  return [...classes].sort(([a], [b]) => a - b).map(([, places]) => places);
}

/** Deviations from the mean of Pearson's statistic that images in random order do not show. */
const FAR = 6;

/** Whether the first so many of all could be in random order: Pearson's Σ (got - expected)² / expected is no surprise. */
function isMixed(classes: readonly (readonly number[])[], count: number, all: number): boolean {
  let statistic = 0;
  for (const places of classes) {
    const expected = (places.length * count) / all;
    const got = places.filter((place) => place < count).length;
    statistic += (got - expected) ** 2 / expected;
  }
  const freedom = classes.length - 1;
  return statistic <= (1 - count / all) * (freedom + FAR * Math.sqrt(2 * freedom));
}

/** How many of each class: one after another goes to the class that has most images for each that it gave. */
function apportion(sizes: readonly number[], count: number): number[] {
  const classes = sizes.map((size) => ({ size, taken: 0 }));
  type Class = (typeof classes)[number];
  const claim = ({ size, taken }: Class): number => (taken < size ? size / taken : 0);
  for (let left = count; left > 0; left--)
    classes.reduce((best, each) => (claim(each) > claim(best) ? each : best)).taken++;
  return classes.map(({ taken }) => taken);
}
