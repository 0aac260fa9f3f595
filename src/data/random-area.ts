/** @file A rectangle of random area and shape, as torchvision's RandomResizedCrop and RandomErasing draw it. */
import type { Rectangle } from "../images/resize.ts";
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
