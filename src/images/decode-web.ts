/** @file Pictures decoded by a browser, in a page or a worker. */
import { LimbeckError, reasonOf } from "../errors.ts";
import { drawn } from "./drawn.ts";
import { MOST_PIXELS, type Picture } from "./picture.ts";
import { fromColours, type Colour } from "./samples.ts";

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
  readonly OffscreenCanvas?: unknown;
  readonly Blob: new (parts: readonly Uint8Array[]) => unknown;
}

export interface WebDecodeOptions {
  /** Turned by the EXIF tag "orientation"; default true. */
  readonly exif?: boolean;
  /** What transparent pixels lie on. Default: alpha is dropped. */
  readonly background?: Colour | undefined;
  /** A picture of more is refused; browsers decode it before they tell its size. */
  readonly maxPixels?: number;
}

/** Whether `decodePictureWeb` can decode here. */
export function canDecodeWeb(): boolean {
  const { createImageBitmap, OffscreenCanvas } = globalThis as unknown as Browser;
  return createImageBitmap !== undefined && OffscreenCanvas !== undefined;
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
  { exif = true, background, maxPixels = MOST_PIXELS }: WebDecodeOptions = {},
): Promise<Picture> {
  const browser = globalThis as unknown as Browser;
  if (!browser.createImageBitmap || !canDecodeWeb()) {
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
        `${name} should be a picture that this browser can decode, got ${bytes.length} bytes: ${reasonOf(cause)}`,
        { cause },
      );
    });
  try {
    return fromColours(drawn(name, bitmap, maxPixels), background);
  } finally {
    bitmap.close();
  }
}
