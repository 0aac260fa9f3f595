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
export function fromCmyk({ data, width, height, stride }: Samples): Picture {
  const inks = fromInterleaved(data, { channels: 4, width, height, stride });
  const plane = width * height;
  const pixels = inks.pixels.slice(0, 3 * plane);
  for (let i = 0; i < pixels.length; i++) {
    const light = 255 - inks.pixels[3 * plane + (i % plane)]!;
    pixels[i] = light - over255(pixels[i]! * light);
  }
  return { channels: 3, width, height, pixels };
}

/**
 * Red, green, blue and, where there is a fourth sample, alpha as a picture: over the background, if there is one. Without one alpha is
 * dropped, as Pillow does, and the colours under it show. Of samples that are grey, one channel is enough.
 */
export function fromColours(samples: Samples, background?: Colour, channels: 1 | 3 = 3): Picture {
  const { data, width, height, stride } = samples;
  if (!background || stride < 4) return fromInterleaved(data, { channels, width, height, stride });
  const seen = fromInterleaved(data, { channels: 4, width, height, stride });
  const plane = width * height;
  const alpha = seen.pixels.subarray(3 * plane);
  const pixels = seen.pixels.slice(0, 3 * plane);
  for (const [channel, behind] of background.entries()) {
    for (let at = 0; at < plane; at++) {
      const i = channel * plane + at;
      pixels[i] = over255(pixels[i]! * alpha[at]! + behind * (255 - alpha[at]!));
    }
  }
  return { channels: 3, width, height, pixels };
}

/** Of a product of two bytes: over 255, rounded. */
function over255(product: number): number {
  const shifted = product + 128;
  return ((shifted >> 8) + shifted) >> 8;
}
