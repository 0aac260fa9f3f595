/** @file How many images each class has, and whether that differs so much that an accuracy says little of the small ones. */

/** A class, and how many images it has of all. */
export interface ClassSize {
  readonly label: number;
  readonly images: number;
  /** Of all images. */
  readonly percent: number;
}

/** The first class with the most images, and the first with the fewest of those that have any. */
export interface ClassSizes {
  readonly largestClass: ClassSize;
  readonly smallestClass: ClassSize;
  /** Whether the first has at least twice as many images as the second, and images drawn evenly from all classes would hardly differ so much. */
  readonly isUnequal: boolean;
}

/** Deviations from the mean of Pearson's statistic that even draws exceed in about one of twenty samples. */
const FAR = 2;

/** Images of each class. */
export function countByClass(labels: Iterable<number>, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label]! += 1;
  return counts;
}

/** Of the images of each class, of which there is one at least. */
export function classSizes(counts: readonly number[]): ClassSizes {
  const present = counts.filter((images) => images > 0);
  const all = present.reduce((sum, images) => sum + images, 0);
  const most = present.reduce((a, b) => Math.max(a, b), 0);
  const fewest = present.reduce((a, b) => Math.min(a, b), most);
  const mean = all / present.length;
  const statistic = present.reduce((sum, images) => sum + (images - mean) ** 2 / mean, 0);
  const freedom = present.length - 1;
  const sizeOf = (images: number): ClassSize => ({
    label: counts.indexOf(images),
    images,
    percent: (100 * images) / all,
  });
  return {
    largestClass: sizeOf(most),
    smallestClass: sizeOf(fewest),
    isUnequal: most >= 2 * fewest && statistic > freedom + FAR * Math.sqrt(2 * freedom),
  };
}
