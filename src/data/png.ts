/** @file One image as a PNG file, for pages and reports. */
import { encode } from "fast-png";
import { LimbeckError } from "../errors.ts";
import type { Dataset, Split } from "./dataset.ts";

/**
 * Image `index` of a split as the bytes of a PNG: 8-bit grey for one channel, RGB for three.
 *
 * Throws ARGUMENT for an index outside the split, SHAPE for other numbers of channels.
 */
export function imagePng(split: Split, shape: Dataset["shape"], index: number): Uint8Array {
  const [channels, height, width] = shape;
  if (channels !== 1 && channels !== 3) {
    throw new LimbeckError("SHAPE", `imagePng: an image should have 1 or 3 channels, got ${channels}`);
  }
  if (!Number.isInteger(index) || index < 0 || index >= split.count) {
    throw new LimbeckError(
      "ARGUMENT",
      `imagePng: index should be an image from 0 to ${split.count - 1}, got ${String(index)}`,
    );
  }
  const plane = height * width;
  const pixels = split.image(index);
  const data = new Uint8Array(channels * plane); // HWC
  for (let i = 0; i < plane; i++) {
    for (let channel = 0; channel < channels; channel++) {
      data[i * channels + channel] = pixels[channel * plane + i]!;
    }
  }
  return encode({ width, height, data, channels, depth: 8 });
}
