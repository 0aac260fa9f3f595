/** @file A factor and a term for each channel: norms that could not be folded, and activations that stand alone. */
import { advance, f32x4, i16x8, i32x4, repeat, seq, set, v128, type Code } from "../../wasm/emit/code.ts";
import { kernelCode, type Flavour, type KernelCode } from "../flavour.ts";
import { requantise } from "../requantise.ts";

export interface PerChannelShape {
  readonly height: number;
  readonly width: number;
  readonly eights: number;
  readonly input: { readonly pixel: number; readonly row: number };
  readonly output: { readonly pixel: number; readonly row: number };
  readonly top: number;
}

/** Parameters: the addresses of x, of the output, of the factors, which the terms follow, both as float32; the output's zero. */
export function perChannel(flavour: Flavour, shape: PerChannelShape): KernelCode {
  const { height, width, eights, input, output, top } = shape;
  return kernelCode({
    key: `perChannel ${JSON.stringify(shape)}`,
    parameters: 5,
    body: (f, [x, y, factors, terms, zero]) => {
      const [c, row, column, xAt, yAt] = f.locals("i32", 5);
      const [eight, ...numbers] = f.locals("v128", 5);
      const toActivations = requantise(f, zero, top);
      const half = (i: 0 | 1): Code => {
        const wide = i === 0 ? i32x4.extendLowI16(eight) : i32x4.extendHighI16(eight);
        return toActivations.of(f32x4.add(f32x4.mul(f32x4.convertI32(wide), numbers[i]), numbers[i === 0 ? 2 : 3]));
      };
      const pixel = seq(
        set(eight, flavour.loadEightWide(xAt, 0)),
        flavour.storeEight(f, yAt, i16x8.narrowI32(half(0), half(1)), top),
        advance(xAt, input.pixel),
        advance(yAt, output.pixel),
      );
      const line = seq(
        repeat(column, width, pixel),
        advance(xAt, input.row - width * input.pixel),
        advance(yAt, output.row - width * output.pixel),
      );
      return seq(
        toActivations.start,
        repeat(c, eights, [
          set(xAt, x),
          set(yAt, y),
          ...numbers.map((local, i) => set(local, v128.load(i < 2 ? factors : terms, (i % 2) * 16))),
          repeat(row, height, line),
          advance(x, 8 * flavour.bytes),
          advance(y, 8 * flavour.bytes),
          advance(factors, 8 * 4),
          advance(terms, 8 * 4),
        ]),
      );
    },
  });
}
