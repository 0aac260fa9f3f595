/** @file The picture that networks are asked about: decoded once for all that see it alike, within bounds of memory. */
import { decodePicture } from "../../data/node/images/decode.ts";
import type { Picture } from "../../images/picture.ts";
import type { Preparation } from "../../images/preparation.ts";

/** The memory that decoding one may take: a photograph of 60 megapixels, a scan in grey of 89. */
const MOST_BYTES = 3 * 2 ** 27;
/** What messages call the picture, which has no name here. */
export const PICTURE = "The file";

/** Turned, and laid on a background, as a preparation has it. Throws DATA_FORMAT for bytes that are no whole picture, or one that is too large. */
export type ServedPicture = (preparation: Preparation | undefined) => Promise<Picture>;

export function servedPicture(bytes: Uint8Array): ServedPicture {
  let last: { readonly key: string; readonly picture: Promise<Picture> } | undefined;
  return ({ exif = true, background }: Partial<Preparation> = {}) => {
    const key = JSON.stringify([exif, background]);
    if (last?.key !== key) {
      const options = { exif, maxBytes: MOST_BYTES, ...(background && { background }) };
      last = { key, picture: decodePicture(PICTURE, bytes, options) };
    }
    return last.picture;
  };
}
