/** @file One image shifted by whole pixels, mirrored and normalised in one go: what views in training and at test time are made by. */
import { type Shift, shiftedPixels } from "../images/index.ts";
import type { Dataset, Split } from "./dataset.ts";
import { checkPixels, checkRoom, type BatchRange } from "./loader.ts";

/** An image as it is. */
export const asIs: Shift = { down: 0, right: 0, isFlipped: false, border: "reflect" };
/** The same mirrored, left to right. */
export const mirrored: Shift = { ...asIs, isFlipped: true };

/** The bytes [C, H, W] shifted, mirrored afterwards if wanted, and normalised by `table`, into `out` [C, H, W]. */
export function shiftInto(
  pixels: Uint8Array,
  [channels, height, width]: Dataset["shape"],
  table: Float32Array,
  { down, right, isFlipped, border }: Shift,
  out: Float32Array,
): void {
  const [rows, columns] = [shiftedPixels(height, down, border), shiftedPixels(width, right, border)];
  // Columns of the view, before mirroring, at which the image itself is; the border is left and right of them.
  const first = Math.min(width, Math.max(0, -right));
  const end = Math.max(first, Math.min(width, width - right));
  const step = isFlipped ? -1 : 1;
  for (let channel = 0, rowStart = 0; channel < channels; channel++) {
    const base = 256 * channel;
    const black = table[base]!;
    for (let y = 0; y < height; y++, rowStart += width) {
      const row = rows[y]!;
      if (row < 0) {
        out.fill(black, rowStart, rowStart + width);
        continue;
      }
      const start = (channel * height + row) * width;
      let at = isFlipped ? rowStart + width - 1 : rowStart;
      for (let x = 0; x < first; x++, at += step)
        out[at] = columns[x]! < 0 ? black : table[base + pixels[start + columns[x]!]!]!;
      for (let pixel = start + first + right, last = start + end + right; pixel < last; pixel++, at += step) {
        out[at] = table[base + pixels[pixel]!]!;
      }
      for (let x = end; x < width; x++, at += step)
        out[at] = columns[x]! < 0 ? black : table[base + pixels[start + columns[x]!]!]!;
    }
  }
}

/** Numbers [C, H, W] shifted, mirrored afterwards if wanted, with a reflected border, into `out` [C, H, W]. */
export function shiftPlanes(
  planes: Float32Array,
  [channels, height, width]: Dataset["shape"],
  { down, right, isFlipped }: Omit<Shift, "border">,
  out: Float32Array,
): void {
  const [rows, columns] = [shiftedPixels(height, down, "reflect"), shiftedPixels(width, right, "reflect")];
  if (isFlipped) columns.reverse();
  let at = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (const row of rows) {
      const start = (channel * height + row) * width;
      for (const column of columns) out[at++] = planes[start + column]!;
    }
  }
}

/** The images `from` to `to - 1` of a split in this view, normalised by `table`: [to - from, C, H, W]. Throws as `gatherImages`. */
export function gatherShifted(
  split: Split,
  shape: Dataset["shape"],
  table: Float32Array,
  { from, to }: BatchRange,
  shift: Shift,
  out: Float32Array,
): void {
  const size = shape[0] * shape[1] * shape[2];
  checkRoom("gatherShifted", out, (to - from) * size);
  for (let image = from; image < to; image++) {
    const pixels = split.image(image);
    checkPixels("gatherShifted", pixels, image, shape);
    shiftInto(pixels, shape, table, shift, out.subarray((image - from) * size, (image - from + 1) * size));
  }
}
