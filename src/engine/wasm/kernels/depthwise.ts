/**
 * @file Depthwise convolution, each channel by a window of its own: no matrix product to be had, so the window slides over
 * rows of pixels with the channels in vectors, a few pixels at a time for each load of its weights.
 */
import {
  address,
  advance,
  f32x4,
  forRange,
  get,
  i32,
  int,
  seq,
  set,
  v128,
  type Code,
  type Local,
} from "../emit/code.ts";
import type { FunctionBuilder } from "../emit/module.ts";
import { copy } from "./copy.ts";
import { storeColumns } from "./floats.ts";
import { Buffer, type Kernel } from "./kernel.ts";
import {
  bandRows,
  copyPaddedRows,
  describe,
  imageAddress,
  isUnpadded,
  paddedGradient,
  paddedInput,
  rowBytes,
  scratchGoal,
  type ConvShape,
  type PaddedImage,
} from "./padded-rows.ts";
import { blocks, type Finish } from "./product.ts";
import { madd, type TileShape } from "./tile.ts";

/** y = conv(x, weight), each channel by itself. */
export function depthwiseForward(
  { fused }: TileShape,
  shape: ConvShape,
  x: Buffer,
  weight: Buffer,
  y: Buffer,
  epilogue: Finish,
): Kernel[] {
  const { packed, kernel } = packTaps(shape, weight);
  const window = { ...shape, padded: paddedInput(shape), turned: false };
  return [kernel, slide(`depthwise ${describe(shape)}`, window, fused, x, packed, y, epilogue)];
}

/** dL/dx: the gradient of y, spread by the stride, under the window turned round. */
export function depthwiseInputGrad(
  { fused }: TileShape,
  shape: ConvShape,
  g: Buffer,
  weight: Buffer,
  dx: Buffer,
  epilogue: Finish,
): Kernel[] {
  const { packed, kernel } = packTaps(shape, weight);
  const window = {
    ...shape,
    padded: paddedGradient(shape),
    output: shape.input,
    stride: [1, 1] as const,
    turned: true,
  };
  return [kernel, slide(`depthwiseInputGrad ${describe(shape)}`, window, fused, g, packed, dx, epilogue)];
}

/** Vectors of channels, and pixels of a row, that are summed side by side. */
const vectors = 2;
const pixels = 4;

/** Runs `body` for all channels, two vectors at a time: `column` is their place in a pixel in bytes, `lanes` how many there are. */
export function eachColumns(column: Local, channels: number, body: (lanes: number) => Code): Code {
  const step = vectors * 4;
  const whole = Math.floor(channels / step);
  const rest = channels % step;
  return seq(
    forRange(column, 0, whole * step * 4, step * 4, body(step)),
    rest > 0 ? seq(set(column, int(whole * step * 4)), body(rest)) : [],
  );
}

/** The weights, [channel, tap], as [tap, channel]. */
function packTaps({ kernel, channels }: ConvShape, weight: Buffer): { packed: Buffer; kernel: Kernel } {
  const taps = kernel[0] * kernel[1];
  const packed = new Buffer("depthwise weight", taps * channels);
  const loops = [
    { size: taps, step: 1 },
    { size: channels, step: taps },
  ];
  return { packed, kernel: copy("arrange depthwise weight", weight, packed, loops) };
}

type Slide = Pick<ConvShape, "images" | "channels" | "output" | "kernel" | "stride" | "dilation"> & {
  readonly padded: PaddedImage;
  readonly turned: boolean;
};

/** The windows slid over padded images: a task is a band of one image's output rows. */
function slide(
  label: string,
  { images, channels, output, kernel, stride, dilation, padded, turned }: Slide,
  fused: boolean,
  x: Buffer,
  weight: Buffer,
  y: Buffer,
  { relu = false, bias, positive }: Finish,
): Kernel {
  const pitch = rowBytes(padded);
  const pixel = channels * 4;
  const taps = kernel[0] * kernel[1];
  const unpadded = isUnpadded(padded);
  const rowsFor = (band: number): number => (band - 1) * stride[0] + dilation[0] * (kernel[0] - 1) + 1;
  const band = bandRows(output[0], (rows) =>
    unpadded ? rows * output[1] <= 256 : rowsFor(rows) * pitch <= scratchGoal,
  );
  const bands = output[0] / band;

  /** One run of `count` neighbouring pixels: every tap's weights are loaded once for all of them. */
  const run = (f: FunctionBuilder, at: Local, out: Local, column: Local, count: number, lanes: number): Code => {
    const each = Math.ceil(lanes / 4);
    const sums = Array.from({ length: count }, () => f.locals("v128", each));
    const weights = f.locals("v128", each);
    const all = (code: (sum: Local, p: number, v: number) => Code): Code =>
      seq(...sums.flatMap((row, p) => row.map((sum, v) => code(sum, p, v))));
    const tap = (number: number): Code => {
      const [u, v] = [Math.floor(number / kernel[1]), number % kernel[1]];
      const offset = u * dilation[0] * pitch + v * dilation[1] * pixel;
      const stored = turned ? taps - 1 - number : number;
      return seq(
        ...weights.map((local, i) => set(local, v128.load(get(column), weight.address + stored * pixel + i * 16))),
        all((sum, p, i) => {
          const value = v128.load(get(at), offset + p * stride[1] * pixel + i * 16);
          return set(sum, madd(value, get(weights[i]!), get(sum), fused));
        }),
      );
    };
    const zero = f32x4.const(0);
    return seq(
      all((sum, _, v) => set(sum, bias ? v128.load(get(column), bias.address + v * 16) : zero)),
      ...Array.from({ length: taps }, (_, number) => tap(number)),
      relu ? all((sum) => set(sum, f32x4.max(get(sum), zero))) : [],
      positive
        ? all((sum, p, v) => {
            const reference = v128.load(get(out), positive.address + p * pixel + v * 16);
            return set(sum, v128.andNot(get(sum), f32x4.le(reference, zero)));
          })
        : [],
      all((sum, p, v) => storeColumns(out, get(sum), y.address + p * pixel + v * 16, lanes - v * 4, f)),
    );
  };

  return {
    label,
    reads: [x, weight, ...(bias ? [bias] : []), ...(positive ? [positive] : [])],
    writes: [y],
    tasks: images * bands,
    // NOTE: the last vector of the last pixel may reach past it.
    scratch: unpadded ? 0 : rowsFor(band) * pitch + 16,
    flops: 2 * images * output[0] * output[1] * channels * taps,
    body: (f, task, scratch) => {
      const [image, firstRow, source, to, row, column, counter] = f.locals("i32", 7);
      const [at, out] = [f.local("i32"), f.local("i32")];
      const start = address([image, output[0]], firstRow, row);
      const oneRow = (lanes: number): Code =>
        seq(
          set(at, address(source, [row, stride[0] * pitch], column)),
          set(out, address([start, output[1] * pixel], column)),
          ...blocks(output[1], pixels).map(({ height, count }) =>
            forRange(
              counter,
              0,
              count,
              1,
              seq(
                run(f, at, out, column, height, lanes),
                advance(at, height * stride[1] * pixel),
                advance(out, height * pixel),
              ),
            ),
          ),
        );
      return seq(
        set(image, i32.divUnsigned(get(task), bands)),
        set(firstRow, i32.mul(i32.remUnsigned(get(task), bands), band)),
        set(source, imageAddress(x, padded, get(image))),
        unpadded
          ? set(source, address(source, [firstRow, stride[0] * pitch]))
          : seq(
              set(to, get(scratch)),
              copyPaddedRows(f, padded, source, i32.mul(get(firstRow), stride[0]), rowsFor(band), to),
              set(source, get(scratch)),
            ),
        forRange(row, 0, band, 1, eachColumns(column, channels, oneRow)),
      );
    },
  };
}
