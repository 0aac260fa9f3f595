/** @file What a network sees of a picture: its middle in the network's size, and the larger picture that it is cut from. */
import { centreCrop, middle, shortSideSize } from "./crop.ts";
import { checkPicture, type Picture } from "./picture.ts";
import { resize } from "./resize.ts";

/** The length of the shorter side for such a view: 1.15 times as long, room for crops at random. torchvision's recipes have 256 for 224. */
export function storedSide(size: number): number {
  return Math.round(1.15 * size);
}

/** The longer side is at most about this many times the shorter one; pixels further out hardly matter. */
const LONGEST = 3;

/**
 * What is kept of a picture for views of `size` x `size`: its shorter side 1.15 times as long, the longer side cut to
 * three times that at most. A picture of exactly the view's size is kept as it is. Throws as `resize`.
 */
export function storedPicture(picture: Picture, size: number): Picture {
  checkPicture("storedPicture", picture);
  if (picture.width === size && picture.height === size) return picture;
  const short = storedSide(size);
  const to = shortSideSize(picture, short);
  const width = cut(to.width, LONGEST * short);
  const height = cut(to.height, LONGEST * short);
  const only = { left: middle(to.width, width), top: middle(to.height, height), width, height };
  return resize(picture, to, { only });
}

/** The view: torchvision's `CenterCrop(size)` of a stored picture. */
export function centreView(stored: Picture, size: number): Picture {
  return stored.width === size && stored.height === size ? stored : centreCrop(stored, size);
}

/** The view of any picture, as a network is evaluated with: `Resize(1.15 size)`, then `CenterCrop(size)`, as torchvision has them. */
export function viewOf(picture: Picture, size: number): Picture {
  return centreView(storedPicture(picture, size), size);
}

/** NOTE: what is cut away is four times a whole number, so that the middle of the middle is where the middle of all is, halves rounded too. */
function cut(side: number, most: number): number {
  return side <= most ? side : side - 4 * Math.ceil((side - most) / 4);
}
