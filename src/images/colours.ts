/**
 * @file Changes of a picture's colours, byte for byte as Pillow's ImageEnhance and ImageOps make them, of grey pictures and coloured
 * ones. Each gives a new picture.
 */
import { withChannels, type Picture } from "./picture.ts";

/** A change of a picture: what the number means is each one's own; some have no use for it. */
export type PictureChange = (picture: Picture, value: number) => Picture;

/** Towards black at 0, as it is at 1. */
export const brightness: PictureChange = (picture, factor) => blended(() => 0, picture, factor);

/** Towards its greys at 0, as it is at 1. */
export const saturation: PictureChange = (picture, factor) => {
  const greys = withChannels(picture, 1).pixels;
  return blended((i) => greys[i % greys.length]!, picture, factor);
};

/** Towards one grey, its mean, at 0, as it is at 1. */
export const contrast: PictureChange = (picture, factor) => {
  const greys = withChannels(picture, 1).pixels;
  const mean = Math.floor(greys.reduce((sum, grey) => sum + grey, 0) / greys.length + 0.5);
  return blended(() => mean, picture, factor);
};

/** Towards a smoothed image at 0, as it is at 1: each pixel but those of the edge is averaged with its eight neighbours, counting 5 of 13. */
export const sharpness: PictureChange = (picture, factor) => {
  const { pixels, height, width } = picture;
  const smooth = pixels.slice();
  for (let at = 0; at < pixels.length; at++) {
    const [x, y] = [at % width, Math.floor(at / width) % height];
    if (x === 0 || y === 0 || x === width - 1 || y === height - 1) continue;
    let sum = 4 * pixels[at]!;
    for (let row = at - width; row <= at + width; row += width)
      sum += pixels[row - 1]! + pixels[row]! + pixels[row + 1]!;
    smooth[at] = Math.floor(sum / 13 + 0.5);
  }
  return blended((i) => smooth[i]!, picture, factor);
};

/** Keeps this many of each byte's eight bits, cut down to a whole number from 1. */
export const posterise: PictureChange = (picture, bits) => {
  const mask = 256 - 2 ** (8 - Math.max(1, Math.floor(bits)));
  return { ...picture, pixels: picture.pixels.map((value) => value & mask) };
};

/** Inverts each byte that is not below the threshold. */
export const solarise: PictureChange = (picture, threshold) => ({
  ...picture,
  pixels: picture.pixels.map((value) => (value < threshold ? value : 255 - value)),
});

/** Stretches each channel's bytes to go from 0 to 255. */
export const autoContrast: PictureChange = (picture) =>
  byChannel(picture, (counts) => {
    const [low, high] = [counts.findIndex((n) => n > 0), counts.findLastIndex((n) => n > 0)];
    if (high <= low) return undefined;
    const scale = 255 / (high - low);
    return (value) => Math.trunc(Math.min(255, Math.max(0, value * scale - low * scale)));
  });

/** Spreads each channel's bytes so that each range of them is about as common. */
export const equalise: PictureChange = (picture) =>
  byChannel(picture, (counts) => {
    const present = counts.filter((n) => n > 0);
    const step = Math.floor((sumOf(counts) - (present.at(-1) ?? 0)) / 255);
    if (present.length < 2 || step === 0) return undefined;
    let before = Math.floor(step / 2);
    const table = counts.map((n) => {
      const value = Math.min(255, Math.floor(before / step));
      before += n;
      return value;
    });
    return (value) => table[value]!;
  });

/** Each channel's bytes by a function made from how often each value is there; as they are where there is none. */
function byChannel(
  picture: Picture,
  functionOf: (counts: readonly number[]) => ((value: number) => number) | undefined,
): Picture {
  const changed = picture.pixels.slice();
  const plane = picture.height * picture.width;
  for (let from = 0; from < changed.length; from += plane) {
    const own = changed.subarray(from, from + plane);
    const counts = new Array<number>(256).fill(0);
    for (const value of own) counts[value]! += 1;
    const change = functionOf(counts);
    if (change) own.set(own.map(change));
  }
  return { ...picture, pixels: changed };
}

/** degenerate + factor·(pixel - degenerate), in float32, from 0 to 255, its fraction cut off; beyond 1, further away. */
function blended(degenerate: (i: number) => number, picture: Picture, factor: number): Picture {
  const share = Math.fround(factor);
  const pixels = picture.pixels.map((pixel, i) => {
    const base = degenerate(i);
    const value = Math.fround(base + Math.fround(share * (pixel - base)));
    return Math.trunc(Math.min(255, Math.max(0, value)));
  });
  return { ...picture, pixels };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
