/**
 * @file Depthwise convolution, each channel by a window of its own: no matrix product to be had, so the window slides over
 * rows of pixels with the channels in vectors, a few pixels at a time for each load of its weights.
 */
import { elementAt } from "../../../elements.ts";
import type { Convolution, InputGradient } from "./convolution.ts";
import { describe, type ConvShape } from "../../compiler/conv-shape.ts";
import { address, advance, f32x4, forRange, i32, int, seq, set, v128, type Code, type Local } from "../emit/code.ts";
import type { FunctionBuilder } from "../emit/module.ts";
import { copyBoxes } from "./copy.ts";
import { storeColumns } from "./floats.ts";
import { Buffer, type Kernel } from "./kernel.ts";
import { relu as rectified } from "./math.ts";
import { bandRows, imageAddress, paddedGradient, paddedInput } from "./padded-rows.ts";
import { finishReads } from "./product.ts";
import { eachBlock, pixelBlocks, setRows, zeroRowBytes, type PixelBlock, type Window } from "./sliding-rows.ts";
import { madd } from "./tile.ts";

/** Pixels of a task, if a row has no more. */
const taskPixels = 256;

/** y = conv(x, weight), each channel by itself. */
export function depthwiseForward({ shape, ...call }: Convolution): Kernel[] {
  const window = { ...shape, padded: paddedInput(shape), turned: false };
  return slide(`depthwise ${describe(shape)}`, { ...call, shape: window });
}

/** dL/dx: the gradient of y, spread by the stride, under the window turned round. */
export function depthwiseInputGrad({ shape, g, dx, ...call }: InputGradient): Kernel[] {
  const window = {
    ...shape,
    padded: paddedGradient(shape),
    output: shape.input,
    stride: [1, 1] as const,
    turned: true,
  };
  return slide(`depthwiseInputGrad ${describe(shape)}`, { ...call, shape: window, x: g, y: dx });
}

/** Vectors of channels, and pixels of a row, that are summed side by side. */
const vectors = 2;
const sideBySide = 4;

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

/** The weights, [channel, tap], as [tap, channel], and zeros behind them. */
function packTaps(
  { kernel, channels }: Pick<ConvShape, "kernel" | "channels">,
  weight: Buffer,
  zeroBytes: number,
): { packed: Buffer; zerosAt: number; kernel: Kernel } {
  const taps = kernel[0] * kernel[1];
  const zerosAt = taps * channels;
  const zeros = Math.ceil(zeroBytes / 4);
  const packed = new Buffer("depthwise weight", zerosAt + zeros);
  const arranged = [
    { size: taps, from: 1, to: channels },
    { size: channels, from: taps, to: 1 },
  ];
  return {
    packed,
    zerosAt,
    kernel: copyBoxes("arrange depthwise weight", packed, [
      { from: weight, fromOffset: 0, toOffset: 0, loops: arranged },
      ...(zeros > 0
        ? [{ from: null, fromOffset: 0, toOffset: zerosAt, loops: [{ size: zeros, from: 0, to: 1 }] }]
        : []),
    ]),
  };
}

/** A window over images of so many channels, its taps as they are stored or in the opposite order. */
type Slide = Window & Pick<ConvShape, "images" | "channels"> & { readonly turned: boolean };

/** Addresses of a block's first pixel, or of its weights and bias, for the channels at hand. */
type Pointers = Readonly<Record<"out" | "weightsAt" | "biasAt" | "addedAt" | "positiveAt", Local>>;

/** A convolution by such windows. */
type SlideConvolution = Omit<Convolution, "shape"> & { readonly shape: Slide };

/** The windows slid over images: a task is a band of one image's output rows. */
function slide(label: string, convolution: SlideConvolution): Kernel[] {
  const { shape, x, weight, y, epilogue: finish } = convolution;
  const { images, channels, output, kernel, padded } = shape;
  const { bias, added, positive } = finish;
  const pixel = channels * 4;
  const taps = kernel[0] * kernel[1];
  const band = bandRows(output[0], (rows) => rows * output[1] <= taskPixels);
  const bands = output[0] / band;
  const { packed, zerosAt, kernel: pack } = packTaps(shape, weight, zeroRowBytes(shape));

  const slideKernel: Kernel = {
    label,
    reads: [x, packed, ...finishReads(finish)],
    writes: [y],
    tasks: images * bands,
    flops: 2 * images * output[0] * output[1] * channels * taps,
    body: (f, task) => {
      const [image, imageAt, row, lastRow, shift, column, pixelsOut, unused] = f.locals("i32", 8);
      const [out, weightsAt, biasAt, addedAt, positiveAt] = f.locals("i32", 5);
      const pointers: Pointers = { out, weightsAt, biasAt, addedAt, positiveAt };
      const rows = f.locals("i32", kernel[0]);
      const at = f.locals("i32", kernel[0]);
      // All channels of a few pixels before the next pixels: memory is read and written in its order.
      const oneBlock = (block: PixelBlock): Code =>
        seq(
          eachColumns(column, channels, (lanes) =>
            seq(
              ...at.map((local, u) => set(local, address(elementAt(rows, u), shift, column))),
              set(pointers.out, address(pixelsOut, column, y.address)),
              set(pointers.weightsAt, address(column, packed.address)),
              bias ? set(pointers.biasAt, address(column, bias.address)) : [],
              added ? set(pointers.addedAt, address(pixelsOut, column, added.address)) : [],
              positive ? set(pointers.positiveAt, address(pixelsOut, column, positive.address)) : [],
              blockCode(f, convolution, { ...block, lanes, rows: at }, pointers),
            ),
          ),
          advance(pixelsOut, block.pixels * pixel),
        );
      return seq(
        set(image, i32.divUnsigned(task, bands)),
        set(row, i32.mul(i32.remUnsigned(task, bands), band)),
        set(lastRow, i32.add(row, band)),
        set(imageAt, imageAddress(x, padded, image)),
        set(pixelsOut, i32.mul(address([image, output[0]], row), output[1] * pixel)),
        forRange(row, row, lastRow, 1, [
          setRows(shape, rows, row, { image: imageAt, unused, zeros: int(packed.address + zerosAt * 4) }),
          eachBlock(f, pixelBlocks(shape, sideBySide), pixel, shift, oneBlock),
        ]),
      );
    },
  };
  return [pack, slideKernel];
}

/** A block's results for a few channels: a row of the window's weights is loaded once for all of them. `rows` are addresses of the images' rows below the window. */
function blockCode(
  f: FunctionBuilder,
  { tile: { fused }, shape: { channels, kernel, turned }, epilogue: { bias, added, relu, positive } }: SlideConvolution,
  { pixels, columns, lanes, rows }: PixelBlock & { readonly lanes: number; readonly rows: readonly Local[] },
  { out, weightsAt, biasAt, addedAt, positiveAt }: Pointers,
): Code {
  const pixel = channels * 4;
  const taps = kernel[0] * kernel[1];
  const each = Math.ceil(lanes / 4);
  const sums = Array.from({ length: pixels }, () => f.locals("v128", each));
  const weights = Array.from({ length: kernel[1] }, () => f.locals("v128", each));
  const values = f.locals("v128", each);
  const all = (code: (sum: Local, p: number, v: number) => Code): Code =>
    seq(...sums.flatMap((row, p) => row.map((sum, v) => code(sum, p, v))));
  const rowOfTaps = (from: Local, u: number): Code => {
    const loadWeights = weights.flatMap((locals, v) => {
      const number = u * kernel[1] + v;
      const stored = turned ? taps - 1 - number : number;
      return locals.map((local, i) => set(local, v128.load(weightsAt, stored * pixel + i * 16)));
    });
    const multiply = columns.flatMap(({ column, meets }) => [
      ...values.map((value, i) => set(value, v128.load(from, column * pixel + i * 16))),
      ...meets.flatMap(({ pixel, tap }) =>
        elementAt(sums, pixel).map((sum, i) =>
          set(sum, madd(elementAt(values, i), elementAt(elementAt(weights, tap), i), sum, fused)),
        ),
      ),
    ]);
    return seq(...loadWeights, ...multiply);
  };
  const zero = f32x4.const(0);
  return seq(
    all((sum, _, v) => set(sum, bias ? v128.load(biasAt, v * 16) : zero)),
    ...rows.map(rowOfTaps),
    added ? all((sum, p, v) => set(sum, f32x4.add(sum, v128.load(addedAt, p * pixel + v * 16)))) : [],
    relu ? all((sum) => set(sum, rectified(sum))) : [],
    positive
      ? all((sum, p, v) => {
          const reference = v128.load(positiveAt, p * pixel + v * 16);
          return set(sum, v128.andNot(sum, f32x4.le(reference, zero)));
        })
      : [],
    all((sum, p, v) => storeColumns(out, sum, p * pixel + v * 16, lanes - v * 4, f)),
  );
}
