/**
 * @file Convolution as matrix products straight from the (padded) image, channels last: the channels of neighbouring
 * pixels follow each other, so a row of the window is one run of numbers and no patches need gathering.
 */
import type { Convolution, InputGradient } from "./convolution.ts";
import type { Box } from "../../compiler/box.ts";
import { describe, type ConvShape } from "../../compiler/conv-shape.ts";
import { address, i32, repeat, seq, set, type Code } from "../emit/code.ts";
import { copyBoxes } from "./copy.ts";
import type { Buffer, Kernel } from "./kernel.ts";
import {
  bandRows,
  findRows,
  imageAddress,
  isUnpadded,
  paddedGradient,
  paddedInput,
  rowBytes,
  scratchGoal,
  type PaddedImage,
} from "./padded-rows.ts";
import { eachPanel, groupBytes, packPanels, panelBytes, type Panels, type PanelSource } from "./panels.ts";
import { epilogueOf, finishReads, strip, type Finish } from "./product.ts";
import type { SumLoop, TileShape } from "./tile.ts";

/** y = conv(x, weight), NHWC and OHWI. */
export function convForward({ tile, shape, x, weight, y, epilogue }: Convolution): Kernel[] {
  const { channels, outputs, kernel, groups } = shape;
  const c = channels / groups;
  const o = outputs / groups;
  const window = kernel[0] * kernel[1] * c;
  const source: PanelSource = {
    buffer: weight,
    k: [{ count: window, step: 4 }],
    n: o,
    nStep: window * 4,
    groups,
    groupStep: o * window * 4,
  };
  const padded = paddedInput(shape);
  const { panels, kernel: pack } = packPanels("weight", source, tile.vectors * 4);
  return [
    pack,
    slide({ label: `conv2d ${describe(shape)}`, tile, shape: { ...shape, padded }, x, panels, y, epilogue }),
  ];
}

/** dL/dx: the gradient of y, spread by the stride, convolved with the weight turned round. */
export function convInputGrad({ tile, shape, g, weight, dx, epilogue }: InputGradient): Kernel[] {
  const { channels, outputs, kernel, groups, input } = shape;
  const c = channels / groups;
  const o = outputs / groups;
  const window = kernel[0] * kernel[1] * c;
  const source: PanelSource = {
    buffer: weight,
    offset: (kernel[0] * kernel[1] - 1) * c * 4,
    k: [
      { count: kernel[0], step: -kernel[1] * c * 4 },
      { count: kernel[1], step: -c * 4 },
      { count: o, step: window * 4 },
    ],
    n: c,
    nStep: 4,
    groups,
    groupStep: o * window * 4,
  };
  const padded = paddedGradient(shape);
  const label = `conv2dInputGrad ${describe(shape)}`;
  const turned = { ...shape, padded, output: input, channels: outputs, outputs: channels, stride: [1, 1] as const };
  const { panels, kernel: pack } = packPanels("turned weight", source, tile.vectors * 4);
  return [pack, slide({ label, tile, shape: turned, x: g, panels, y: dx, epilogue })];
}

/**
 * dL/dx of a strided convolution without the zeros that spreading puts in: pixels whose row and column are of the same
 * phase (the remainder by the stride) meet the same taps of the window, so each phase is a small convolution of stride 1, or zeros
 * where a window smaller than the stride leaves pixels out. For one group and no dilation.
 */
export function convInputGradByPhases({ tile, shape, g, weight, dx, epilogue }: InputGradient): Kernel[] {
  const { channels, outputs, kernel, stride, input, output } = shape;
  const window = kernel[0] * kernel[1] * channels;
  const leftOut: Box<Buffer>[] = [];
  const label = `conv2dInputGrad ${describe(shape)}, by stride phases`;
  const convolutions = stridePhases(shape, 0).flatMap((down) =>
    stridePhases(shape, 1).flatMap((across) => {
      if (down.taps === 0 || across.taps === 0) {
        leftOut.push(zerosOf(shape, down, across));
        return [];
      }
      const source: PanelSource = {
        buffer: weight,
        offset: (down.lastTap * kernel[1] + across.lastTap) * channels * 4,
        k: [
          { count: down.taps, step: -stride[0] * kernel[1] * channels * 4 },
          { count: across.taps, step: -stride[1] * channels * 4 },
          { count: outputs, step: window * 4 },
        ],
        n: channels,
        nStep: 4,
      };
      const padded: PaddedImage = {
        ...paddedInput({ input: output, channels: outputs, padding: [-down.first, -across.first] }),
        paddedHeight: down.pixels + down.taps - 1,
        paddedWidth: across.pixels + across.taps - 1,
      };
      const place = {
        first: down.phase * input[1] + across.phase,
        image: input[0] * input[1],
        row: stride[0] * input[1],
        column: stride[1],
      };
      const turned: Slide = {
        ...shape,
        padded,
        place,
        kernel: [down.taps, across.taps],
        output: [down.pixels, across.pixels],
        channels: outputs,
        outputs: channels,
        stride: [1, 1],
      };
      const { panels, kernel: pack } = packPanels("turned weight", source, tile.vectors * 4);
      return [pack, slide({ label, tile, shape: turned, x: g, panels, y: dx, epilogue })];
    }),
  );
  return leftOut.length === 0 ? convolutions : [...convolutions, copyBoxes("zeros between gradients", dx, leftOut)];
}

/** Zeros at the pixels of two phases. */
function zerosOf({ images, channels, stride, input }: ConvShape, down: Phase, across: Phase): Box<Buffer> {
  return {
    from: null,
    fromOffset: 0,
    toOffset: (down.phase * input[1] + across.phase) * channels,
    loops: [
      { size: images, from: 0, to: input[0] * input[1] * channels },
      { size: down.pixels, from: 0, to: stride[0] * input[1] * channels },
      { size: across.pixels, from: 0, to: stride[1] * channels },
      { size: channels, from: 0, to: 1 },
    ],
  };
}

/** The pixels at `phase`, `phase` + stride, … of an axis, and the gradient's elements that reach them. */
interface Phase {
  readonly phase: number;
  readonly pixels: number;
  /** Of the window, those that fall on such pixels: `lastTap`, `lastTap` - stride, … */
  readonly taps: number;
  readonly lastTap: number;
  /** The gradient's element that reaches the first pixel through `lastTap`. */
  readonly first: number;
}

function stridePhases({ kernel, stride, padding, input }: ConvShape, axis: 0 | 1): Phase[] {
  const step = stride[axis];
  return Array.from({ length: step }, (_, phase) => {
    const firstTap = (phase + padding[axis]) % step;
    const taps = Math.floor((kernel[axis] - 1 - firstTap) / step) + 1;
    const lastTap = firstTap + (taps - 1) * step;
    const pixels = Math.floor((input[axis] - 1 - phase) / step) + 1;
    return { phase, pixels, taps, lastTap, first: (phase + padding[axis] - lastTap) / step };
  });
}

type Slide = Pick<
  ConvShape,
  "images" | "channels" | "output" | "outputs" | "kernel" | "stride" | "dilation" | "groups"
> & {
  readonly padded: PaddedImage;
  /** Where results go, in pixels: those of every image, row and column, from the first; by default side by side. */
  readonly place?: { readonly first: number; readonly image: number; readonly row: number; readonly column: number };
};

/** A window over padded images, what it reads, and where results go. */
interface Sliding {
  readonly label: string;
  readonly tile: TileShape;
  readonly shape: Slide;
  readonly x: Buffer;
  readonly panels: Panels;
  readonly y: Buffer;
  readonly epilogue: Finish;
}

/** The window slid over padded images: a task is a band of one image's output rows. */
function slide({ label, tile, shape, x, panels, y, epilogue }: Sliding): Kernel {
  const { images, channels, output, outputs, kernel, stride, dilation, groups, padded } = shape;
  const { place = { first: 0, image: output[0] * output[1], row: output[1], column: 1 } } = shape;
  const c = channels / groups;
  const o = outputs / groups;
  const pixel = outputs * 4;
  const pitch = rowBytes(padded);
  const rowsFor = (band: number): number => (band - 1) * stride[0] + dilation[0] * (kernel[0] - 1) + 1;
  const unpadded = isUnpadded(padded);
  const band = bandRows(output[0], (rows) =>
    unpadded ? rows * output[1] <= 256 : rowsFor(rows) * pitch <= scratchGoal,
  );
  const bands = output[0] / band;
  return {
    label,
    reads: [x, panels.buffer, ...finishReads(epilogue)],
    writes: [y],
    tasks: images * bands,
    scratch: unpadded ? 0 : rowsFor(band) * pitch,
    flops: 2 * images * output[0] * output[1] * outputs * kernel[0] * kernel[1] * c,
    body: (f, task, scratch) => {
      const [image, firstRow, source, to, group, panel, row] = f.locals("i32", 7);
      const [a, b, out, outOffset] = f.locals("i32", 4);
      const { epilogue: finished, place: placeEpilogue } = epilogueOf(f, epilogue);
      const oneStrip = (columns: number): Code => {
        const inRow = address([group, o * 4], [panel, panels.width * 4]);
        return seq(
          set(a, address(source, [row, stride[0] * pitch], [group, c * 4])),
          set(b, address([group, groupBytes(panels)], [panel, panelBytes(panels)], panels.buffer.address)),
          set(
            outOffset,
            address(
              inRow,
              place.first * pixel,
              [image, place.image * pixel],
              [i32.add(firstRow, row), place.row * pixel],
            ),
          ),
          set(out, i32.add(outOffset, y.address)),
          placeEpilogue(outOffset, inRow),
          strip(f, tile, {
            a,
            b,
            c: out,
            rows: output[1],
            columns,
            aRow: stride[1] * channels * 4,
            cRow: place.column * pixel,
            sum: windowSum({ kernel, dilation, groups, c, channels }, pitch, panels.width),
            epilogue: finished,
          }),
        );
      };
      const rows = (columns: number): Code => repeat(row, band, oneStrip(columns));
      return seq(
        set(image, i32.divUnsigned(task, bands)),
        set(firstRow, i32.mul(i32.remUnsigned(task, bands), band)),
        set(source, imageAddress(x, padded, image)),
        findRows(f, padded, { rows: source, to, scratch }, i32.mul(firstRow, stride[0]), rowsFor(band)),
        repeat(group, groups, eachPanel(panel, panels, rows)),
      );
    },
  };
}

/** How the sum over the window walks A and B. */
function windowSum(
  {
    kernel,
    dilation,
    groups,
    c,
    channels,
  }: Pick<ConvShape, "kernel" | "dilation" | "groups" | "channels"> & { readonly c: number },
  pitch: number,
  width: number,
): SumLoop[] {
  const perChannel = width * 4;
  const rows = { count: kernel[0], aStep: dilation[0] * pitch, bStep: kernel[1] * c * perChannel };
  if (groups === 1 && dilation[1] === 1) return [rows, { count: kernel[1] * c, aStep: 4, bStep: perChannel }];
  return [
    rows,
    { count: kernel[1], aStep: dilation[1] * channels * 4, bStep: c * perChannel },
    { count: c, aStep: 4, bStep: perChannel },
  ];
}
