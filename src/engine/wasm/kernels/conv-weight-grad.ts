/** @file The weight's gradient of a convolution, as matrix products of padded images and gradients summed over pixels. */
import type { WeightGradient } from "./convolution.ts";
import { describe, type ConvShape } from "../../compiler/conv-shape.ts";
import { address, advance, f32, f32x4, i32, repeat, seq, set, v128, type Code, type Local } from "../emit/code.ts";
import type { FunctionBuilder } from "../emit/module.ts";
import { storeColumns, zeroFloats } from "./floats.ts";
import { Buffer, eachItem, type Kernel } from "./kernel.ts";
import {
  bandRows,
  eachImageOfPart,
  findRows,
  imageAddress,
  isUnpadded,
  paddedInput,
  parts,
  rowBytes,
  scratchGoal,
} from "./padded-rows.ts";
import { strip } from "./product.ts";

/** Pixels of the gradient that one pass of the weight gradient sums: many, so that sums are seldom stored; few, so that they stay cached. */
const pixelsGoal = 256;
/** dL/dweight: for each place of the window, padded image times gradient, summed over pixels and images. */
export function convWeightGrad({ tile, shape, g, x, dw }: WeightGradient): Kernel[] {
  const { images, channels, output, outputs, kernel, stride, dilation, groups } = shape;
  const c = channels / groups;
  const o = outputs / groups;
  const width = tile.vectors * 4;
  const window = kernel[0] * kernel[1] * c;
  const paddedOutputs = Math.ceil(o / width) * width;
  const partial = new Buffer("weight gradient parts", parts * groups * window * paddedOutputs);
  const padded = paddedInput(shape);
  // The gradient of one group, its channels filled up to whole panels.
  const isGradientPacked = groups === 1 && paddedOutputs === outputs;
  const pitch = rowBytes(padded);
  const rowsFor = (band: number): number => (band - 1) * stride[0] + dilation[0] * (kernel[0] - 1) + 1;
  const unpaddedImage = isUnpadded(padded);
  const band = bandRows(
    output[0],
    (rows) => rows * output[1] <= pixelsGoal && (unpaddedImage || rowsFor(rows) * pitch <= scratchGoal),
  );
  const bands = output[0] / band;
  const imageScratch = unpaddedImage ? 0 : Math.ceil((rowsFor(band) * pitch) / 64) * 64;
  const gradientRow = isGradientPacked ? outputs * 4 : paddedOutputs * 4;
  const mergeColumns = groups === 1 && dilation[1] === 1;
  const sumKernel: Kernel = {
    label: `conv2dWeightGrad ${describe(shape)}`,
    reads: [g, x],
    writes: [partial],
    tasks: parts,
    scratch: imageScratch + (isGradientPacked ? 0 : band * output[1] * paddedOutputs * 4),
    flops: 2 * images * output[0] * output[1] * outputs * window,
    body: (f, task, scratch) => {
      const [image, lastImage, bandIndex, source, to, group, u, v, panel] = f.locals("i32", 9);
      const [a, b, out, gradient, partStart] = f.locals("i32", 5);
      const columnRuns = mergeColumns ? 1 : kernel[1];
      const runLength = mergeColumns ? kernel[1] * c : c;
      const oneStrip = seq(
        set(a, address(source, [group, c * 4], [u, dilation[0] * pitch], [v, dilation[1] * channels * 4])),
        set(b, address(gradient, [panel, width * 4])),
        set(
          out,
          address(
            partStart,
            [panel, width * 4],
            [address([address([group, kernel[0]], u), kernel[1] * c], [v, c]), paddedOutputs * 4],
          ),
        ),
        strip(f, tile, {
          a,
          b,
          c: out,
          rows: runLength,
          columns: width,
          aRow: 4,
          cRow: paddedOutputs * 4,
          sum: [
            { count: band, aStep: stride[0] * pitch, bStep: output[1] * gradientRow },
            { count: output[1], aStep: stride[1] * channels * 4, bStep: gradientRow },
          ],
          epilogue: { accumulate: true },
        }),
      );
      const gradientAddress = address(
        [address([image, output[0]], [bandIndex, band]), output[1] * outputs * 4],
        g.address,
      );
      const onePass = seq(
        set(source, imageAddress(x, padded, image)),
        findRows(f, padded, { rows: source, to, scratch }, i32.mul(bandIndex, band * stride[0]), rowsFor(band)),
        repeat(group, groups, [
          set(gradient, gradientAddress),
          isGradientPacked
            ? []
            : padChannels(f, { gradient, to: i32.add(scratch, imageScratch), group }, shape, {
                paddedOutputs,
                pixels: band * output[1],
              }),
          repeat(u, kernel[0], repeat(v, columnRuns, repeat(panel, paddedOutputs / width, oneStrip))),
        ]),
      );
      return seq(
        set(partStart, address([task, groups * window * paddedOutputs * 4], partial.address)),
        zeroFloats(f, partStart, groups * window * paddedOutputs),
        eachImageOfPart({ image, last: lastImage, part: task }, { images, parts }, repeat(bandIndex, bands, onePass)),
      );
    },
  };
  return [sumKernel, addParts({ parts, groups, window, o, paddedOutputs }, partial, dw)];
}

/** Copies one group's channels of `pixels` gradient pixels to `to`, zeros behind them, and leaves `gradient` there. */
function padChannels(
  f: FunctionBuilder,
  { gradient, to, group }: { readonly gradient: Local; readonly to: Code; readonly group: Local },
  { outputs, groups }: ConvShape,
  { paddedOutputs, pixels }: Readonly<Record<"paddedOutputs" | "pixels", number>>,
): Code {
  const o = outputs / groups;
  const [from, at, pixel] = f.locals("i32", 3);
  return seq(
    set(from, address(gradient, [group, o * 4])),
    set(at, to),
    repeat(pixel, pixels, [
      ...Array.from({ length: paddedOutputs }, (_, n) =>
        f32.store(at, n < o ? f32.load(from, n * 4) : f32.const(0), n * 4),
      ),
      advance(from, outputs * 4),
      advance(at, paddedOutputs * 4),
    ]),
    set(gradient, to),
  );
}

/** Adds the partial sums in order and turns [window, output] into [output, window]. */
export function addParts(
  {
    parts,
    groups,
    window,
    o,
    paddedOutputs,
  }: Readonly<Record<"parts" | "groups" | "window" | "o" | "paddedOutputs", number>>,
  partial: Buffer,
  dw: Buffer,
): Kernel {
  const rows = groups * window;
  const chunk = Math.max(1, Math.ceil(4096 / (paddedOutputs * parts)) * 4);
  return eachItem(
    { label: "add weight gradient parts", reads: [partial], writes: [dw], count: rows, chunk },
    (f, row) => {
      const [from, to, column, part, at] = f.locals("i32", 5);
      const total = f.local("v128");
      const lanes = (count: number): Code =>
        seq(
          set(at, from),
          set(total, f32x4.const(0)),
          repeat(part, parts, [set(total, f32x4.add(total, v128.load(at))), advance(at, rows * paddedOutputs * 4)]),
          window === 1
            ? storeColumns(to, total, 0, count, f)
            : seq(...Array.from({ length: count }, (_, lane) => v128.store32Lane(to, total, lane * window * 4, lane))),
        );
      return [
        set(from, address([row, paddedOutputs * 4], partial.address)),
        set(to, address([i32.divUnsigned(row, window), o * window * 4], [i32.remUnsigned(row, window), 4], dw.address)),
        repeat(column, Math.floor(o / 4), [lanes(4), advance(from, 16), advance(to, 4 * window * 4)]),
        o % 4 > 0 ? lanes(o % 4) : [],
      ];
    },
  );
}
