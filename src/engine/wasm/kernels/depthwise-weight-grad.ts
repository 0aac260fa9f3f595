/** @file The weight's gradient of a depthwise convolution: for each channel and tap of its window, image times gradient, summed over pixels. */
import { elementAt } from "../../../elements.ts";
import type { WeightGradient } from "./convolution.ts";
import { describe } from "../../compiler/conv-shape.ts";
import { address, advance, f32x4, forRange, i32, repeat, seq, set, v128, type Code } from "../emit/code.ts";
import { addParts } from "./conv-weight-grad.ts";
import { eachColumns } from "./depthwise.ts";
import { zeroFloats } from "./floats.ts";
import { Buffer, type Kernel } from "./kernel.ts";
import { bandRows, eachImageOfPart, imageAddress, paddedInput, parts } from "./padded-rows.ts";
import { eachBlock, pixelBlocks, setRows, zeroRowBytes, type PixelBlock, type Window } from "./sliding-rows.ts";
import { madd } from "./tile.ts";

/** Pixels that are summed before the sum is added to the others: long sums round less so. */
const pixelsGoal = 256;
/** Pixels whose gradient is kept in registers. */
const sideBySide = 4;

/** dL/dweight [C, 1, KH, KW]: a task sums a part of the images, the same part whatever the number of threads. */
export function depthwiseWeightGrad({ tile: { fused }, shape, g, x, dw }: WeightGradient): Kernel[] {
  const { images, channels, output, kernel } = shape;
  const taps = kernel[0] * kernel[1];
  const paddedOutputs = Math.ceil(channels / 4) * 4;
  const partial = new Buffer("depthwise weight gradient parts", parts * taps * paddedOutputs);
  const window: Window = { ...shape, padded: paddedInput(shape) };
  const pixel = channels * 4;
  const band = bandRows(output[0], (rows) => rows * output[1] <= pixelsGoal);
  const zeroBytes = zeroRowBytes(window);
  const sumKernel: Kernel = {
    label: `depthwiseWeightGrad ${describe(shape)}`,
    reads: [g, x],
    writes: [partial],
    tasks: parts,
    scratch: zeroBytes,
    flops: 2 * images * output[0] * output[1] * channels * taps,
    body: (f, task, scratch) => {
      const [image, lastImage, firstRow, imageAt, row, inBand, column, shift, start] = f.locals("i32", 9);
      const [gradientAt, total, unused] = f.locals("i32", 3);
      const rows = f.locals("i32", kernel[0]);
      const at = f.locals("i32", kernel[0]);
      const place = (number: number, i: number): number => number * paddedOutputs * 4 + i * 16;
      const columns = (lanes: number): Code => {
        const each = Math.ceil(lanes / 4);
        const sums = Array.from({ length: taps }, () => f.locals("v128", each));
        const gradients = Array.from({ length: sideBySide }, () => f.locals("v128", each));
        const values = f.locals("v128", each);
        const oneBlock = ({ pixels, columns }: PixelBlock): Code =>
          seq(
            ...gradients
              .slice(0, pixels)
              .flatMap((locals, p) => locals.map((local, i) => set(local, v128.load(gradientAt, p * pixel + i * 16)))),
            ...at.flatMap((local, u) => [
              set(local, address(elementAt(rows, u), shift, column)),
              ...columns.flatMap(({ column, meets }) => [
                ...values.map((value, i) => set(value, v128.load(local, column * pixel + i * 16))),
                ...meets.flatMap(({ pixel, tap }) =>
                  elementAt(sums, u * kernel[1] + tap).map((sum, i) =>
                    set(sum, madd(elementAt(values, i), elementAt(elementAt(gradients, pixel), i), sum, fused)),
                  ),
                ),
              ]),
            ]),
            advance(gradientAt, pixels * pixel),
          );
        const oneRow = seq(
          set(row, i32.add(firstRow, inBand)),
          setRows(window, rows, row, { image: imageAt, unused, zeros: scratch }),
          set(gradientAt, address([address([image, output[0]], row), output[1] * pixel], column, g.address)),
          eachBlock(f, pixelBlocks(window, sideBySide), pixel, shift, oneBlock),
        );
        const all = (code: (sum: (typeof sums)[number][number], number: number, i: number) => Code): Code[] =>
          sums.flatMap((tap, number) => tap.map((sum, i) => code(sum, number, i)));
        return seq(
          ...all((sum) => set(sum, f32x4.const(0))),
          repeat(inBand, band, oneRow),
          set(total, address(start, column)),
          // NOTE: all loads before the first store: V8 pairs no two loads across a store, and then no sums either.
          ...all((sum, number, i) => set(sum, f32x4.add(v128.load(total, place(number, i)), sum))),
          ...all((sum, number, i) => v128.store(total, sum, place(number, i))),
        );
      };
      const oneBand = eachColumns(column, channels, columns);
      return seq(
        zeroFloats(f, scratch, zeroBytes / 4),
        set(start, address([task, taps * paddedOutputs * 4], partial.address)),
        zeroFloats(f, start, taps * paddedOutputs),
        eachImageOfPart({ image, last: lastImage, part: task }, { images, parts }, [
          set(imageAt, imageAddress(x, window.padded, image)),
          forRange(firstRow, 0, output[0], band, oneBand),
        ]),
      );
    },
  };
  return [sumKernel, addParts({ parts, groups: 1, window: taps, o: channels, paddedOutputs }, partial, dw)];
}
