/** @file A rectangle of random area and shape, as torchvision's RandomResizedCrop and RandomErasing draw it, and the crop of the first. */
import { cutOut, type Picture, type Rectangle, resize } from "../images/index.ts";
import type { Stream } from "./stream.ts";

/** From what to what is drawn: shares of the area, and width over height, evenly in its logarithm. */
export interface AreaRange {
  readonly minScale: number;
  readonly maxScale: number;
  readonly minRatio: number;
  readonly maxRatio: number;
}

/** How often a rectangle that does not fit is drawn anew. */
const TRIES = 10;

/** A rectangle in whole pixels that lies within these sides; `undefined` where none of ten did. */
export function randomArea(
  { width, height }: { readonly width: number; readonly height: number },
  { minScale, maxScale, minRatio, maxRatio }: AreaRange,
  random: Stream,
): Rectangle | undefined {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const area = width * height * random.between(minScale, maxScale);
    const ratio = Math.exp(random.between(Math.log(minRatio), Math.log(maxRatio)));
    const [w, h] = [Math.round(Math.sqrt(area * ratio)), Math.round(Math.sqrt(area / ratio))];
    if (w < 1 || h < 1 || w > width || h > height) continue;
    return { left: random.below(width - w + 1), top: random.below(height - h + 1), width: w, height: h };
  }
  return undefined;
}

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
