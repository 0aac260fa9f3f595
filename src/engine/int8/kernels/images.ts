/** @file The rim of an integer student: float32 images in, float32 logits out. */
import { advance, f32, f32x4, i16x8, i32, i32x4, repeat, seq, set, v128, type Code } from "../../wasm/emit/code.ts";
import { kernelCode, type Flavour, type KernelCode } from "../flavour.ts";
import { requantise } from "../requantise.ts";

export interface ImagesShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly output: { readonly pixel: number; readonly row: number };
  readonly top: number;
}

/** Parameters: the addresses of the image [H, W, C] in float32 and of the output; what it is multiplied by, as a float32's bits; the zero. */
export function quantiseImages(flavour: Flavour, shape: ImagesShape): KernelCode {
  const { height, width, channels, output, top } = shape;
  return kernelCode({
    key: `images ${JSON.stringify(shape)}`,
    parameters: 4,
    body: (f, [x, y, factor, zero]) => {
      const [row, column] = f.locals("i32", 2);
      const [multiplier, narrow] = f.locals("v128", 2);
      const toActivations = requantise(f, zero, top);
      const four = (from: number): Code => {
        const whole = toActivations.of(f32x4.mul(v128.load(x, from * 4), multiplier));
        return seq(set(narrow, whole), flavour.storeFour(f, y, i16x8.narrowI32(narrow, narrow), from));
      };
      const pixel = seq(
        ...Array.from({ length: Math.ceil(channels / 4) }, (_, i) => four(i * 4)),
        advance(x, channels * 4),
        advance(y, output.pixel),
      );
      return seq(
        toActivations.start,
        set(multiplier, i32x4.splat(factor)),
        repeat(row, height, [repeat(column, width, pixel), advance(y, output.row - width * output.pixel)]),
      );
    },
  });
}

export interface LogitsShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly input: { readonly pixel: number; readonly row: number };
}

/** Activations as the float32 that they stand for, [C, H, W]. Parameters: the addresses of both, the zero, the scale as a float32's bits. */
export function dequantise(flavour: Flavour, { height, width, channels, input }: LogitsShape): KernelCode {
  return kernelCode({
    key: `logits ${JSON.stringify({ height, width, channels, input })}`,
    parameters: 4,
    body: (f, [x, y, zero, scale]) => {
      const [c, row, column] = f.locals("i32", 3);
      const at = i32.add(
        i32.add(x, i32.mul(c, flavour.bytes)),
        i32.add(i32.mul(row, input.row), i32.mul(column, input.pixel)),
      );
      const whole = flavour.bytes === 1 ? i32.load8Unsigned(at) : i32.load16Unsigned(at);
      const number = f32x4.mul(f32x4.convertI32(i32x4.splat(i32.sub(whole, zero))), i32x4.splat(scale));
      const store = seq(f32.store(y, f32x4.extractLane(number, 0)), advance(y, 4));
      return repeat(c, channels, repeat(row, height, repeat(column, width, store)));
    },
  });
}
