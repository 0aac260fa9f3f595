/** @file Sums of activations of other quantisations, and activations quantised anew, in whole numbers throughout. */
import { i16x8, i32x4, seq, set, v128, type Code } from "../../wasm/emit/code.ts";
import { kernelCode, type Flavour, type KernelCode } from "../flavour.ts";
import { eachEight, type Extent, type Strides } from "../walk.ts";

export interface AddShape extends Extent {
  readonly a: Strides;
  readonly b: Strides;
  readonly output: Strides;
  readonly top: number;
}

export interface RescaleShape extends Extent {
  readonly input: Strides;
  readonly output: Strides;
  readonly top: number;
}

/**
 * (a·factors[0] + b·factors[1] + offset) >> shift. Parameters: the addresses of a, b and the output, both factors as 16 bits each,
 * the first one low, the offset and the shift.
 */
export function add(flavour: Flavour, shape: AddShape): KernelCode {
  return kernelCode({
    key: `add ${JSON.stringify(shape)}`,
    parameters: 6,
    body: (f, [a, b, y, factors, offset, shift]) => {
      const [first, second, pair, low] = f.locals("v128", 4);
      const half = (lanes: readonly number[]): Code =>
        i32x4.shrSigned(i32x4.add(i32x4.dotI16(v128.shuffleBytes(first, second, lanes), pair), low), shift);
      return seq(
        set(pair, i32x4.splat(factors)),
        set(low, i32x4.splat(offset)),
        eachEight(
          f,
          shape,
          [
            { pointer: a, strides: shape.a },
            { pointer: b, strides: shape.b },
            { pointer: y, strides: shape.output },
          ],
          seq(
            set(first, flavour.loadEightWide(a, 0)),
            set(second, flavour.loadEightWide(b, 0)),
            flavour.storeEight(f, y, i16x8.narrowI32(half(lowPairs), half(highPairs)), shape.top),
          ),
        ),
      );
    },
  });
}

/** (x·factor + offset) >> shift. Parameters: the addresses of x and the output, the factor, the offset and the shift. */
export function rescale(flavour: Flavour, shape: RescaleShape): KernelCode {
  return kernelCode({
    key: `rescale ${JSON.stringify(shape)}`,
    parameters: 5,
    body: (f, [x, y, factor, offset, shift]) => {
      const [eight, zeros, pair, low] = f.locals("v128", 4);
      const half = (lanes: readonly number[]): Code =>
        i32x4.shrSigned(i32x4.add(i32x4.dotI16(v128.shuffleBytes(eight, zeros, lanes), pair), low), shift);
      return seq(
        set(pair, i32x4.splat(factor)),
        set(low, i32x4.splat(offset)),
        set(zeros, i32x4.const(0)),
        eachEight(
          f,
          shape,
          [
            { pointer: x, strides: shape.input },
            { pointer: y, strides: shape.output },
          ],
          seq(
            set(eight, flavour.loadEightWide(x, 0)),
            flavour.storeEight(f, y, i16x8.narrowI32(half(lowPairs), half(highPairs)), shape.top),
          ),
        ),
      );
    },
  });
}

/** Numbers of 16 bits of two vectors in turn, from the first four and from the last four of each. */
const lowPairs = [0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23];
const highPairs = lowPairs.map((byte) => byte + 8);
