/**
 * @file Views of training images: cropped, mirrored, partly covered. A view depends on the seed, the epoch and the image
 * alone, so that going on with a stopped training needs no more than where it was, and no other random stream is touched.
 */
import { shown } from "../arguments.ts";
import { LimbeckError } from "../errors.ts";
import type { Picture, Shift } from "../images/index.ts";
import type { Dataset, Split } from "./dataset.ts";
import type { Augment } from "./augment-options.ts";
import { colourJitter } from "./colour-jitter.ts";
import { checkPixels, checkRoom, imageIndex, type BatchRange } from "./loader.ts";
import { randomArea, resizedCrop } from "./random-area.ts";
import { shiftInto } from "./shift.ts";
import { Stream } from "./stream.ts";

/** Where images come from, and what each byte becomes (`normaliser`). */
export interface ImageSource {
  readonly split: Split;
  readonly shape: Dataset["shape"];
  readonly table: Float32Array;
}

/** Sets these uses of a seed apart from others: "view", "crop", "tint", "hole" and "side" in ASCII. */
const KEY = 0x76696577;
const CROP_KEY = 0x63726f70;
const TINT_KEY = 0x74696e74;
const HOLE_KEY = 0x686f6c65;
const SIDE_KEY = 0x73696465;

/**
 * As `gatherImages`, each image another view in each epoch (from 1): a part of it, or of the larger picture that it comes from, resized,
 * as torchvision's RandomResizedCrop; in other colours, as ColorJitter; shifted by up to `padding` pixels, as
 * RandomCrop with this border; mirrored, as RandomHorizontalFlip, or in every second epoch; normalised; then a square around any pixel set to 0; then a rectangle, as RandomErasing.
 *
 * An image that came before in the epoch, as often as `turns` says by place, is seen as in another epoch.
 *
 * Throws as `gatherImages`, ARGUMENT for a reflected border as wide as the image. DeVries, Taylor, "Improved Regularization of Convolutional Neural Networks with Cutout", 2017;
 * Zhong et al., "Random Erasing Data Augmentation", 2017; Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU", 2024.
 */
export function gatherViews(
  source: ImageSource,
  indices: ArrayLike<number>,
  range: BatchRange,
  augment: Augment,
  epoch: number,
  out: Float32Array,
  turns?: ArrayLike<number>,
): void {
  const { split, shape, table } = source;
  const { from, to } = range;
  const { seed, crop, cutout, erasing } = augment;
  const [channels, height, width] = shape;
  const plane = height * width;
  checkRoom("gatherViews", out, (to - from) * channels * plane);
  checkBorder(crop, shape);
  for (let i = from; i < to; i++) {
    const image = imageIndex("gatherViews", split, indices, i);
    const turn = turns?.[i] ?? 0;
    if (!Number.isSafeInteger(turn)) {
      throw new LimbeckError("ARGUMENT", `gatherViews: turns ${i} should be a whole number, got ${shown(turn)}`);
    }
    const seen = seenIn(epoch, turn);
    const { random, ...place } = placeOf(augment, seen, image);
    const [row, column] = [random.below(height), random.below(width)];
    const size = channels * plane;
    const view = out.subarray((i - from) * size, (i - from + 1) * size);
    const pixels = changed(split, image, shape, augment, seen);
    checkPixels("gatherViews", pixels, image, shape);
    shiftInto(pixels, shape, table, place, view);
    if (cutout) coverSquare(view, shape, row, column, cutout.size);
    if (erasing) erase(view, shape, erasing, new Stream(seed ^ HOLE_KEY, seen, image));
  }
}

/** By how much an image is shifted in an epoch, and whether it is mirrored; `turn` is how often it came before in it. */
export function shiftOf(
  augment: Pick<Augment, "seed" | "crop" | "flip">,
  epoch: number,
  image: number,
  turn?: number,
): Shift {
  return placeOf(augment, seenIn(epoch, turn), image);
}

/** More than a training has epochs. Odd, so that alternating sides alternate from turn to turn. */
const TURN = 2 ** 21 + 1;

/** The epoch as which an image is seen: another one each time that it comes again. */
function seenIn(epoch: number, turn = 0): number {
  return epoch + turn * TURN;
}

/** Whether images are mirrored and nothing else: then each has two views. */
export function isFlippedAlone(augment: Partial<Augment>): boolean {
  return augment.flip !== undefined && augment.crop === undefined && isShiftedAlone(augment);
}

/** Whether images are shifted or mirrored and nothing else: pixels take other places, and no others come. */
export function isShiftedAlone(augment: Partial<Augment>): boolean {
  const { seed: _, crop: _crop, flip: _flip, ...others } = augment;
  return Object.values(others).every((way) => way === undefined);
}

/** Throws ARGUMENT for a reflected border that is as wide as the image, or wider: there is nothing more to reflect. */
export function checkBorder(crop: Augment["crop"], [, height, width]: Dataset["shape"]): void {
  if (!crop || crop.border === "black" || crop.padding < Math.min(height, width)) return;
  throw new LimbeckError(
    "ARGUMENT",
    `augment: a reflected border should be narrower than the image, ${width} x ${height} pixels, got crop.padding=${crop.padding}; ` +
      "take less, or crop.border=black",
  );
}

/** Where an image is shifted to and whether it is mirrored, and the stream that goes on to what is drawn next. */
function placeOf(
  { seed, crop, flip }: Pick<Augment, "seed" | "crop" | "flip">,
  epoch: number,
  image: number,
): Shift & { readonly random: Stream } {
  const random = new Stream(seed ^ KEY, epoch, image);
  // NOTE: always drawn, so that leaving one out does not change the others.
  const padding = crop?.padding ?? 0;
  const down = random.below(2 * padding + 1) - padding;
  const right = random.below(2 * padding + 1) - padding;
  const probability = flip?.probability ?? 0;
  const isDrawn = random.between(0, 1) < probability;
  const isFlipped = flip?.alternating
    ? new Stream(seed ^ SIDE_KEY, image, 0).between(0, 1) < probability !== (epoch % 2 === 0)
    : isDrawn;
  return { down, right, isFlipped, border: crop?.border ?? "reflect", random };
}

/** An image's bytes, cut anew from its picture and in other colours if asked for. */
function changed(
  split: Split,
  image: number,
  [channels, height, width]: Dataset["shape"],
  { seed, resizedCrop: part, colourJitter: jitter }: Augment,
  epoch: number,
): Uint8Array {
  if (!part && !jitter) return split.image(image);
  const whole = (): Picture => ({ channels, height, width, pixels: split.image(image) });
  const picture = part
    ? resizedCrop(split.stored?.(image) ?? whole(), { width, height }, part, new Stream(seed ^ CROP_KEY, epoch, image))
    : whole();
  return (jitter ? colourJitter(picture, jitter, new Stream(seed ^ TINT_KEY, epoch, image)) : picture).pixels;
}

/** Zeros in a rectangle of random size and shape, or not. */
function erase(
  view: Float32Array,
  shape: Dataset["shape"],
  erasing: NonNullable<Augment["erasing"]>,
  random: Stream,
): void {
  const [, height, width] = shape;
  const isErased = random.between(0, 1) < erasing.probability;
  const part = isErased ? randomArea({ width, height }, erasing, random) : undefined;
  if (part) cover(view, shape, [part.top, part.top + part.height], [part.left, part.left + part.width]);
}

/** Zeros in the square of this side whose middle is at a pixel, as far as it lies in the image. */
function coverSquare(view: Float32Array, shape: Dataset["shape"], row: number, column: number, size: number): void {
  const [, height, width] = shape;
  const half = Math.floor(size / 2);
  cover(
    view,
    shape,
    [Math.max(0, row - half), Math.min(height, row - half + size)],
    [Math.max(0, column - half), Math.min(width, column - half + size)],
  );
}

/** Zeros from one row and column to another. */
function cover(
  view: Float32Array,
  [channels, height, width]: Dataset["shape"],
  [top, bottom]: readonly [number, number],
  [left, right]: readonly [number, number],
): void {
  for (let channel = 0; channel < channels; channel++) {
    for (let y = top; y < bottom; y++) {
      const start = (channel * height + y) * width;
      view.fill(0, start + left, start + right);
    }
  }
}
