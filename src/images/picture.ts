/** @file A decoded picture: 8 bits a sample, channel by channel. */
import { LimbeckError } from "../errors.ts";

/** Samples of a picture, plane after plane (CHW), row by row, as `Split.image` has them too. One channel is grey, three are red, green, blue. */
export interface Picture {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8Array;
}

/** A picture of more is not decoded, unless one asks for it. As Pillow, which warns beyond it: a quarter of a gigabyte in colour. */
export const MOST_PIXELS = 89_478_485;

/** Planes from interleaved samples (HWC), as decoders and canvases give them; channels after the `channels` first are dropped. */
export function fromInterleaved(
  samples: Uint8Array | Uint8ClampedArray,
  { height, width, stride, channels }: Omit<Picture, "pixels"> & { readonly stride: number },
): Picture {
  const plane = height * width;
  const pixels = new Uint8Array(channels * plane);
  for (let channel = 0; channel < channels; channel++) {
    const end = (channel + 1) * plane;
    for (let at = channel * plane, from = channel; at < end; at++, from += stride) pixels[at] = samples[from]!;
  }
  return { channels, height, width, pixels };
}

/**
 * The picture in grey or in colour. Grey becomes three equal channels; colour becomes
 * L = (19595 R + 38470 G + 7471 B + 2¹⁵) / 2¹⁶, as Pillow's `convert("L")`.
 */
export function withChannels(picture: Picture, channels: 1 | 3): Picture {
  if (picture.channels === channels) return picture;
  const { height, width, pixels } = picture;
  const plane = height * width;
  const converted = new Uint8Array(channels * plane);
  if (channels === 3) {
    for (const start of [0, plane, 2 * plane]) converted.set(pixels, start);
  } else {
    for (let i = 0; i < plane; i++) {
      const weighted = 19595 * pixels[i]! + 38470 * pixels[plane + i]! + 7471 * pixels[2 * plane + i]!;
      converted[i] = (weighted + 0x8000) >> 16;
    }
  }
  return { channels, height, width, pixels: converted };
}

/** Throws SHAPE, in the name of a function, unless a picture has samples, and as many as its size says. */
export function checkPicture(name: string, { channels, height, width, pixels }: Picture): void {
  const sizes = [channels, height, width];
  if (sizes.every((size) => Number.isInteger(size) && size >= 1) && pixels.length === channels * height * width) return;
  throw new LimbeckError(
    "SHAPE",
    `${name}: a picture should have one or more channels, rows and columns, and a byte for each sample, ` +
      `got [${sizes.join(", ")}] and ${pixels.length} bytes`,
  );
}
