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

/** The picture over a background: what its alpha (0 to 255, the channel after its own) leaves to see of both. */
export function over(samples: Samples, channels: 1 | 3, background: Colour): Picture {
  const { data, width, height, stride } = samples;
  const seen = fromInterleaved(data, { channels: channels + 1, width, height, stride });
  const plane = width * height;
  const alpha = seen.pixels.subarray(channels * plane);
  const isGrey = channels === 1 && background.every((value) => value === background[0]);
  const pixels = new Uint8Array((isGrey ? 1 : 3) * plane);
  for (let i = 0; i < pixels.length; i++) {
    const [channel, at] = [Math.floor(i / plane), i % plane];
    const value = seen.pixels[(channels === 1 ? 0 : channel) * plane + at]!;
    pixels[i] = over255(value * alpha[at]! + background[channel as 0 | 1 | 2] * (255 - alpha[at]!));
  }
  return { channels: isGrey ? 1 : 3, width, height, pixels };
}

/** Of a product of two bytes: over 255, rounded. */
function over255(product: number): number {
  const shifted = product + 128;
  return ((shifted >> 8) + shifted) >> 8;
}
