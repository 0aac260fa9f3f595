/** @file One image as a PNG file, for pages and reports. */
import { encode } from "fast-png";
import { LimbeckError } from "../errors.ts";
import type { Dataset, Split } from "./dataset.ts";

/** Beyond it a picture is no longer for a page, and its data URI longer than a string may be. */
const largestSide = 8192;

/**
 * Image `index` of a split as the bytes of a PNG: 8-bit grey for one channel, RGB for three.
 *
 * Throws ARGUMENT for an index outside the split; SHAPE for other numbers of channels, sides that are no whole number from
 * 1 to 8,192, or an image of another size.
 */
export function imagePng(split: Split, shape: Dataset["shape"], index: number): Uint8Array {
  const [channels, height, width] = shape;
  if (channels !== 1 && channels !== 3) {
    throw new LimbeckError("SHAPE", `imagePng: an image should have 1 or 3 channels, got ${channels}`);
  }
  if (![height, width].every((side) => Number.isInteger(side) && side >= 1 && side <= largestSide)) {
    throw new LimbeckError(
      "SHAPE",
      `imagePng: height and width should be whole numbers from 1 to ${largestSide}, got ${height} and ${width}`,
    );
  }
  if (!Number.isInteger(index) || index < 0 || index >= split.count) {
    throw new LimbeckError(
      "ARGUMENT",
      `imagePng: index should be an image from 0 to ${split.count - 1}, got ${String(index)}`,
    );
  }
  const plane = height * width;
  const pixels = split.image(index);
  if (pixels.length !== channels * plane) {
    throw new LimbeckError(
      "SHAPE",
      `imagePng: image ${index} should have ${channels * plane} bytes ([${shape.join(", ")}]), got ${pixels.length}`,
    );
  }
  const data = new Uint8Array(channels * plane); // HWC
  for (let i = 0; i < plane; i++) {
    for (let channel = 0; channel < channels; channel++) {
      data[i * channels + channel] = pixels[channel * plane + i]!;
    }
  }
  return encode({ width, height, data, channels, depth: 8 });
}
