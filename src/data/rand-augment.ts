/**
 * @file Strong views of training images: RandAugment as methods that compare two views of an image use it. A view depends on its
 * seed and the image alone.
 */
import { elementAt } from "../elements.ts";
import { LimbeckError } from "../errors.ts";
import {
  autoContrast,
  brightness,
  contrast,
  covered,
  equalise,
  type Picture,
  type PictureChange,
  posterise,
  rotate,
  saturation,
  sharpness,
  shearX,
  shearY,
  shifted,
  solarise,
  translateX,
  translateY,
} from "../images/index.ts";
import type { AugmentOptions } from "./augment-options.ts";
import { checkBorder, type ImageSource } from "./augment.ts";
import type { Dataset } from "./dataset.ts";
import { checkPixels, checkRoom, imageIndex, type BatchRange } from "./loader.ts";
import { Stream } from "./stream.ts";

/** Each change, and from what to what its number is drawn; what has no use for a number draws one all the same. */
const changes: readonly (readonly [change: PictureChange, from: number, to: number])[] = [
  [autoContrast, 0, 1],
  [brightness, 0.05, 0.95],
  [saturation, 0.05, 0.95],
  [contrast, 0.05, 0.95],
  [equalise, 0, 1],
  [(picture) => picture, 0, 1],
  [posterise, 4, 8],
  [rotate, -30, 30],
  [sharpness, 0.05, 0.95],
  [shearX, -0.3, 0.3],
  [shearY, -0.3, 0.3],
  [solarise, 0, 256],
  [translateX, -0.3, 0.3],
  [translateY, -0.3, 0.3],
];

/** How many of them one view gets. */
const CHANGES = 2;

/** What a rectangle is covered with, by the number of channels. */
const colours: Readonly<Record<number, readonly number[]>> = { 1: [123], 3: [125, 123, 114] };

/** Sets this use of a seed apart from others: "rand" in ASCII. */
const KEY = 0x72616e64;

/**
 * As `gatherViews`: each image cropped and mirrored anew as the training's own views are (always at random), then changed twice, each time by one of
 * 14 ways by a number drawn evenly, then covered by a square with a side of up to half the width, and normalised.
 *
 * Cubuk, Zoph, Shlens, Le, "RandAugment: Practical Automated Data Augmentation with a Reduced Search Space", 2019; ways, numbers and
 * square as Jin-Ying/Multi-Level-Logit-Distillation has them, mdistiller/dataset/cifar100.py, where no magnitude plays a part.
 *
 * Throws as `gatherViews`; ARGUMENT for images that are neither grey nor coloured.
 */
export function gatherStrongViews(
  source: ImageSource,
  indices: ArrayLike<number>,
  { from, to }: BatchRange,
  own: Pick<AugmentOptions, "crop" | "flip">,
  seed: number,
  out: Float32Array,
  turns?: ArrayLike<number>,
): void {
  const { split, shape, table } = source;
  checkColours(shape);
  const [channels, height, width] = shape;
  const [plane, size] = [height * width, channels * height * width];
  checkRoom("gatherStrongViews", out, (to - from) * size);
  checkBorder(own.crop, shape);
  for (let i = from; i < to; i++) {
    const image = imageIndex("gatherStrongViews", split, indices, i);
    const pixels = split.image(image);
    checkPixels("gatherStrongViews", pixels, image, shape);
    const view = strongView({ channels, height, width, pixels }, own, new Stream(seed ^ KEY, image, turns?.[i] ?? 0));
    const start = (i - from) * size;
    for (let at = 0; at < size; at++) out[start + at] = table[256 * Math.floor(at / plane) + view[at]!]!;
  }
}

/** Throws ARGUMENT for images of other than one or three channels. */
export function checkColours(shape: Dataset["shape"]): void {
  if (shape[0] in colours) return;
  throw new LimbeckError(
    "ARGUMENT",
    `a strong view should be of images with 1 channel, grey, or 3, red, green and blue, got [${shape.join(", ")}]; ` +
      "choose a method or options without a strong view",
  );
}

/** One view. Draws as often whatever is drawn, so that one change does not depend on another. */
function strongView(
  picture: Picture,
  { crop, flip }: Pick<AugmentOptions, "crop" | "flip">,
  random: Stream,
): Uint8Array {
  const { channels, height, width } = picture;
  const padding = crop?.padding ?? 0;
  const down = random.below(2 * padding + 1) - padding;
  const right = random.below(2 * padding + 1) - padding;
  const isFlipped = random.between(0, 1) < (flip?.probability ?? 0);
  let view = shifted(picture, { down, right, isFlipped, border: crop?.border ?? "reflect" });
  for (let n = 0; n < CHANGES; n++) {
    const [change, least, most] = elementAt(changes, random.below(changes.length));
    view = change(view, random.between(least, most));
  }
  const side = random.between(0, 0.5) * width;
  // NOTE: from 1, as the published code has it.
  const [x, y] = [random.between(1, width), random.between(1, height)];
  const [left, top] = [Math.trunc(Math.max(0, x - side / 2)), Math.trunc(Math.max(0, y - side / 2))];
  const box = { from: [left, top], to: [Math.trunc(left + side), Math.trunc(top + side)] } as const;
  return covered(view, box, colours[channels]!).pixels;
}
