/** @file Rows of an image copied into private memory with their zero border, so that the kernels need no special case at the edges. */
import {
  address,
  advance,
  f32,
  f32x4,
  forRange,
  get,
  i32,
  int,
  seq,
  set,
  v128,
  when,
  type Code,
  type Local,
} from "../emit/code.ts";
import type { FunctionBuilder } from "../emit/module.ts";
import type { ConvShape } from "./conv-shape.ts";
import type { Buffer } from "./kernel.ts";

/**
 * How an image [height, width, channels] lies in its bordered form: bordered (y, x) is image
 * ((y - top) / spread[0], (x - left) / spread[1]) where that is whole and inside, and zero elsewhere. A spread above 1 is the
 * gradient of a strided convolution.
 */
export interface Border {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly top: number;
  readonly left: number;
  readonly spread: readonly [number, number];
  readonly borderedHeight: number;
  readonly borderedWidth: number;
  /** Channels of a bordered pixel, the added ones zero. */
  readonly borderedChannels: number;
}

/** An image with its convolution's padding, to be read by a window in steps. */
export function paddedBorder({ input, channels, padding }: Pick<ConvShape, "input" | "channels" | "padding">): Border {
  return {
    height: input[0],
    width: input[1],
    channels,
    top: padding[0],
    left: padding[1],
    spread: [1, 1],
    borderedHeight: input[0] + 2 * padding[0],
    borderedWidth: input[1] + 2 * padding[1],
    borderedChannels: channels,
  };
}

/** The gradient of a convolution's result, as the input's gradient reads it: spread by the stride, bordered for the turned window. */
export function spreadBorder({ input, output, outputs, kernel, stride, padding, dilation }: ConvShape): Border {
  return {
    height: output[0],
    width: output[1],
    channels: outputs,
    top: dilation[0] * (kernel[0] - 1) - padding[0],
    left: dilation[1] * (kernel[1] - 1) - padding[1],
    spread: stride,
    borderedHeight: input[0] + dilation[0] * (kernel[0] - 1),
    borderedWidth: input[1] + dilation[1] * (kernel[1] - 1),
    borderedChannels: outputs,
  };
}

/** Bytes of a bordered row. */
export function rowBytes({ borderedWidth, borderedChannels }: Border): number {
  return borderedWidth * borderedChannels * 4;
}

/** Whether the image can be read where it lies. */
export function isBare(border: Border): boolean {
  const { top, left, spread, height, width, channels } = border;
  const isMoved = top !== 0 || left !== 0 || spread[0] !== 1 || spread[1] !== 1;
  return (
    !isMoved &&
    border.borderedHeight <= height &&
    border.borderedWidth === width &&
    border.borderedChannels === channels
  );
}

/** Copies `rows` bordered rows from row `firstRow` of the image at address `image` to `to`; neither local is kept. */
export function stageRows(
  f: FunctionBuilder,
  border: Border,
  image: Local,
  firstRow: Code,
  rows: number,
  to: Local,
): Code {
  const { height, width, channels, top, left, spread, borderedWidth, borderedChannels } = border;
  const row = f.local("i32");
  const y = f.local("i32");
  const from = f.local("i32");
  // Image columns that land inside the bordered row.
  const firstX = Math.max(0, Math.ceil(-left / spread[1]));
  const lastX = Math.min(width - 1, Math.floor((borderedWidth - 1 - left) / spread[1]));
  const count = Math.max(0, lastX - firstX + 1);
  const start = (firstX * spread[1] + left) * borderedChannels;
  const dense = spread[1] === 1 && channels === borderedChannels;
  const end = dense ? start + count * channels : 0;
  const total = borderedWidth * borderedChannels;

  const copyPixels = dense
    ? copyFloats(f, from, to, firstX * channels, start, count * channels)
    : copySpread(f, from, to, { count, channels, firstX, start, step: spread[1] * borderedChannels });
  const filled = dense ? seq(zeroFloats(f, to, start), zeroFloats(f, to, total - end, end)) : zeroFloats(f, to, total);
  const inside = seq(
    set(y, spread[0] === 1 ? get(row) : i32.divUnsigned(get(row), spread[0])),
    set(from, address(image, [y, width * channels * 4])),
    filled,
    copyPixels,
  );
  // row counts from the image's top: negative above it. As unsigned numbers those are large, hence outside.
  const isInside = i32.ltUnsigned(get(row), (height - 1) * spread[0] + 1);
  const onGrid = spread[0] === 1 ? isInside : i32.and(isInside, i32.eq(i32.remUnsigned(get(row), spread[0]), 0));
  const turn = f.local("i32");
  return seq(
    set(row, i32.sub(firstRow, top)),
    forRange(
      turn,
      0,
      rows,
      1,
      seq(when(onGrid, inside, zeroFloats(f, to, total)), advance(row, 1), advance(to, total * 4)),
    ),
  );
}

/** The address of image number `index` of a buffer of such images. */
export function imageAddress(buffer: Buffer, { height, width, channels }: Border, index: Code): Code {
  return address([index, height * width * channels * 4], buffer.address);
}

/** Copies `count` floats, from `fromAt` floats behind `from` to `toAt` behind `to`. */
export function copyFloats(
  f: FunctionBuilder,
  from: Local,
  to: Local,
  fromAt: number,
  toAt: number,
  count: number,
): Code {
  return floats(f, count, [from, to], ([source, target], offset, vector) =>
    vector
      ? v128.store(get(target!), v128.load(get(source!), fromAt * 4 + offset), toAt * 4 + offset)
      : f32.store(get(target!), f32.load(get(source!), fromAt * 4 + offset), toAt * 4 + offset),
  );
}

/** Sets `count` floats to zero, from `at` floats behind `to`. */
export function zeroFloats(f: FunctionBuilder, to: Local, count: number, at = 0): Code {
  return fillFloats(f, to, count, 0, at);
}

/** Sets `count` floats to one value, from `at` floats behind `to`. */
export function fillFloats(f: FunctionBuilder, to: Local, count: number, value: number, at = 0): Code {
  return floats(f, count, [to], ([target], offset, vector) =>
    vector
      ? v128.store(get(target!), f32x4.const(value), at * 4 + offset)
      : f32.store(get(target!), f32.const(value), at * 4 + offset),
  );
}

/** Does something for `count` floats, eight vectors at a time, then vectors, then single floats. */
function floats(
  f: FunctionBuilder,
  count: number,
  pointers: readonly Local[],
  one: (pointers: readonly Local[], offset: number, vector: boolean) => Code,
): Code {
  if (count <= 0) return [];
  const moving = pointers.map(() => f.local("i32"));
  const counter = f.local("i32");
  const turns = Math.floor(count / 32);
  const parts: Code[] = [];
  for (let done = turns * 32; done < count;) {
    const vector = done + 4 <= count;
    parts.push(one(moving, (done - turns * 32) * 4, vector));
    done += vector ? 4 : 1;
  }
  return seq(
    ...moving.map((local, i) => set(local, get(pointers[i]!))),
    forRange(
      counter,
      0,
      turns,
      1,
      seq(
        ...Array.from({ length: 8 }, (_, v) => one(moving, v * 16, true)),
        ...moving.map((local) => advance(local, 128)),
      ),
    ),
    ...parts,
  );
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
    set(source, i32.add(get(from), int(firstX * channels * 4))),
    set(target, i32.add(get(to), int(start * 4))),
    forRange(
      counter,
      0,
      count,
      1,
      seq(copyFloats(f, source, target, 0, 0, channels), advance(source, channels * 4), advance(target, step * 4)),
    ),
  );
}
