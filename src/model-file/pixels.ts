/** @file Images as a page or a program has them, as what a network takes: planes of normalised numbers. */
import { aNumber, anObject, checkArguments, having, optional, shown, type Kind } from "../arguments.ts";
import { normaliser } from "../data/loader.ts";
import { LimbeckError } from "../errors.ts";
import type { ImageShape } from "../models/index.ts";

/** One image, or several of one size behind each other. A canvas's `ImageData` is one. */
export interface Pixels {
  /** Bytes from 0 to 255, or numbers from 0 to 1 (Float32Array). */
  readonly data: Uint8Array | Uint8ClampedArray | Float32Array;
  readonly width: number;
  readonly height: number;
  /**
   * `rgba`: red, green, blue and alpha of one pixel after another, row by row, as a canvas has them. `planes`: all of the first
   * channel, row by row, then the next, [C, H, W]. By default `rgba` of a Uint8ClampedArray and `planes` of any other.
   */
  readonly layout?: "rgba" | "planes";
}

/** (value - mean) / std for each channel, where bytes count as value / 255. */
export interface Normalisation {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

const numbers: Kind = {
  expected: "a Uint8Array, a Uint8ClampedArray or a Float32Array",
  is: (value) => value instanceof Uint8Array || value instanceof Uint8ClampedArray || value instanceof Float32Array,
};
const aLayout: Kind = { expected: '"rgba" or "planes"', is: (value) => value === "rgba" || value === "planes" };
const somePixels: Kind = having("an object", {
  data: numbers,
  width: aNumber,
  height: aNumber,
  layout: optional(aLayout),
});

/**
 * What writes each image as float32 planes [C, H, W], normalised: bytes to the bits that training has them in. Of `rgba`, a network of
 * three channels takes the colours, one of a single channel their grey (Pillow's `convert("L")`), one of four alpha too.
 *
 * Throws SHAPE for images of another size, or `rgba` for other channels; ARGUMENT for no image, and, when one is read, for
 * numbers that are none or not from 0 to 1.
 */
export function normalisedImages(
  name: string,
  input: Pixels | readonly Pixels[],
  shape: ImageShape,
  normalisation: Normalisation,
): ((planes: Float32Array) => void)[] {
  checkArguments(name, { images: [input, anObject] });
  const all = Array.isArray(input) ? (input as readonly Pixels[]) : [input as Pixels];
  const table = normaliser({ shape, ...normalisation });
  const images = all.flatMap((pixels, i) => {
    checkArguments(name, { [all.length > 1 ? `image ${i}` : "images"]: [pixels, somePixels] });
    return split(name, pixels, shape);
  });
  if (images.length === 0) throw new LimbeckError("ARGUMENT", `${name}: images should be one or more, got none`);
  const [channels, rows, columns] = shape;
  const plane = rows * columns;
  const { mean, std } = normalisation;
  return images.map((read, i) => (values) => {
    const planes = read();
    for (let channel = 0, at = 0; channel < channels; channel++) {
      const [middle, deviation] = [Math.fround(mean[channel]!), Math.fround(std[channel]!)];
      for (const end = at + plane; at < end; at++) {
        const value = planes[at]!;
        if (!(planes instanceof Float32Array)) values[at] = table[256 * channel + value]!;
        else if (value >= 0 && value <= 1) values[at] = Math.fround(value - middle) / deviation;
        else throw notABrightness(name, i, value, at);
      }
    }
  });
}

/** What gives each image's planes. */
function split(name: string, pixels: Pixels, shape: ImageShape): (() => Pixels["data"])[] {
  const { data, width, height } = pixels;
  const { layout = data instanceof Uint8ClampedArray ? "rgba" : "planes" } = pixels;
  const [channels, rows, columns] = shape;
  if (width !== columns || height !== rows) {
    throw new LimbeckError(
      "SHAPE",
      `${name}: images should be ${columns} pixels wide and ${rows} high, got ${shown(width)} and ${shown(height)}; scale them to ` +
        `that size, on a canvas by drawImage(image, 0, 0, ${columns}, ${rows})`,
    );
  }
  if (layout === "rgba" && ![1, 3, 4].includes(channels)) {
    throw new LimbeckError(
      "SHAPE",
      `${name}: the network takes ${channels} channels, which rgba cannot give; give planes`,
    );
  }
  const size = rows * columns * (layout === "rgba" ? 4 : channels);
  if (data.length % size !== 0) {
    throw new LimbeckError(
      "SHAPE",
      `${name}: data should have ${size} numbers for each image of ${columns}x${rows} as ${layout}, got ${data.length}`,
    );
  }
  return Array.from({ length: data.length / size }, (_, i) => () => {
    const image = data.subarray(i * size, (i + 1) * size);
    return layout === "rgba" ? planesOf(image, channels) : image;
  });
}

function planesOf(pixels: Pixels["data"], channels: number): Uint8Array | Float32Array {
  const plane = pixels.length / 4;
  const planes = pixels instanceof Float32Array ? new Float32Array(plane * channels) : new Uint8Array(plane * channels);
  for (let i = 0; i < plane; i++) {
    if (channels === 1) planes[i] = grey(pixels, 4 * i);
    else for (let channel = 0; channel < channels; channel++) planes[channel * plane + i] = pixels[4 * i + channel]!;
  }
  return planes;
}

/** ITU-R 601-2 luma; of bytes rounded as Pillow rounds it. */
function grey(pixels: Pixels["data"], at: number): number {
  const [red, green, blue] = [pixels[at]!, pixels[at + 1]!, pixels[at + 2]!];
  const sum = 19_595 * red + 38_470 * green + 7471 * blue;
  return pixels instanceof Float32Array ? sum / 65_536 : (sum + 32_768) >> 16;
}

function notABrightness(name: string, image: number, value: number, at: number): LimbeckError {
  return new LimbeckError(
    "ARGUMENT",
    `${name}: image ${image} should hold numbers from 0 to 1, got ${value} as number ${at}; bytes go into a Uint8Array`,
  );
}
