/** @file Pixels as a page or a program has them, as planes, which everything behind works on. */
import { aNumber, having, optional, shown, type Kind } from "../arguments.ts";
import { LimbeckError } from "../errors.ts";
import { type Colour, fromColours, fromInterleaved, type Picture } from "../images/index.ts";

/** A picture's pixels, row by row, in any size. A canvas's `ImageData` is some. */
export interface Pixels {
  /** Bytes from 0 to 255. */
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  /**
   * How a pixel's bytes lie. Default `rgba`: red, green, blue and alpha of one pixel after another, as a canvas has them. `rgb`: the same without
   * alpha. `grey`: a byte a pixel. `planes`: all of the first channel, then the next, [C, H, W], as data sets have them: one channel, three,
   * or the network's.
   */
  readonly layout?: PixelLayout;
}

export type PixelLayout = "rgba" | "rgb" | "grey" | "planes";

/** An image that is ready but for its normalisation: planes of numbers from 0 to 1 in the network's size, [C, H, W]. */
export interface Planes {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** Bytes a pixel; of planes, as many as there are channels. */
const strides: Readonly<Record<PixelLayout, number | undefined>> = { rgba: 4, rgb: 3, grey: 1, planes: undefined };

const layouts = Object.keys(strides).map((layout) => `"${layout}"`);

/** For `checkArguments`. */
export const somePixels: Kind = having("pixels", {
  data: {
    expected: "a Uint8Array, a Uint8ClampedArray or a Float32Array",
    is: (value) => value instanceof Uint8Array || value instanceof Uint8ClampedArray || value instanceof Float32Array,
  },
  width: aNumber,
  height: aNumber,
  layout: optional({
    expected: layouts.join(", "),
    is: (value) => typeof value === "string" && Object.hasOwn(strides, value),
  }),
});

/**
 * The picture for a network of `channels`: transparent pixels over the background, if there is one. Only a network of four channels takes alpha.
 *
 * Throws SHAPE for a size that is none, or another number of bytes than it says.
 */
export function pictureOf(name: string, pixels: Pixels, channels: number, background?: Colour): Picture {
  const { data, width, height, layout = "rgba" } = pixels;
  const size = width * height;
  const isSize = [width, height].every((side) => Number.isInteger(side) && side >= 1);
  const stride = strides[layout] ?? [channels, 3, 1].find((count) => count * size === data.length) ?? channels;
  if (!isSize || data.length !== stride * size) {
    throw new LimbeckError(
      "SHAPE",
      `${name} should have ${stride} bytes a pixel as ${layout}, for width ${shown(width)} and height ${shown(height)} ${stride * size}, got ` +
        `${data.length}; see to its size, or say how they lie by layout: ${layouts.join(", ")}`,
    );
  }
  if (layout === "planes")
    return { channels: stride, width, height, pixels: new Uint8Array(data.buffer, data.byteOffset, data.length) };
  if (stride === channels) return fromInterleaved(data, { channels, width, height, stride });
  return fromColours({ data, width, height, stride }, background, stride === 1 ? 1 : 3);
}

/** Throws SHAPE for planes that are not the network's, ARGUMENT for numbers that are no brightness. */
export function checkPlanes(
  name: string,
  { data, width, height }: Planes,
  [channels, rows, columns]: readonly [number, number, number],
): void {
  if (width !== columns || height !== rows || data.length !== channels * rows * columns) {
    throw new LimbeckError(
      "SHAPE",
      `${name} should have ${channels} planes of ${columns} x ${rows} numbers, as the network takes them, got ${data.length} numbers for ` +
        `${shown(width)} x ${shown(height)}; give bytes, which are resized`,
    );
  }
  const at = data.findIndex((value) => !(value >= 0 && value <= 1));
  if (at < 0) return;
  throw new LimbeckError(
    "ARGUMENT",
    `${name} should hold numbers from 0 to 1, got ${data[at]} as number ${at}; bytes go into a Uint8Array`,
  );
}
