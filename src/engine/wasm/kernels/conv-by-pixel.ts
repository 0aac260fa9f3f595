/**
 * @file Convolution of maps of few pixels: each pixel of the result is a matrix product of its own, whose rows are the images. So products
 * are as tall as the batch where rows of pixels would be short, and taps of the window that fall on the padding are left out: more than
 * half of them where a window of 3×3 meets a map of 2×2.
 */
import type { Convolution, InputGradient } from "./convolution.ts";
import { describe, type ConvShape } from "../../compiler/conv-shape.ts";
import { address, i32, repeat, seq, set, type Code } from "../emit/code.ts";
import type { Buffer, Kernel } from "./kernel.ts";
import { bothAxes, meetings, pixelAddress, runsOf, type Run } from "./meetings.ts";
import { inPanel, packPanels, panelBytes, type Panels } from "./panels.ts";
import { epilogueOf, finishReads, strip, type Finish } from "./product.ts";
import type { SumLoop, TileShape } from "./tile.ts";

/** y = conv(x, weight), NHWC and OHWI, of one group. */
export function convForwardByPixel({ tile, shape, x, weight, y, epilogue }: Convolution): Kernel[] {
  const { channels, outputs, kernel } = shape;
  const window = kernel[0] * kernel[1] * channels;
  const { panels, kernel: pack } = packPanels(
    "weight",
    {
      buffer: weight,
      k: [{ count: window, step: 4 }],
      n: outputs,
      nStep: window * 4,
    },
    tile.vectors * 4,
  );
  const label = `conv2d ${describe(shape)}, by pixel`;
  return [pack, products(label, tile, shape, { from: "input", to: "output", a: x, panels, c: y, epilogue })];
}

/** dL/dx, of one group. */
export function convInputGradByPixel({ tile, shape, g, weight, dx, epilogue }: InputGradient): Kernel[] {
  const { channels, outputs, kernel } = shape;
  const taps = kernel[0] * kernel[1];
  const { panels, kernel: pack } = packPanels(
    "weight by taps",
    {
      buffer: weight,
      k: [
        { count: taps, step: channels * 4 },
        { count: outputs, step: taps * channels * 4 },
      ],
      n: channels,
      nStep: 4,
    },
    tile.vectors * 4,
  );
  const label = `conv2dInputGrad ${describe(shape)}, by pixel`;
  return [pack, products(label, tile, shape, { from: "output", to: "input", a: g, panels, c: dx, epilogue })];
}

interface Products {
  /** The map that is read, and the one that is made. */
  readonly from: "input" | "output";
  readonly to: "input" | "output";
  readonly a: Buffer;
  /** [taps, channels of the map that is read] */
  readonly panels: Panels;
  readonly c: Buffer;
  readonly epilogue: Finish;
}

/** A task makes the columns of one panel, of all pixels and images. */
function products(
  label: string,
  tile: TileShape,
  shape: ConvShape,
  { from, to, a, panels, c, epilogue }: Products,
): Kernel {
  const { images, kernel, channels, outputs, output } = shape;
  const [source, result] = [shape[from], shape[to]];
  const { width, n } = panels;
  const k = panels.k / (kernel[0] * kernel[1]);
  const [down, across] = bothAxes((axis) => runsOf(meetings(shape, axis), result[axis], to, [from, "tap"]));
  const tap = k * width * 4;
  const count = Math.ceil(n / width);
  return {
    label,
    reads: [a, panels.buffer, ...finishReads(epilogue)],
    writes: [c],
    tasks: count,
    flops: 2 * images * output[0] * output[1] * outputs * channels * kernel[0] * kernel[1],
    body: (f, task) => {
      const [panel, row, column, aAt, bAt, out, pixel] = f.locals("i32", 7);
      const { epilogue: finished, place } = epilogueOf(f, epilogue);
      const at = [row, column] as const;
      const onePixel = (y: Run, x: Run, columns: number): Code => {
        const [ySource, yTap] = y.factors;
        const [xSource, xTap] = x.factors;
        return seq(
          set(aAt, pixelAddress(a.address, [ySource, xSource], [source[1] * k * 4, k * 4], at)),
          set(bAt, pixelAddress(panel, [yTap, xTap], [kernel[1] * tap, tap], at)),
          set(pixel, pixelAddress(i32.mul(task, width * 4), [y.result, x.result], [result[1] * n * 4, n * 4], at)),
          set(out, i32.add(pixel, c.address)),
          place(pixel, i32.mul(task, width * 4)),
          strip(f, tile, {
            a: aAt,
            b: bAt,
            c: out,
            rows: images,
            columns,
            aRow: source[0] * source[1] * k * 4,
            cRow: result[0] * result[1] * n * 4,
            sum: windowSum(y, x, { rowBytes: source[1] * k * 4, columns: kernel[1], k, width }),
            epilogue: finished,
          }),
        );
      };
      const allPixels = (columns: number): Code =>
        seq(
          ...down.flatMap((y) =>
            across.map((x) => repeat(row, y.members, repeat(column, x.members, onePixel(y, x, columns)))),
          ),
        );
      return seq(
        set(panel, address([task, panelBytes(panels)], panels.buffer.address)),
        inPanel(task, panels, allPixels),
      );
    },
  };
}

/** The sum over a pixel's taps and, in each, the channels. */
function windowSum(
  y: Run,
  x: Run,
  { rowBytes, columns, k, width }: Readonly<Record<"rowBytes" | "columns" | "k" | "width", number>>,
): SumLoop[] {
  const [ySource, yTap] = y.factors;
  const [xSource, xTap] = x.factors;
  const tap = k * width * 4;
  const rows = { count: y.terms, aStep: ySource.termStep * rowBytes, bStep: yTap.termStep * columns * tap };
  const isOneRun = x.terms < 2 || (xSource.termStep === 1 && xTap.termStep === 1);
  if (isOneRun) return [rows, { count: x.terms * k, aStep: 4, bStep: width * 4 }];
  return [
    rows,
    { count: x.terms, aStep: xSource.termStep * k * 4, bStep: xTap.termStep * tap },
    { count: k, aStep: 4, bStep: width * 4 },
  ];
}
