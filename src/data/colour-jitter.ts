/** @file Colours changed at random: torchvision's ColorJitter. */
import { elementAt } from "../elements.ts";
import { LimbeckError } from "../errors.ts";
import { brightness, contrast, type Picture, type PictureChange, saturation, turnHue } from "../images/index.ts";
import type { Stream } from "./stream.ts";

/** How far each may go: a factor of 1 - b to 1 + b (from 0 on); of the hue, turns of -h to h. */
export interface Jitter {
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
  readonly hue: number;
}

/**
 * The picture in other colours, the four changes in random order. What may not change is left out. Throws ARGUMENT for a
 * picture that is neither grey nor coloured.
 */
export function colourJitter(picture: Picture, jitter: Jitter, random: Stream): Picture {
  if (picture.channels !== 1 && picture.channels !== 3) {
    throw new LimbeckError(
      "ARGUMENT",
      `colourJitter should be of images with 1 channel, grey, or 3, red, green and blue, got ${picture.channels}; leave it out`,
    );
  }
  const factor = (most: number): number => random.between(Math.max(0, 1 - most), 1 + most);
  // NOTE: always drawn, so that leaving one out does not change the others.
  const changes: readonly (readonly [most: number, change: PictureChange, value: number])[] = [
    [jitter.brightness, brightness, factor(jitter.brightness)],
    [jitter.contrast, contrast, factor(jitter.contrast)],
    [jitter.saturation, saturation, factor(jitter.saturation)],
    [jitter.hue, turnHue, random.between(-jitter.hue, jitter.hue)],
  ];
  let changed = picture;
  for (const i of random.permutation(changes.length)) {
    const [most, change, value] = elementAt(changes, i);
    if (most > 0) changed = change(changed, value);
  }
  return changed;
}
