/** @file Numbers in half their bytes: IEEE 754's binary16, of 11 significant bits. */
import { LimbeckError } from "../errors.ts";

const ofFloat = new Float32Array(1);
const bitsOf = new Uint32Array(ofFloat.buffer);
/** From here on a number is rounded to infinity. */
const TOO_LARGE = 65_520;
/** Below it, numbers are multiples of 2⁻²⁴. */
const SMALLEST_NORMAL = 2 ** -14;

/** The bits of the nearest float16 of each number, of two equally near ones the even one. Throws ARGUMENT for a number that has none. */
export function toFloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  return Uint16Array.from(values, (value) => {
    const size = Math.abs(value);
    if (!(size < TOO_LARGE)) {
      throw new LimbeckError(
        "ARGUMENT",
        `float16 holds numbers up to 65504, got ${value}; keep the weights in float32`,
      );
    }
    const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
    if (size < SMALLEST_NORMAL) {
      // Beside 1/2, a float32 is a multiple of 2⁻²⁴ too.
      ofFloat[0] = size + 0.5;
      return sign | (bitsOf[0]! - 0x3f000000);
    }
    ofFloat[0] = size;
    const bits = bitsOf[0]! - (112 << 23);
    return sign | ((bits + 0xfff + ((bits >> 13) & 1)) >> 13);
  });
}
