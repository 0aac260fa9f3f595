/** @file A picture of a data set once more, in its own size: a teacher may see it otherwise than the student. */
import { LimbeckError } from "../../../errors.ts";
import type { Picture } from "../../../images/picture.ts";
import { decodePicture, type DecodeOptions } from "./decode.ts";
import { faultOf, type Listed } from "./listing.ts";
import { contentOf } from "./prepare.ts";

/** Throws DATA_MISSING where the file is gone or another than the one of this content. */
export async function originalPicture(
  { place, read }: Listed,
  content: string,
  options: DecodeOptions,
): Promise<Picture> {
  const changed = (fault: string, cause?: unknown): LimbeckError =>
    new LimbeckError(
      "DATA_MISSING",
      `${place} is no longer the picture that it was when the data set was loaded: ${fault}; put it back, or start again`,
      { cause },
    );
  const found = await read().catch((cause: unknown) => {
    throw changed(`it cannot be read: ${faultOf(cause)}`, cause);
  });
  if (contentOf(found) !== content) throw changed("its bytes are others");
  return found instanceof Uint8Array ? decodePicture(place, found, options) : found;
}
