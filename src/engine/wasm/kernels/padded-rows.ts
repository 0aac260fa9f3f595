/** @file A convolution's images with zero padding: rows copied into private memory, so that kernels need no special case at the edges. */
import type { ConvShape } from "../../compiler/conv-shape.ts";
import {
  address,
  advance,
  forRange,
  i32,
  int,
  repeat,
  seq,
  set,
  when,
  type Body,
  type Code,
  type Local,
} from "../emit/code.ts";
import type { FunctionBuilder } from "../emit/module.ts";
import { copyFloats, zeroFloats } from "./floats.ts";
import type { Buffer } from "./kernel.ts";

/** Private memory a thread may fill with padded rows: they should stay in its second-level cache. */
export const scratchGoal = 192 * 1024;

/** The most rows that divide the image evenly and still fit. */
export function bandRows(rows: number, fits: (band: number) => boolean): number {
  for (let band = rows; band > 1; band--) if (rows % band === 0 && fits(band)) return band;
  return 1;
}

/** Into how many partial sums a weight's gradient divides the images, whatever the number of threads. */
export const parts = 16;

/** Runs `body` for the images of part number `part`, from `image` to before `last`, `step` at a time. */
export function eachImageOfPart(
  { image, last, part }: Readonly<Record<"image" | "last" | "part", Local>>,
  { images, parts, step = 1 }: { readonly images: number; readonly parts: number; readonly step?: number },
  body: Body,
): Code {
  return seq(
    set(last, i32.divUnsigned(i32.mul(i32.add(part, 1), images), parts)),
    forRange(image, i32.divUnsigned(i32.mul(part, images), parts), last, step, body),
  );
}

/**
 * How an image [height, width, channels] lies in its padded form: padded (y, x) is image
 * ((y - top) / spread[0], (x - left) / spread[1]) where that is whole and inside, and zero elsewhere. A spread above 1 is the
 * gradient of a strided convolution.
 */
export interface PaddedImage {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly top: number;
  readonly left: number;
  readonly spread: readonly [number, number];
  readonly paddedHeight: number;
  readonly paddedWidth: number;
  /** Channels of a padded pixel, the added ones zero. */
  readonly paddedChannels: number;
}

/** An image with its convolution's padding, to be read by a window in steps. */
export function paddedInput({
  input,
  channels,
  padding,
}: Pick<ConvShape, "input" | "channels" | "padding">): PaddedImage {
  return {
    height: input[0],
    width: input[1],
    channels,
    top: padding[0],
    left: padding[1],
    spread: [1, 1],
    paddedHeight: input[0] + 2 * padding[0],
    paddedWidth: input[1] + 2 * padding[1],
    paddedChannels: channels,
  };
}

/** The gradient of a convolution's result, as the input's gradient reads it: spread by the stride, padded for the turned window. */
export function paddedGradient({ input, output, outputs, kernel, stride, padding, dilation }: ConvShape): PaddedImage {
  return {
    height: output[0],
    width: output[1],
    channels: outputs,
    top: dilation[0] * (kernel[0] - 1) - padding[0],
    left: dilation[1] * (kernel[1] - 1) - padding[1],
    spread: stride,
    paddedHeight: input[0] + dilation[0] * (kernel[0] - 1),
    paddedWidth: input[1] + dilation[1] * (kernel[1] - 1),
    paddedChannels: outputs,
  };
}

/** Bytes of a padded row. */
export function rowBytes({ paddedWidth, paddedChannels }: PaddedImage): number {
  return paddedWidth * paddedChannels * 4;
}

/** Whether the image can be read where it lies. */
export function isUnpadded(padded: PaddedImage): boolean {
  const { top, left, spread, height, width, channels } = padded;
  const isMoved = top !== 0 || left !== 0 || spread[0] !== 1 || spread[1] !== 1;
  return (
    !isMoved && padded.paddedHeight <= height && padded.paddedWidth === width && padded.paddedChannels === channels
  );
}

/**
 * Code that takes `rows`, the address of an image, to its padded rows from number `first` on: where they lie, or to `count` of them that are
 * copied to `scratch`. `to` is used meanwhile.
 */
export function findRows(
  f: FunctionBuilder,
  padded: PaddedImage,
  { rows, to, scratch }: { readonly rows: Local; readonly to: Local; readonly scratch: Code },
  first: Code,
  count: number,
): Code {
  if (isUnpadded(padded)) return set(rows, address(rows, [first, rowBytes(padded)]));
  return seq(set(to, scratch), copyPaddedRows(f, padded, { image: rows, first, count }, to), set(rows, scratch));
}

/** Padded rows of an image at an address, from number `first` on. */
interface RowRange {
  readonly image: Local;
  readonly first: Code;
  readonly count: number;
}

/** Copies padded rows to `to`; the locals `image` and `to` change. */
function copyPaddedRows(f: FunctionBuilder, padded: PaddedImage, range: RowRange, to: Local): Code {
  const { height, width, channels, top, left, spread, paddedWidth, paddedChannels } = padded;
  const row = f.local("i32");
  const y = f.local("i32");
  const from = f.local("i32");
  // Image columns that land inside the padded row.
  const firstX = Math.max(0, Math.ceil(-left / spread[1]));
  const lastX = Math.min(width - 1, Math.floor((paddedWidth - 1 - left) / spread[1]));
  const count = Math.max(0, lastX - firstX + 1);
  const start = (firstX * spread[1] + left) * paddedChannels;
  const dense = spread[1] === 1 && channels === paddedChannels;
  const end = dense ? start + count * channels : 0;
  const total = paddedWidth * paddedChannels;

  const copyPixels = dense
    ? copyFloats(f, from, to, count * channels, { skip: firstX * channels, at: start })
    : copySpread(f, from, to, { count, channels, firstX, start, step: spread[1] * paddedChannels });
  const filled = dense ? seq(zeroFloats(f, to, start), zeroFloats(f, to, total - end, end)) : zeroFloats(f, to, total);
  const inside = seq(
    set(y, spread[0] === 1 ? row : i32.divUnsigned(row, spread[0])),
    set(from, address(range.image, [y, width * channels * 4])),
    filled,
    copyPixels,
  );
  // row counts from the image's top: negative above it. As unsigned numbers those are large, hence outside.
  const isInside = i32.ltUnsigned(row, (height - 1) * spread[0] + 1);
  const onGrid = spread[0] === 1 ? isInside : i32.and(isInside, i32.eq(i32.remUnsigned(row, spread[0]), 0));
  const turn = f.local("i32");
  return seq(
    set(row, i32.sub(range.first, top)),
    repeat(turn, range.count, [
      when(onGrid, inside, zeroFloats(f, to, total)),
      advance(row, 1),
      advance(to, total * 4),
    ]),
  );
}

/** The address of image number `index` of a buffer of such images. */
export function imageAddress(buffer: Buffer, { height, width, channels }: PaddedImage, index: Code): Code {
  return address([index, height * width * channels * 4], buffer.address);
}

interface Spread {
  readonly count: number;
  readonly channels: number;
  readonly firstX: number;
  readonly start: number;
  readonly step: number;
}

function copySpread(
  f: FunctionBuilder,
  from: Local,
  to: Local,
  { count, channels, firstX, start, step }: Spread,
): Code {
  const source = f.local("i32");
  const target = f.local("i32");
  const counter = f.local("i32");
  return seq(
    set(source, i32.add(from, int(firstX * channels * 4))),
    set(target, i32.add(to, int(start * 4))),
    repeat(counter, count, [
      copyFloats(f, source, target, channels),
      advance(source, channels * 4),
      advance(target, step * 4),
    ]),
  );
}
