/** @file The end of each sum: a float32 made an activation, as the interpreter in test/ship makes it too. */
import { f32x4, i32, i32x4, int, seq, set, type Code, type Int } from "../wasm/emit/code.ts";
import type { FunctionBuilder } from "../wasm/emit/module.ts";

/**
 * 1.5·2^23. Between 2^23 and 2^24 float32 has whole numbers alone: a float32 x from -255 to 255 plus this is rounded to the nearest one,
 * to the even one of two, as its lowest bits.
 */
const rounding = 12_582_912;
const roundingBits = 0x4b40_0000;

/** Up to here, rounding is exact without holding numbers first; those that store what comes of it hold it then. */
export const mostBeforeRounding: number = 2 ** 22;

/** Code that makes each x, four float32, `zero` + x rounded and held between 0 and `top`. */
export interface Requantise {
  /** To be done once, before. */
  readonly start: Code;
  /** Four whole numbers of 32 bits. */
  of(x: Code): Code;
}

/** `isSmall`: whether each |x| is below `mostBeforeRounding`; then it is not held yet. */
export function requantise(f: FunctionBuilder, zero: Int, top: number, isSmall = false): Requantise {
  const [lowest, highest, bits] = f.locals("v128", 3);
  const asFloats = (value: Code): Code => f32x4.convertI32(i32x4.splat(value));
  return {
    start: seq(
      set(lowest, asFloats(i32.sub(0, zero))),
      set(highest, asFloats(i32.sub(top, zero))),
      set(bits, i32x4.splat(i32.sub(roundingBits, int(zero)))),
    ),
    of: (x) => {
      // NOTE: in this order, what is no number becomes the lowest.
      const held = isSmall ? x : f32x4.pseudoMin(f32x4.pseudoMax(lowest, x), highest);
      return i32x4.sub(f32x4.add(held, f32x4.const(rounding)), bits);
    },
  };
}
