/** @file From stored bytes to a network's inputs: normalised float32 batches, in any order. */
import { elementAt } from "../elements.ts";
import { shown } from "../arguments.ts";
import { LimbeckError } from "../errors.ts";
import type { Dataset, Split } from "./dataset.ts";

/** Images `from` to `to` (not included) of an order. */
export interface BatchRange {
  readonly from: number;
  readonly to: number;
}

/** How many batches `count` images make: the steps of an epoch. */
export function countBatches(count: number, batchSize: number): number {
  return Math.ceil(count / batchSize);
}

/** The ranges of `count` images in batches; the last one may be shorter. Throws ARGUMENT for a batch size that is no positive whole number. */
export function batches(count: number, batchSize: number): BatchRange[] {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new LimbeckError("ARGUMENT", `batches: the batch size should be a positive whole number, got ${batchSize}`);
  }
  return Array.from({ length: countBatches(count, batchSize) }, (_, i) => ({
    from: i * batchSize,
    to: Math.min(count, (i + 1) * batchSize),
  }));
}

/**
 * What each byte becomes, by channel: `table[256 c + p] = (p / 255 - mean_c) / std_c`. Each step is rounded to float32,
 * as PyTorch's `ToTensor` and `Normalize` round it. Throws SHAPE unless mean and std have a number a channel, ARGUMENT for
 * numbers that cannot normalise.
 */
export function normaliser(dataset: Pick<Dataset, "shape" | "mean" | "std">): Float32Array<ArrayBuffer> {
  const { shape, mean, std } = dataset;
  const [channels] = shape;
  if (mean.length !== channels || std.length !== channels) {
    throw new LimbeckError(
      "SHAPE",
      `normaliser: mean and std should have one number for each of ${channels} channels, got ${mean.length} and ${std.length}`,
    );
  }
  for (const [channel, deviation] of std.entries()) {
    if (Number.isFinite(mean[channel]) && deviation > 0 && Number.isFinite(deviation)) continue;
    throw new LimbeckError(
      "ARGUMENT",
      `normaliser: channel ${channel} should have a number as its mean and one above 0 as its deviation, ` +
        `got ${mean[channel]} and ${deviation}`,
    );
  }
  return Float32Array.from({ length: 256 * channels }, (_, i) => {
    const channel = i >> 8;
    const centred = Math.fround(Math.fround((i & 255) / 255) - Math.fround(elementAt(mean, channel)));
    return centred / Math.fround(elementAt(std, channel));
  });
}

/**
 * Images `indices[from ... to]`, normalised by `table`, into `out` from its beginning: [to - from, C, H, W].
 *
 * Throws ARGUMENT where `out` is too small, or an index is not an image of the split; SHAPE for an image of another size.
 */
export function gatherImages(
  split: Split,
  shape: Dataset["shape"],
  table: Float32Array,
  indices: ArrayLike<number>,
  range: BatchRange,
  out: Float32Array,
): void {
  const { from, to } = range;
  const [channels, height, width] = shape;
  const plane = height * width;
  checkRoom("gatherImages", out, (to - from) * channels * plane);
  let next = 0;
  for (let i = from; i < to; i++) {
    const image = imageIndex("gatherImages", split, indices, i);
    const pixels = split.image(image);
    checkPixels("gatherImages", pixels, image, shape);
    let pixel = 0;
    for (let base = 0; base < channels * 256; base += 256) {
      for (const end = pixel + plane; pixel < end; pixel++) out[next++] = table[base + pixels[pixel]!]!;
    }
  }
}

/** The classes of images `indices[from ... to]` into `out` from its beginning. Throws as `gatherImages`. */
export function gatherLabels(split: Split, indices: ArrayLike<number>, range: BatchRange, out: Int32Array): void {
  const { from, to } = range;
  checkRoom("gatherLabels", out, to - from);
  for (let i = from; i < to; i++)
    out[i - from] = elementAt(split.labels, imageIndex("gatherLabels", split, indices, i));
}

/** Throws SHAPE, in the name of a function, unless an image has a byte for each of [channels, height, width]. */
export function checkPixels(name: string, pixels: Uint8Array, image: number, shape: Dataset["shape"]): void {
  const size = shape[0] * shape[1] * shape[2];
  if (pixels?.length === size) return;
  throw new LimbeckError(
    "SHAPE",
    `${name}: image ${image} should have ${size} bytes, for [${shape.join(", ")}], got ${pixels?.length ?? shown(pixels)}; ` +
      "correct the data set's shape or its pixels",
  );
}

/** Throws ARGUMENT, in the name of a function, where `out` is too small. */
export function checkRoom(name: string, out: ArrayLike<number>, needed: number): void {
  if (out.length >= needed) return;
  throw new LimbeckError("ARGUMENT", `${name}: out should hold at least ${needed} numbers, got ${out.length}`);
}

/** `indices[i]`. Throws ARGUMENT, in the name of a function, unless it is an image of the split. */
export function imageIndex(name: string, split: Split, indices: ArrayLike<number>, i: number): number {
  const index = indices[i];
  if (index !== undefined && Number.isInteger(index) && index >= 0 && index < split.count) return index;
  throw new LimbeckError(
    "ARGUMENT",
    `${name}: index ${i} should be an image from 0 to ${split.count - 1}, got ${shown(index)}`,
  );
}
