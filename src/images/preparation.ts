/** @file How a picture of any size becomes an image that a network takes: the description that a model's file holds, and the work. */
import { LimbeckError } from "../errors.ts";
import { middle, shortSideSize } from "./crop.ts";
import { checkPicture, withChannels, type Picture } from "./picture.ts";
import { resize } from "./resize.ts";
import type { Colour } from "./samples.ts";

/** torchvision's `Resize(resize)` and `CenterCrop(size)`, `size` being that of the network's images. A picture of that size already is taken as it is. */
export interface Preparation {
  /** What the shorter side is resized to, in pixels, not less than the image's. */
  readonly resize: number;
  /** Turned as the camera was held, by the EXIF tag "orientation". */
  readonly exif: boolean;
  /** What transparent pixels lie on; else alpha is dropped. */
  readonly background?: Colour | undefined;
}

/**
 * The picture as a network gets it, [channels, height, width]. Without a preparation, as for data sets whose images are all of one size,
 * the shorter side becomes the image's.
 *
 * Throws SHAPE for a network of other than one or three channels, or of images that are not square where the picture's size is another.
 */
export function preparedPicture(
  picture: Picture,
  [channels, height, width]: readonly [number, number, number],
  preparation?: Pick<Preparation, "resize">,
): Picture {
  checkPicture("preparedPicture", picture);
  if (channels !== 1 && channels !== 3) {
    throw new LimbeckError("SHAPE", `pictures have 1 or 3 channels, but the network takes ${channels}`);
  }
  // Grey stays one channel until it is small.
  const coloured = picture.channels === 1 ? picture : withChannels(picture, channels);
  if (picture.height === height && picture.width === width) return withChannels(coloured, channels);
  if (height !== width) {
    throw new LimbeckError(
      "SHAPE",
      `a picture should be ${width} pixels wide and ${height} high, as the network takes them, got ${picture.width} and ${picture.height}; ` +
        "scale it to that size: only square images are cut out of other pictures",
    );
  }
  const to = shortSideSize(picture, Math.max(height, preparation?.resize ?? height));
  const only = { left: middle(to.width, width), top: middle(to.height, height), width, height };
  return withChannels(resize(coloured, to, { only }), channels);
}
