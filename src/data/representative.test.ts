import { expect, test } from "vitest";
import { representative } from "./subsets.ts";
import { shapes } from "./shapes.ts";
import { Stream } from "./stream.ts";

const sorted = (...sizes: number[]): Uint8Array =>
  Uint8Array.from(sizes.flatMap((size, label) => new Array<number>(size).fill(label)));
const counts = (labels: Uint8Array, places: readonly number[]): number[] =>
  [...new Set(labels)].map((label) => places.filter((place) => labels[place] === label).length);
const firstOf = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

test("of images in random order, the first ones", () => {
  for (const classes of [2, 10, 100]) {
    const order = new Stream(5, classes, 0).permutation(2000);
    const labels = Uint8Array.from(order, (i) => i % classes);
    for (const count of [1, 3, 16, 100, 500, 1999, 2000, 5000]) {
      expect(representative(labels, count), `${count} of ${classes} classes`).toEqual(firstOf(Math.min(count, 2000)));
    }
  }
  const { labels } = shapes({ train: 300 }).train;
  for (const count of [1, 7, 16, 150, 299]) expect(representative(labels, count)).toEqual(firstOf(count));
});

test("of images ordered by class, as many of each as of all, spread over the class", () => {
  const labels = sorted(...new Array<number>(10).fill(500));
  for (const count of [50, 500, 4500, 4999]) {
    const places = representative(labels, count);
    const each = counts(labels, places);
    expect(places).toHaveLength(count);
    expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
    expect(Math.max(...each) - Math.min(...each), `${count}`).toBeLessThanOrEqual(1);
  }
  expect(representative(labels, 20).slice(0, 4)).toEqual([0, 250, 500, 750]);
  // Fewer than there are classes: no class twice.
  expect(counts(labels, representative(labels, 7)).sort()).toEqual([0, 0, 0, 1, 1, 1, 1, 1, 1, 1]);
});

test("a rare class keeps an image, a common one its share", () => {
  const labels = sorted(3000, 10, 6990);
  expect(counts(labels, representative(labels, 100))).toEqual([30, 1, 69]);
  expect(counts(labels, representative(labels, 30))).toEqual([9, 1, 20]);
});
