/** @file The weight's gradient of a depthwise convolution: for each channel and tap of its window, padded image times gradient, summed over pixels. */
import { address, advance, f32x4, forRange, get, i32, seq, set, v128, type Code } from "../emit/code.ts";
import { addParts } from "./conv-weight-grad.ts";
import { eachColumns } from "./depthwise.ts";
import { zeroFloats } from "./floats.ts";
import { Buffer, type Kernel } from "./kernel.ts";
import {
  bandRows,
  copyPaddedRows,
  describe,
  imageAddress,
  isUnpadded,
  paddedInput,
  parts,
  rowBytes,
  scratchGoal,
  type ConvShape,
} from "./padded-rows.ts";
import { madd, type TileShape } from "./tile.ts";

/** Pixels that are summed before the sum is added to the others: long sums round less so. */
const pixelsGoal = 256;

/** dL/dweight [C, 1, KH, KW]: a task sums a part of the images, the same part whatever the number of threads. */
export function depthwiseWeightGrad(
  { fused }: TileShape,
  shape: ConvShape,
  g: Buffer,
  x: Buffer,
  dw: Buffer,
): Kernel[] {
  const { images, channels, output, kernel, stride, dilation } = shape;
  const taps = kernel[0] * kernel[1];
  const paddedOutputs = Math.ceil(channels / 4) * 4;
  const partial = new Buffer("depthwise weight gradient parts", parts * taps * paddedOutputs);
  const padded = paddedInput(shape);
  const pitch = rowBytes(padded);
  const pixel = channels * 4;
  const unpadded = isUnpadded(padded);
  const rowsFor = (band: number): number => (band - 1) * stride[0] + dilation[0] * (kernel[0] - 1) + 1;
  const band = bandRows(
    output[0],
    (rows) => rows * output[1] <= pixelsGoal && (unpadded || rowsFor(rows) * pitch <= scratchGoal),
  );
  const sumKernel: Kernel = {
    label: `depthwiseWeightGrad ${describe(shape)}`,
    reads: [g, x],
    writes: [partial],
    tasks: parts,
    // NOTE: the last vector of the last pixel may reach past it.
    scratch: unpadded ? 0 : rowsFor(band) * pitch + 16,
    flops: 2 * images * output[0] * output[1] * channels * taps,
    body: (f, task, scratch) => {
      const [image, lastImage, firstRow, source, to, row, column] = f.locals("i32", 7);
      const [at, gradientAt, counter, total] = f.locals("i32", 4);
      const allTaps = Array.from({ length: taps }, (_, number) => number);
      const columns = (lanes: number): Code => {
        const each = Math.ceil(lanes / 4);
        const sums = allTaps.map(() => f.locals("v128", each));
        const gradient = f.locals("v128", each);
        const onePixel = seq(
          ...gradient.map((local, i) => set(local, v128.load(get(gradientAt), g.address + i * 16))),
          ...sums.flatMap((tap, number) => {
            const offset =
              Math.floor(number / kernel[1]) * dilation[0] * pitch + (number % kernel[1]) * dilation[1] * pixel;
            return tap.map((sum, i) => {
              const value = v128.load(get(at), offset + i * 16);
              return set(sum, madd(value, get(gradient[i]!), get(sum), fused));
            });
          }),
          advance(at, stride[1] * pixel),
          advance(gradientAt, pixel),
        );
        const start = address([image, output[0]], firstRow, row);
        const oneRow = seq(
          set(at, address(source, [row, stride[0] * pitch], column)),
          set(gradientAt, address([start, output[1] * pixel], column)),
          forRange(counter, 0, output[1], 1, onePixel),
        );
        const place = (number: number, i: number): number => number * paddedOutputs * 4 + i * 16;
        return seq(
          ...sums.flat().map((sum) => set(sum, f32x4.const(0))),
          forRange(row, 0, band, 1, oneRow),
          set(total, address([task, taps * paddedOutputs * 4], column, partial.address)),
          ...sums.flatMap((tap, number) =>
            tap.map((sum, i) => {
              const soFar = v128.load(get(total), place(number, i));
              return v128.store(get(total), f32x4.add(soFar, get(sum)), place(number, i));
            }),
          ),
        );
      };
      const oneBand = seq(
        set(source, imageAddress(x, padded, get(image))),
        unpadded
          ? set(source, address(source, [firstRow, stride[0] * pitch]))
          : seq(
              set(to, get(scratch)),
              copyPaddedRows(f, padded, source, i32.mul(get(firstRow), stride[0]), rowsFor(band), to),
              set(source, get(scratch)),
            ),
        eachColumns(column, channels, columns),
      );
      return seq(
        set(to, address([task, taps * paddedOutputs * 4], partial.address)),
        zeroFloats(f, to, taps * paddedOutputs),
        set(image, i32.divUnsigned(i32.mul(get(task), images), parts)),
        set(lastImage, i32.divUnsigned(i32.mul(i32.add(get(task), 1), images), parts)),
        forRange(image, get(image), get(lastImage), 1, forRange(firstRow, 0, output[0], band, oneBand)),
      );
    },
  };
  return [sumKernel, addParts({ groups: 1, window: taps, o: channels, paddedOutputs }, partial, dw)];
}
