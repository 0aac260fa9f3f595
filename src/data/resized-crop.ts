/** @file A random part of a picture in a network's size: torchvision's RandomResizedCrop. */
import { cutOut } from "../images/crop.ts";
import type { Picture } from "../images/picture.ts";
import { resize, type Rectangle } from "../images/resize.ts";
import { randomArea, type AreaRange } from "./random-area.ts";
import type { Stream } from "./stream.ts";

/**
 * A random part, bilinearly resized to height x width. Where ten draws do not fit, the largest part in the middle whose shape is
 * allowed. Szegedy et al., "Going Deeper with Convolutions", 2014.
 */
export function resizedCrop(
  picture: Picture,
  size: { readonly width: number; readonly height: number },
  range: AreaRange,
  random: Stream,
): Picture {
  return resize(cutOut(picture, randomArea(picture, range, random) ?? largestMiddle(picture, range)), size);
}

function largestMiddle({ width, height }: Picture, { minRatio, maxRatio }: AreaRange): Rectangle {
  const ratio = width / height;
  const w = ratio > maxRatio ? Math.max(1, Math.round(height * maxRatio)) : width;
  const h = ratio < minRatio ? Math.max(1, Math.round(width / minRatio)) : height;
  return { left: Math.floor((width - w) / 2), top: Math.floor((height - h) / 2), width: w, height: h };
}
