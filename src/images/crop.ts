/** @file The two steps that pictures are usually evaluated with, as torchvision's `Resize(size)` and `CenterCrop(size)` round. */
import { LimbeckError } from "../errors.ts";
import { checkPicture, type Picture } from "./picture.ts";
import { resize, type Rectangle, type ResizeOptions } from "./resize.ts";

/** Width and height with the shorter side `size`; the longer one is rounded down. */
export function shortSideSize(
  { width, height }: Pick<Picture, "width" | "height">,
  size: number,
): { readonly width: number; readonly height: number } {
  const long = (side: number, other: number): number => Math.trunc((size * side) / other);
  return width <= height ? { width: size, height: long(height, width) } : { width: long(width, height), height: size };
}

/** The picture with its shorter side `size`, its shape kept. Throws as `resize`. */
export function resizeShortSide(picture: Picture, size: number, options: Pick<ResizeOptions, "filter"> = {}): Picture {
  checkPicture("resizeShortSide", picture);
  checkSize("resizeShortSide", size);
  return resize(picture, shortSideSize(picture, size), options);
}

/**
 * The `height` x `width` middle of the picture (a half is rounded to the even number), with black around it where the picture
 * is smaller. Throws SHAPE for a picture that is none, ARGUMENT for a size that is no positive whole number.
 */
export function centreCrop(picture: Picture, height: number, width: number = height): Picture {
  checkPicture("centreCrop", picture);
  checkSize("centreCrop", height);
  checkSize("centreCrop", width);
  const { channels, pixels } = picture;
  const top = middle(picture.height, height);
  const left = middle(picture.width, width);
  const out = new Uint8Array(channels * height * width);
  const columns = Math.min(width, picture.width);
  const from = Math.max(0, left);
  for (let channel = 0; channel < channels; channel++) {
    for (let y = Math.max(0, -top); y < Math.min(height, picture.height - top); y++) {
      const start = (channel * picture.height + y + top) * picture.width + from;
      out.set(pixels.subarray(start, start + columns), (channel * height + y) * width + from - left);
    }
  }
  return { channels, height, width, pixels: out };
}

/** A part of the picture that lies in it, in whole pixels. */
export function cutOut({ channels, height, width, pixels }: Picture, part: Rectangle): Picture {
  const out = new Uint8Array(channels * part.height * part.width);
  let at = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (let y = part.top; y < part.top + part.height; y++, at += part.width) {
      const start = (channel * height + y) * width + part.left;
      out.set(pixels.subarray(start, start + part.width), at);
    }
  }
  return { channels, height: part.height, width: part.width, pixels: out };
}

/** Where a crop of `size` begins on a side, below 0 for one that is longer: black is put around the picture first, less before than after. */
export function middle(side: number, size: number): number {
  return size > side ? -Math.floor((size - side) / 2) : roundHalfEven((side - size) / 2);
}

/** As Python rounds. */
function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
}

function checkSize(name: string, size: number): void {
  if (Number.isInteger(size) && size >= 1) return;
  throw new LimbeckError(
    "ARGUMENT",
    `${name}: the size should be a positive whole number of pixels, got ${String(size)}`,
  );
}
