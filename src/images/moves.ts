/** @file Pictures turned, slanted, shifted, cropped and covered, byte for byte as Pillow does it: by nearest pixels, black where there are none. */
import { shiftedPixels, type Border } from "./border.ts";
import type { PictureChange } from "./colours.ts";
import type { Picture } from "./picture.ts";

/** x = ax·(u + ½) + bx·(v + ½) + cx in the picture for column u and row v of the result, and y likewise. */
interface Affine {
  readonly x: readonly [number, number, number];
  readonly y: readonly [number, number, number];
}

/** Turned about its middle by so many degrees, anticlockwise. */
export const rotate: PictureChange = (picture, degrees) => {
  const angle = (-degrees * Math.PI) / 180;
  const [cos, sin] = [round15(Math.cos(angle)), round15(Math.sin(angle))];
  const [middleX, middleY] = [picture.width / 2, picture.height / 2];
  return moved(picture, {
    x: [cos, sin, middleX - cos * middleX - sin * middleY],
    y: [-sin, cos, middleY + sin * middleX - cos * middleY],
  });
};

/** Each row shifted to the left by this share of its height in the image. */
export const shearX: PictureChange = (picture, share) => moved(picture, { x: [1, share, 0], y: [0, 1, 0] });

/** Each column shifted upwards by this share of its distance from the left. */
export const shearY: PictureChange = (picture, share) => moved(picture, { x: [1, 0, 0], y: [share, 1, 0] });

/** Shifted to the left by this share of its width. */
export const translateX: PictureChange = (picture, share) =>
  moved(picture, { x: [1, 0, share * picture.width], y: [0, 1, 0] });

/** Shifted upwards by this share of its height. */
export const translateY: PictureChange = (picture, share) =>
  moved(picture, { x: [1, 0, 0], y: [0, 1, share * picture.height] });

/** A shift by whole pixels, then mirrored, left to right, if wanted. */
export interface Shift {
  /** Rows and columns by which the part that is seen lies further down and to the right. */
  readonly down: number;
  readonly right: number;
  readonly isFlipped: boolean;
  /** What is seen beyond the edge. */
  readonly border: Border;
}

/** The picture shifted and mirrored. */
export function shifted(picture: Picture, { down, right, isFlipped, border }: Shift): Picture {
  const { channels, height, width, pixels } = picture;
  const [rows, columns] = [shiftedPixels(height, down, border), shiftedPixels(width, right, border)];
  if (isFlipped) columns.reverse();
  const changed = new Uint8Array(pixels.length);
  let at = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (const row of rows) {
      const start = (channel * height + row) * width;
      for (const column of columns) changed[at++] = row < 0 || column < 0 ? 0 : pixels[start + column]!;
    }
  }
  return { ...picture, pixels: changed };
}

/** A colour over the pixels from column and row `from` to `to`, both included, as far as they lie in the image. */
export function covered(
  picture: Picture,
  { from, to }: { readonly from: readonly [number, number]; readonly to: readonly [number, number] },
  colour: readonly number[],
): Picture {
  const { channels, height, width } = picture;
  const changed = picture.pixels.slice();
  const [left, right] = [Math.max(0, from[0]), Math.min(width - 1, to[0])];
  for (let channel = 0; channel < channels; channel++) {
    for (let y = Math.max(0, from[1]); y <= Math.min(height - 1, to[1]); y++) {
      const row = (channel * height + y) * width;
      if (left <= right) changed.fill(colour[channel]!, row + left, row + right + 1);
    }
  }
  return { ...picture, pixels: changed };
}

/** Places are counted in 65536ths of a pixel, as Pillow counts them. */
function moved(picture: Picture, { x, y }: Affine): Picture {
  const { channels, height, width, pixels } = picture;
  const fixed = (value: number): number => Math.floor(value * 65536 + 0.5);
  const [stepX, stepY] = [x, y].map(([a, b, c]) => [fixed(a), fixed(b), fixed(c + a * 0.5 + b * 0.5)] as const) as [
    readonly [number, number, number],
    readonly [number, number, number],
  ];
  const changed = new Uint8Array(pixels.length);
  const plane = height * width;
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      const column = Math.floor((stepX[2] + u * stepX[0] + v * stepX[1]) / 65536);
      const row = Math.floor((stepY[2] + u * stepY[0] + v * stepY[1]) / 65536);
      if (column < 0 || column >= width || row < 0 || row >= height) continue;
      for (let channel = 0; channel < channels; channel++)
        changed[channel * plane + v * width + u] = pixels[channel * plane + row * width + column]!;
    }
  }
  return { ...picture, pixels: changed };
}

function round15(value: number): number {
  return Math.round(value * 1e15) / 1e15;
}
