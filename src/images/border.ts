/** @file What lies around a picture that is shifted by whole pixels: black, or the picture reflected at its edge. */

/** `reflect`: as PyTorch's padding of that name, the edge itself not repeated: 2 1 | 0 1 2. `black`: bytes of 0. */
export type Border = "reflect" | "black";

/**
 * For each place along one side, the pixel that is there once the picture is shifted by `offset` against it: place p has pixel p + offset; -1
 * stands for black. A reflected border is narrower than the side: |offset| < length.
 */
export function shiftedPixels(length: number, offset: number, border: Border): Int32Array {
  const pixels = new Int32Array(length);
  for (let place = 0; place < length; place++) {
    const pixel = place + offset;
    if (pixel >= 0 && pixel < length) pixels[place] = pixel;
    else if (border === "black") pixels[place] = -1;
    else pixels[place] = pixel < 0 ? -pixel : 2 * (length - 1) - pixel;
  }
  return pixels;
}
