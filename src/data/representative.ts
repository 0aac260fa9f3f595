/** @file Which of many images stand for all: the first ones, unless the images are ordered by class. */
import type { ClassLabels } from "./dataset.ts";

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
    .flatMap((places, c) =>
      Array.from({ length: taken[c]! }, (_, k) => places[Math.floor((k * places.length) / taken[c]!)]!),
    )
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
  return [...classes.keys()].sort((a, b) => a - b).map((label) => classes.get(label)!);
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
  const taken = sizes.map(() => 0);
  for (let left = count; left > 0; left--) {
    const claim = (c: number): number => (taken[c]! < sizes[c]! ? sizes[c]! / taken[c]! : 0);
    let best = 0;
    for (let c = 1; c < sizes.length; c++) if (claim(c) > claim(best)) best = c;
    taken[best]!++;
  }
  return taken;
}
