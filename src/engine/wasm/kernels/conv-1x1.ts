/** @file Convolution by a window of one pixel: a matrix product whose rows are the pixels of all images. */
import type { Convolution, InputGradient, WeightGradient } from "./convolution.ts";
import { describe, type ConvShape } from "../../compiler/conv-shape.ts";
import { address, advance, forRange, i32, repeat, seq, set, type Code } from "../emit/code.ts";
import { addParts } from "./conv-weight-grad.ts";
import { copyFloats, zeroFloats } from "./floats.ts";
import { Buffer, type Kernel } from "./kernel.ts";
import { matmul } from "./matmul.ts";
import { eachPanel } from "./panels.ts";
import { bandRows, eachImageOfPart, parts as mostParts } from "./padded-rows.ts";
import { strip } from "./product.ts";

/** y [pixels, outputs] = x [pixels, channels] · weightᵀ */
export function convForward1x1({ tile, shape, x, weight, y, epilogue }: Convolution): Kernel[] {
  const { channels: k, outputs: n } = shape;
  const product = { batch: 1, m: pixelsOf(shape), k, n, transposeA: false, transposeB: true };
  return matmul({ tile, shape: product, a: x, b: weight, y, epilogue, label: `conv2d ${describe(shape)}` });
}

/** dL/dx [pixels, channels] = dL/dy · weight */
export function convInputGrad1x1({ tile, shape, g, weight, dx, epilogue }: InputGradient): Kernel[] {
  const { channels: n, outputs: k } = shape;
  const product = { batch: 1, m: pixelsOf(shape), k, n, transposeA: false, transposeB: false };
  const label = `conv2dInputGrad ${describe(shape)}`;
  return matmul({ tile, shape: product, a: g, b: weight, y: dx, epilogue, label });
}

function pixelsOf({ images, output }: ConvShape): number {
  return images * output[0] * output[1];
}

/** Pixels that are summed before the sum is added to the others: so many that sums are seldom stored, so few that they stay cached. */
const pixelsGoal = 128;
/** Rows from which columns are read so often that they are put side by side first. */
const packedRows = 32;
/** Memory for the parts' sums: all of them are read again at the end. */
const sumsMemory = 4 * 2 ** 20;

/** dL/dweight = dL/dyᵀ · x: a task sums a part of the images, the same part whatever the number of threads. */
export function convWeightGrad1x1({ tile, shape, g, x, dw }: WeightGradient): Kernel[] {
  const { images, channels, outputs, output } = shape;
  // The longer side makes the columns, which come in whole panels.
  const isTurned = outputs > channels;
  const [rows, columns] = isTurned ? [channels, outputs] : [outputs, channels];
  const [a, b] = isTurned ? [x, g] : [g, x];
  const width = tile.vectors * 4;
  const panels = Math.ceil(columns / width);
  const pitch = panels * width;
  const parts = rows * pitch * 4 * mostParts <= sumsMemory ? mostParts : mostParts / 2;
  const band = bandRows(output[0], (count) => count * output[1] <= pixelsGoal);
  const among = band < output[0] || images % parts > 0 ? 1 : images / parts;
  const together = bandRows(among, (count) => count * output[0] * output[1] <= pixelsGoal);
  const pixels = together * band * output[1];
  const isPacked = rows >= packedRows;
  const sums = new Buffer("sums of products", parts * rows * pitch);
  const products: Kernel = {
    label: `conv2dWeightGrad ${describe(shape)}`,
    reads: [g, x],
    writes: [sums],
    tasks: parts,
    scratch: isPacked ? pixels * width * 4 : 0,
    flops: 2 * pixelsOf(shape) * rows * columns,
    body: (f, task, scratch) => {
      const [image, last, row, first, panel, aAt, bAt, from, to, c, start, pixel] = f.locals("i32", 12);
      const copyPixel = (valid: number): Code =>
        seq(copyFloats(f, from, to, valid), zeroFloats(f, to, width - valid, valid));
      const pack = (valid: number): Code =>
        seq(
          set(from, bAt),
          set(to, scratch),
          repeat(pixel, pixels, [copyPixel(valid), advance(from, columns * 4), advance(to, width * 4)]),
          set(bAt, scratch),
        );
      const onePanel = (valid: number): Code =>
        seq(
          set(bAt, address([first, columns * 4], [panel, width * 4], b.address)),
          isPacked ? pack(valid) : [],
          set(aAt, address([first, rows * 4], a.address)),
          set(c, address(start, [panel, width * 4])),
          strip(f, tile, {
            a: aAt,
            b: bAt,
            c,
            rows,
            columns: isPacked ? width : valid,
            aRow: 4,
            cRow: pitch * 4,
            sum: [{ count: pixels, aStep: rows * 4, bStep: isPacked ? width * 4 : columns * 4 }],
            epilogue: { accumulate: true },
          }),
        );
      const oneBand = seq(
        set(first, i32.mul(address([image, output[0]], row), output[1])),
        eachPanel(panel, { n: columns, width }, onePanel),
      );
      return seq(
        set(start, address([task, rows * pitch * 4], sums.address)),
        zeroFloats(f, start, rows * pitch),
        eachImageOfPart(
          { image, last, part: task },
          { images, parts, step: together },
          forRange(row, 0, output[0], band, oneBand),
        ),
      );
    },
  };
  const [window, o, groups] = isTurned ? [channels, outputs, 1] : [1, channels, outputs];
  return [products, addParts({ parts, groups, window, o, paddedOutputs: pitch }, sums, dw)];
}
