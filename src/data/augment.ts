/**
 * @file Views of training images: cropped, mirrored, partly covered. A view depends on the seed, the epoch and the image
 * alone, so that going on with a stopped training needs no more than where it was, and no other random stream is touched.
 */
import { aNumber, anObject, aShape, checkArguments, floats, having, optional } from "../arguments.ts";
import { z } from "zod";
import { aSplit, type Dataset, type Split } from "./dataset.ts";
import { aRange, checkPixels, checkRoom, imageIndex, someIndices, type BatchRange } from "./loader.ts";
import { alphaRange } from "./mixup.ts";
import { Stream } from "./stream.ts";

const crop = z.strictObject({
  padding: z
    .int()
    .positive()
    .default(4)
    .describe("black pixels put around an image before a part of its size is cut out"),
});
const flip = z.strictObject({
  probability: z.number().min(0).max(1).default(0.5).describe("how often an image is mirrored, left to right"),
});
const cutout = z.strictObject({
  size: z.int().positive().default(16).describe("side of the covered square in pixels; it may reach over the edge"),
});
const mixup = z.strictObject({
  alpha: z
    .number()
    .min(alphaRange.least)
    .max(alphaRange.most)
    .default(1)
    .describe("both parameters of the beta distribution of the shares"),
});

/** What is done to training images, in this order; what is not named is not done. */
export const augmentOptions = z.strictObject({
  crop: crop.optional().describe("cut out at a random place after adding a black border"),
  flip: flip.optional().describe("mirror at random"),
  cutout: cutout.optional().describe("cover a square with the mean colour (DeVries, Taylor 2017)"),
  mixup: mixup.optional().describe("average each image with another of its batch (Zhang et al. 2018)"),
});

export type AugmentInput = z.input<typeof augmentOptions>;
export type AugmentOptions = z.output<typeof augmentOptions>;

/** Options with the seed that views are drawn from. */
export interface Augment extends AugmentOptions {
  readonly seed: number;
}

/** Where images come from, and what each byte becomes (`normaliser`). */
export interface ImageSource {
  readonly split: Split;
  readonly shape: Dataset["shape"];
  readonly table: Float32Array;
}

const ways = optional(anObject);

/** Sets this use of a seed apart from others: "view" in ASCII. */
const KEY = 0x76696577;

/**
 * As `gatherImages`, each image another view in each epoch (from 1): shifted by up to `padding` pixels, black where nothing is, as
 * torchvision's RandomCrop; mirrored, as RandomHorizontalFlip; normalised; then a square around any pixel set to 0.
 *
 * Throws as `gatherImages`. DeVries, Taylor, "Improved Regularization of Convolutional Neural Networks with Cutout", 2017.
 */
export function gatherViews(
  source: ImageSource,
  indices: ArrayLike<number>,
  range: BatchRange,
  augment: Augment,
  epoch: number,
  out: Float32Array,
): void {
  checkArguments("gatherViews", {
    source: [source, having("an object", { split: aSplit, shape: aShape, table: floats })],
    indices: [indices, someIndices],
    range: [range, aRange],
    augment: [augment, having("an object", { seed: aNumber, crop: ways, flip: ways, cutout: ways })],
    epoch: [epoch, aNumber],
    out: [out, floats],
  });
  const { split, shape, table } = source;
  const { from, to } = range;
  const { seed, crop, flip, cutout } = augment;
  const [channels, height, width] = shape;
  const plane = height * width;
  checkRoom("gatherViews", out, (to - from) * channels * plane);
  for (let i = from; i < to; i++) {
    const image = imageIndex("gatherViews", split, indices, i);
    const random = new Stream(seed ^ KEY, epoch, image);
    // NOTE: always drawn, so that leaving one out does not change the others.
    const padding = crop?.padding ?? 0;
    const down = random.below(2 * padding + 1) - padding;
    const right = random.below(2 * padding + 1) - padding;
    const isFlipped = random.between(0, 1) < (flip?.probability ?? 0);
    const [row, column] = [random.below(height), random.below(width)];
    const size = channels * plane;
    const view = out.subarray((i - from) * size, (i - from + 1) * size);
    const pixels = split.image(image);
    checkPixels("gatherViews", pixels, image, shape);
    shift(pixels, shape, table, { down, right, isFlipped }, view);
    if (cutout) cover(view, shape, row, column, cutout.size);
  }
}

/** One image moved by whole pixels and mirrored afterwards, normalised, into `out` [C, H, W]. */
function shift(
  pixels: Uint8Array,
  [channels, height, width]: Dataset["shape"],
  table: Float32Array,
  { down, right, isFlipped }: { readonly down: number; readonly right: number; readonly isFlipped: boolean },
  out: Float32Array,
): void {
  // Columns of the view, before mirroring, at which the image has a pixel.
  const first = Math.min(width, Math.max(0, -right));
  const end = Math.max(0, Math.min(width, width - right));
  const step = isFlipped ? -1 : 1;
  for (let channel = 0, rowStart = 0; channel < channels; channel++) {
    const base = 256 * channel;
    const black = table[base]!;
    for (let y = 0; y < height; y++, rowStart += width) {
      const row = y + down;
      if (row < 0 || row >= height) {
        out.fill(black, rowStart, rowStart + width);
        continue;
      }
      let at = isFlipped ? rowStart + width - 1 : rowStart;
      let pixel = (channel * height + row) * width + first + right;
      for (let x = 0; x < first; x++, at += step) out[at] = black;
      for (let x = first; x < end; x++, at += step) out[at] = table[base + pixels[pixel++]!]!;
      for (let x = Math.max(first, end); x < width; x++, at += step) out[at] = black;
    }
  }
}

/** Zeros in the square of this side whose middle is at a pixel, as far as it lies in the image. */
function cover(
  view: Float32Array,
  [channels, height, width]: Dataset["shape"],
  row: number,
  column: number,
  size: number,
): void {
  const half = Math.floor(size / 2);
  const [top, bottom] = [Math.max(0, row - half), Math.min(height, row - half + size)];
  const [left, right] = [Math.max(0, column - half), Math.min(width, column - half + size)];
  for (let channel = 0; channel < channels; channel++) {
    for (let y = top; y < bottom; y++) {
      const start = (channel * height + y) * width;
      view.fill(0, start + left, start + right);
    }
  }
}
