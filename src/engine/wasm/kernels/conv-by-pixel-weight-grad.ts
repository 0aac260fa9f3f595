/**
 * @file The weight's gradient of a convolution of maps of few pixels: for each tap of the window one matrix product, summed over the pixels
 * and images that the tap meets, so that filters are written once and no sums of parts are left to be added.
 */
import type { WeightGradient } from "./convolution.ts";
import { describe } from "../../compiler/conv-shape.ts";
import { address, advance, forRange, i32, min, repeat, seq, set, type Code, type Local } from "../emit/code.ts";
import type { FunctionBuilder } from "../emit/module.ts";
import { copyFloats, zeroFloats } from "./floats.ts";
import type { Kernel } from "./kernel.ts";
import {
  bothAxes,
  latticeOf,
  meetings,
  pixelAddress,
  runsOf,
  type Factor,
  type Lattice,
  type Run,
} from "./meetings.ts";
import { inPanel } from "./panels.ts";
import { bandRows } from "./padded-rows.ts";
import { strip } from "./product.ts";

/** Filters of a task. */
const taskFilters = 64;
/** Panels of channels that they meet. */
const taskPanels = 8;

/** dL/dweight, of one group. A task makes some filters' columns of some panels. */
export function convWeightGradByPixel({ tile, shape, g, x, dw }: WeightGradient): Kernel[] {
  const { images, input, channels, output, outputs, kernel } = shape;
  const width = tile.vectors * 4;
  const panels = Math.ceil(channels / width);
  const rows = bandRows(outputs, (count) => count <= taskFilters);
  const chunk = Math.min(panels, taskPanels);
  const chunks = Math.ceil(panels / chunk);
  const window = kernel[0] * kernel[1];
  const axes = bothAxes((axis) => {
    const met = meetings(shape, axis);
    return { runs: runsOf(met, kernel[axis], "tap", ["output", "input"]), seen: latticeOf(met.map((at) => at.input)) };
  });
  const [down, across] = axes;
  // Private copies, gathered pixel by pixel: [height, width, images, some of the channels].
  const gradients = {
    images,
    map: output,
    channels: outputs,
    kept: rows,
    pixels: bothAxes((axis) => everyOf(output[axis])),
  };
  const inputs = { images, map: input, channels, kept: width, pixels: bothAxes((axis) => axes[axis].seen) };
  const products: Kernel = {
    label: `conv2dWeightGrad ${describe(shape)}, by pixel`,
    reads: [g, x],
    writes: [dw],
    tasks: (outputs / rows) * chunks,
    scratch: gatheredBytes(gradients) + gatheredBytes(inputs),
    flops: 2 * images * output[0] * output[1] * outputs * window * channels,
    body: (f, task, scratch) => {
      const [firstFilter, panel, lastPanel, from, seen, row, column, a, b, c, start] = f.locals("i32", 11);
      const at = [row, column] as const;
      const oneTap = (y: Run, x: Run, columns: number): Code => {
        const [gRow, gColumn] = stepsOf(gradients);
        const [xRow, xColumn] = stepsOf(inputs);
        const [yOut, yIn] = y.factors;
        const [xOut, xIn] = x.factors;
        const [inRow, inColumn] = [placeIn(down.seen, yIn), placeIn(across.seen, xIn)];
        return seq(
          set(a, pixelAddress(scratch, [yOut, xOut], [gRow, gColumn], at)),
          set(b, pixelAddress(seen, [inRow, inColumn], [xRow, xColumn], at)),
          set(c, pixelAddress(start, [y.result, x.result], [kernel[1] * channels * 4, channels * 4], at)),
          strip(f, tile, {
            a,
            b,
            c,
            rows,
            columns,
            aRow: 4,
            cRow: window * channels * 4,
            sum: [
              { count: y.terms, aStep: yOut.termStep * gRow, bStep: inRow.termStep * xRow },
              { count: x.terms, aStep: xOut.termStep * gColumn, bStep: inColumn.termStep * xColumn },
              { count: images, aStep: rows * 4, bStep: width * 4 },
            ],
            epilogue: {},
          }),
        );
      };
      const onePanel = (columns: number): Code =>
        seq(
          set(from, address([panel, width * 4], x.address)),
          gather(f, { ...inputs, valid: columns }, from, seen),
          set(start, address([firstFilter, window * channels * 4], [panel, width * 4], dw.address)),
          ...down.runs.flatMap((y) =>
            across.runs.map((x) => repeat(row, y.members, repeat(column, x.members, oneTap(y, x, columns)))),
          ),
        );
      return seq(
        set(firstFilter, i32.mul(i32.divUnsigned(task, chunks), rows)),
        set(panel, i32.mul(i32.remUnsigned(task, chunks), chunk)),
        set(lastPanel, min(i32.add(panel, chunk), panels)),
        set(seen, i32.add(scratch, gatheredBytes(gradients))),
        set(from, address([firstFilter, 4], g.address)),
        gather(f, { ...gradients, valid: rows }, from, scratch),
        forRange(panel, panel, lastPanel, 1, inPanel(panel, { n: channels, width }, onePanel)),
      );
    },
  };
  return [products];
}

/** Pixels of all images' maps, with `kept` of their channels. */
interface Gathered {
  readonly images: number;
  readonly map: readonly [number, number];
  readonly channels: number;
  readonly kept: number;
  readonly pixels: readonly [Lattice, Lattice];
}

/** Bytes from row to row, and from column to column. */
function stepsOf({ images, kept, pixels }: Gathered): readonly [number, number] {
  const column = images * kept * 4;
  return [pixels[1].count * column, column];
}

function gatheredBytes(gathered: Gathered): number {
  return gathered.pixels[0].count * stepsOf(gathered)[0];
}

/** Copies `valid` channels from `from` on of all images to `to`, and zeros behind them. */
function gather(
  f: FunctionBuilder,
  { images, map, channels, kept, pixels, valid }: Gathered & { readonly valid: number },
  from: Local,
  to: Local,
): Code {
  const [row, column, image, source, target] = f.locals("i32", 5);
  const [down, across] = pixels;
  const pixel = channels * 4;
  return seq(
    set(target, to),
    repeat(
      row,
      down.count,
      repeat(column, across.count, [
        set(source, pixelAddress(from, pixels, [map[1] * pixel, pixel], [row, column])),
        repeat(image, images, [
          copyFloats(f, source, target, valid),
          zeroFloats(f, target, kept - valid, valid),
          advance(source, map[0] * map[1] * pixel),
          advance(target, kept * 4),
        ]),
      ]),
    ),
  );
}

function everyOf(count: number): Lattice {
  return { first: 0, step: 1, count };
}

/** Where a factor lies among numbers that were kept. */
function placeIn({ first, step }: Lattice, factor: Factor): Factor {
  return { first: (factor.first - first) / step, step: factor.step / step, termStep: factor.termStep / step };
}
