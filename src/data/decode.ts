/** @file Pictures decoded by what is there: a browser itself, sharp in Node. */
import { LimbeckError } from "../errors.ts";
import { canDecodeWeb, decodePictureWeb, type Picture, type Preparation } from "../images/index.ts";
import type * as NodeDecoder from "./node/images/decode.ts";

/**
 * The picture of a file's bytes, turned by its EXIF orientation and laid on a background as a preparation has it.
 *
 * Throws DATA_FORMAT for bytes that are no whole picture; UNSUPPORTED where nothing decodes.
 */
export async function decoded(
  name: string,
  bytes: Uint8Array,
  { exif = true, background }: Partial<Preparation> = {},
): Promise<Picture> {
  if (canDecodeWeb()) return decodePictureWeb(name, bytes, { exif, background });
  // NOTE: bundlers for the browser leave the module empty; see the field `browser` of package.json.
  const { decodePicture }: Partial<typeof NodeDecoder> = await import("./node/images/decode.ts");
  if (decodePicture) return decodePicture(name, bytes, { exif, background });
  throw new LimbeckError(
    "UNSUPPORTED",
    `${name}: files of pictures are decoded by a browser, in a page or a worker, or by Node; give pixels, { data, width, height }`,
  );
}
