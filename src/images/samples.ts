/** @file From samples as decoders give them to a picture in grey or in colour. */
import { fromInterleaved, type Picture } from "./picture.ts";

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [number, number, number];

/** Interleaved samples, `stride` of them a pixel. */
export interface Samples {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  readonly stride: number;
}

/**
 * Cyan, magenta, yellow and black as a picture in colour, by Pillow's formula: no colour profile is asked.
 * R = (255 - K) (1 - C / 255), and so on.
 */
export function fromCmyk(samples: Samples): Picture {
  return blended(samples, (ink, black) => 255 - black - over255(ink * (255 - black)));
}

/**
 * Red, green, blue and, where there is a fourth sample, alpha as a picture: over the background, if there is one. Without one alpha is
 * dropped, as Pillow does, and the colours under it show. Of samples that are grey, one channel is enough.
 */
export function fromColours(samples: Samples, background?: Colour, channels: 1 | 3 = 3): Picture {
  const { data, width, height, stride } = samples;
  if (!background || stride < 4) return fromInterleaved(data, { channels, width, height, stride });
  return blended(samples, (value, alpha, channel) => over255(value * alpha + background[channel]! * (255 - alpha)));
}

/** Three channels, each of its sample and the fourth. NOTE: without a copy between, since pictures are large. */
function blended(
  { data, width, height, stride }: Samples,
  blend: (value: number, fourth: number, channel: number) => number,
): Picture {
  const plane = width * height;
  const pixels = new Uint8Array(3 * plane);
  for (let channel = 0; channel < 3; channel++) {
    for (let at = 0, from = 0; at < plane; at++, from += stride)
      pixels[channel * plane + at] = blend(data[from + channel]!, data[from + 3]!, channel);
  }
  return { channels: 3, width, height, pixels };
}

/** Of a product of two bytes: over 255, rounded. */
function over255(product: number): number {
  const shifted = product + 128;
  return ((shifted >> 8) + shifted) >> 8;
}
