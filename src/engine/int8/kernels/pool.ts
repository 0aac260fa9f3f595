/** @file The largest and the mean of windows. */
import { elementAt } from "../../../elements.ts";
import {
  advance,
  f32x4,
  i16x8,
  i32,
  i32x4,
  int,
  min,
  repeat,
  select,
  seq,
  set,
  type Code,
  type Local,
} from "../../wasm/emit/code.ts";
import type { FunctionBuilder } from "../../wasm/emit/module.ts";
import { kernelCode, type Flavour, type KernelCode } from "../flavour.ts";
import { requantise } from "../requantise.ts";
import { eachEight, type Extent, type Strides } from "../walk.ts";

export interface PoolShape extends Extent {
  readonly kernel: readonly [height: number, width: number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  /** Pixels of the input. */
  readonly inputHeight: number;
  readonly inputWidth: number;
  readonly input: Strides;
  readonly output: Strides;
  readonly top: number;
}

/** Windows up to so many numbers are written out. */
const short = 16;

/** Parameters: the addresses of x's first number, not that of its border, and of the output. */
export function maxPool(flavour: Flavour, shape: PoolShape): KernelCode {
  const [down, right] = shape.padding;
  return kernelCode({
    key: `maxPool ${JSON.stringify(shape)}`,
    parameters: 2,
    body: (f, [x, y]) =>
      down + right === 0 ? maxOfWhole(f, flavour, shape, x, y) : maxInside(f, flavour, shape, x, y),
  });
}

/** Windows that are all inside. */
function maxOfWhole(f: FunctionBuilder, flavour: Flavour, shape: PoolShape, x: Local, y: Local): Code {
  const { kernel, input, output } = shape;
  const best = f.local("v128");
  const taps = Array.from({ length: kernel[0] }, (_, i) =>
    Array.from({ length: kernel[1] }, (_, j) => flavour.loadEight(x, i * input.row + j * input.pixel)),
  ).flat();
  return eachEight(
    f,
    shape,
    [
      { pointer: x, strides: windowStrides(shape) },
      { pointer: y, strides: output },
    ],
    seq(
      set(best, elementAt(taps, 0)),
      ...taps.slice(1).map((tap) => set(best, flavour.max(best, tap))),
      flavour.keepEight(y, best),
    ),
  );
}

/** Windows that reach over the border, where the pixel inside that is next stands for those outside: it is in the window too. */
function maxInside(f: FunctionBuilder, flavour: Flavour, shape: PoolShape, x: Local, y: Local): Code {
  const { height, width, eights, kernel, stride, padding, inputHeight, inputWidth, input, output } = shape;
  const [row, column, c, i, j, at, first, yRow, yAt] = f.locals("i32", 9);
  const best = f.local("v128");
  const inside = (place: Code, size: number): Code =>
    seq(set(at, place), set(at, select(int(0), at, i32.ltSigned(at, 0))), set(at, min(at, size - 1)));
  const tap = seq(
    inside(i32.add(i32.sub(i32.mul(row, stride[0]), padding[0]), i), inputHeight),
    set(first, i32.add(i32.add(x, i32.mul(c, input.eight)), i32.mul(at, input.row))),
    inside(i32.add(i32.sub(i32.mul(column, stride[1]), padding[1]), j), inputWidth),
    set(best, flavour.max(best, flavour.loadEight(i32.add(first, i32.mul(at, input.pixel)), 0))),
  );
  const window = seq(
    set(best, i32x4.const(0)),
    repeat(i, kernel[0], repeat(j, kernel[1], tap)),
    flavour.keepEight(yAt, best),
    advance(yAt, output.eight),
  );
  return seq(
    set(yRow, y),
    repeat(row, height, [
      set(yAt, yRow),
      repeat(column, width, [repeat(c, eights, window), advance(yAt, output.pixel - eights * output.eight)]),
      advance(yRow, output.row),
    ]),
  );
}

/**
 * Parameters: the addresses of the first window, which may begin in the border, and of the output; what each sum has to be less, because
 * of x's zero; what it is multiplied by, the bits of a float32; the output's zero.
 */
export function avgPool(flavour: Flavour, shape: PoolShape): KernelCode {
  const { kernel, input, output, top } = shape;
  return kernelCode({
    key: `avgPool ${JSON.stringify(shape)}`,
    parameters: 5,
    body: (f, [x, y, less, factor, zero]) => {
      const [i, j, at] = f.locals("i32", 3);
      const [eight, low, high, start, multiplier] = f.locals("v128", 5);
      const toActivations = requantise(f, zero, top);
      const addEight = (address: Code, offset: number): Code =>
        seq(
          set(eight, flavour.loadEightWide(address, offset)),
          set(low, i32x4.add(low, i32x4.extendLowI16(eight))),
          set(high, i32x4.add(high, i32x4.extendHighI16(eight))),
        );
      const isShort = kernel[0] * kernel[1] <= short;
      const window = isShort
        ? seq(
            ...Array.from({ length: kernel[0] * kernel[1] }, (_, tap) =>
              addEight(x, Math.floor(tap / kernel[1]) * input.row + (tap % kernel[1]) * input.pixel),
            ),
          )
        : seq(
            set(at, x),
            repeat(i, kernel[0], [
              repeat(j, kernel[1], [addEight(at, 0), advance(at, input.pixel)]),
              advance(at, input.row - kernel[1] * input.pixel),
            ]),
          );
      const mean = (sum: Local): Code => toActivations.of(f32x4.mul(f32x4.convertI32(sum), multiplier));
      return seq(
        toActivations.start,
        set(start, i32x4.splat(i32.sub(0, less))),
        set(multiplier, i32x4.splat(factor)),
        eachEight(
          f,
          shape,
          [
            { pointer: x, strides: windowStrides(shape) },
            { pointer: y, strides: output },
          ],
          seq(
            set(low, start),
            set(high, start),
            window,
            flavour.storeEight(f, y, i16x8.narrowI32(mean(low), mean(high)), top),
          ),
        ),
      );
    },
  });
}

/** From window to window. */
function windowStrides({ stride, input }: PoolShape): Strides {
  return { eight: input.eight, pixel: stride[1] * input.pixel, row: stride[0] * input.row };
}
