/** @file The size that a network's images have where nobody says one. */
import { elementAt } from "../../../elements.ts";
import { decodePicture } from "./decode.ts";
import { listPictures, type ListOptions } from "./list.ts";

/** Where pictures are large, or of several sizes. */
const USUAL = 64;

/** How many pictures are looked at, from the first to the last. */
const LOOKED_AT = 16;

/** The side of the pictures, where those that are looked at are square and of one size, at most 64; else 64. Throws as `listPictures`. */
export async function usualSize(path: string, options: ListOptions = {}): Promise<number> {
  const { pictures } = await listPictures(path, options);
  const some = Array.from(
    { length: Math.min(LOOKED_AT, pictures.length) },
    (_, i, count = Math.min(LOOKED_AT, pictures.length)) =>
      elementAt(pictures, Math.floor((i * pictures.length) / count)),
  );
  const sides = new Set<number>();
  for (const { place, read } of some) {
    // What is broken is told when all are decoded.
    const found = await read()
      .then((content) => (content instanceof Uint8Array ? decodePicture(place, content) : content))
      .catch(() => undefined);
    if (!found) continue;
    sides.add(found.width).add(found.height);
    if (sides.size > 1) return USUAL;
  }
  const [side = USUAL] = sides;
  return Math.min(side, USUAL);
}
