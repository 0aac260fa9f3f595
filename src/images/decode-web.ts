/** @file Pictures decoded by a browser, in a page or a worker. */
import { LimbeckError } from "../errors.ts";
import { fromInterleaved, type Picture } from "./picture.ts";

/** What of a browser is used. */
interface Browser {
  createImageBitmap?(
    blob: unknown,
    options: {
      readonly imageOrientation: string;
      readonly premultiplyAlpha: string;
      readonly colorSpaceConversion: string;
    },
  ): Promise<{ readonly width: number; readonly height: number; close(): void }>;
  readonly OffscreenCanvas?: new (
    width: number,
    height: number,
  ) => { getContext(kind: "2d", options: { readonly willReadFrequently: boolean }): Context | null };
  readonly Blob: new (parts: readonly Uint8Array[]) => unknown;
}

interface Context {
  drawImage(bitmap: unknown, x: number, y: number): void;
  getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
}

export interface WebDecodeOptions {
  /** Turned by the EXIF tag "orientation"; default true. */
  readonly exif?: boolean;
  /** A picture of more is refused; browsers decode it before they tell its size. */
  readonly maxPixels?: number;
}

/**
 * A picture in colour of any file that the browser shows. Colours under transparent pixels are lost, because a canvas keeps
 * them multiplied by alpha: they come out as black.
 *
 * Throws DATA_FORMAT for what the browser cannot decode or has more than `maxPixels`; UNSUPPORTED where there is no
 * `createImageBitmap` and `OffscreenCanvas`, in Node say.
 */
export async function decodePictureWeb(
  name: string,
  bytes: Uint8Array,
  { exif = true, maxPixels = 89_478_485 }: WebDecodeOptions = {},
): Promise<Picture> {
  const browser = globalThis as unknown as Browser;
  if (!browser.createImageBitmap || !browser.OffscreenCanvas) {
    throw new LimbeckError("UNSUPPORTED", `${name}: decoding needs a browser's createImageBitmap and OffscreenCanvas`);
  }
  const bitmap = await browser
    .createImageBitmap(new browser.Blob([bytes]), {
      imageOrientation: exif ? "from-image" : "none",
      premultiplyAlpha: "none",
      colorSpaceConversion: "none",
    })
    .catch((cause: unknown) => {
      throw new LimbeckError(
        "DATA_FORMAT",
        `${name} should be a picture that this browser can decode, got ${bytes.length} bytes: ${(cause as Error).message}`,
        { cause },
      );
    });
  const { width, height } = bitmap;
  try {
    const context =
      width * height <= maxPixels &&
      new browser.OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    if (!context) {
      throw new LimbeckError(
        "DATA_FORMAT",
        `${name} should have at most ${maxPixels} pixels and fit on a canvas, got ${width} x ${height}; make it smaller`,
      );
    }
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    return fromInterleaved(data, { width, height, stride: 4, channels: 3 });
  } finally {
    bitmap.close();
  }
}
