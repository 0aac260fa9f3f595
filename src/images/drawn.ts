/** @file The pixels of whatever a browser can draw on a canvas. */
import { LimbeckError, reasonOf } from "../errors.ts";
import { MOST_PIXELS } from "./picture.ts";
import type { Samples } from "./samples.ts";

/** What a canvas can draw: a canvas, an `OffscreenCanvas`, an `ImageBitmap`, a `VideoFrame`, an `img`, a `video`. */
export type Drawable =
  | { readonly width: number; readonly height: number; getContext(...args: never[]): unknown }
  | { readonly width: number; readonly height: number; close(): void }
  | { readonly displayWidth: number; readonly displayHeight: number; close(): void }
  | { readonly naturalWidth: number; readonly naturalHeight: number }
  | { readonly videoWidth: number; readonly videoHeight: number };

/** What of a browser is used. */
interface Browser {
  readonly OffscreenCanvas?: new (
    width: number,
    height: number,
  ) => { getContext(kind: "2d", options: { readonly willReadFrequently: boolean }): Context | null };
}

interface Context {
  drawImage(source: unknown, x: number, y: number): void;
  getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
}

const sizes = [
  ["videoWidth", "videoHeight"],
  ["naturalWidth", "naturalHeight"],
  ["displayWidth", "displayHeight"],
  ["width", "height"],
] as const;

/** Whether it may be drawn: it has a size, as `Drawable` has. */
export function isDrawable(value: object): value is Drawable {
  return sizes.some(([width, height]) => width in value && height in value);
}

/**
 * Its pixels in its own size, RGBA. Colours under transparent pixels are lost, because a canvas keeps them multiplied by alpha: they come
 * out as black.
 *
 * Throws UNSUPPORTED where there is no `OffscreenCanvas`, in Node say; DATA_FORMAT for more than `maxPixels`, for what has no pixels yet, and
 * for what the browser cannot draw, or lets nobody read.
 */
export function drawn(name: string, source: Drawable, maxPixels: number = MOST_PIXELS): Samples {
  const { OffscreenCanvas: Canvas } = globalThis as Browser;
  if (!Canvas) {
    throw new LimbeckError("UNSUPPORTED", `${name}: a canvas, a bitmap or an image can be read in a browser alone`);
  }
  const numbers = source as Readonly<Record<string, number>>;
  const [width, height] = sizes.find(([width, height]) => width in source && height in source)!;
  const size = { width: numbers[width]!, height: numbers[height]! };
  const refuse = (expected: string, fix: string, cause?: unknown): never => {
    const got = `${size.width} x ${size.height}`;
    throw new LimbeckError("DATA_FORMAT", `${name} should ${expected}, got ${got}; ${fix}`, { cause });
  };
  if (!(size.width >= 1 && size.height >= 1)) return refuse("have pixels", "wait until it is loaded, and not closed");
  if (size.width * size.height > maxPixels) return refuse(`have at most ${maxPixels} pixels`, "make it smaller");
  const context = new Canvas(size.width, size.height).getContext("2d", { willReadFrequently: true });
  if (!context) return refuse("fit on a canvas", "make it smaller");
  try {
    context.drawImage(source, 0, 0);
    const { data } = context.getImageData(0, 0, size.width, size.height);
    return { data, ...size, stride: 4 };
  } catch (cause) {
    return refuse("be what a canvas can draw and read", reasonOf(cause), cause);
  }
}
