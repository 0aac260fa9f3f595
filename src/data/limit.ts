/** @file A smaller data set for a quick look: the first images only. */
import { LimbeckError } from "../errors.ts";
import type { Dataset, Split } from "./dataset.ts";

/**
 * The first `count` training and the first `count` test images, or all where there are fewer. Copies them, so that the
 * whole set can be freed. Throws as `checkLimit`.
 */
export function limit(dataset: Dataset, count: number): Dataset {
  checkLimit(count);
  const [channels, height, width] = dataset.shape;
  const first = (split: Split): Split => ({
    pixels: split.pixels.slice(0, count * channels * height * width),
    labels: split.labels.slice(0, count),
    count: Math.min(count, split.count),
  });
  return { ...dataset, train: first(dataset.train), test: first(dataset.test) };
}

/** Throws ARGUMENT unless the count is a positive whole number. */
export function checkLimit(count: number): void {
  if (Number.isInteger(count) && count >= 1) return;
  throw new LimbeckError("ARGUMENT", `limit should be a positive whole number of images, got ${String(count)}`);
}
