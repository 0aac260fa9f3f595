/** @file A smaller data set for a quick look: the first images only. */
import { LimbeckError } from "../errors.ts";
import { pixelsOf, splitOf, type Dataset, type Split } from "./dataset.ts";

/**
 * The first `count` training and the first `count` test images, or all where there are fewer. Copies them, so that the
 * whole set can be freed. Throws as `checkLimit`.
 */
export function limit(dataset: Dataset, count: number): Dataset {
  checkLimit(count);
  const first = (split: Split): Split => {
    const labels = split.labels.slice(0, count);
    return splitOf({ pixels: pixelsOf({ ...split, count: labels.length }), labels });
  };
  return { ...dataset, train: first(dataset.train), test: first(dataset.test) };
}

/** Throws ARGUMENT unless the count is a positive whole number. */
export function checkLimit(count: number): void {
  if (Number.isInteger(count) && count >= 1) return;
  throw new LimbeckError("ARGUMENT", `limit should be a positive whole number of images, got ${String(count)}`);
}
