/** @file Loops over the pixels of maps, eight channels at a time, with a pointer into each map. */
import { advance, repeat, seq, type Code, type Local } from "../wasm/emit/code.ts";
import type { FunctionBuilder } from "../wasm/emit/module.ts";

/** So many pixels of so many eights of channels. */
export interface Extent {
  readonly height: number;
  readonly width: number;
  readonly eights: number;
}

/** How far apart lie eights of channels, pixels and rows, in bytes. */
export interface Strides {
  readonly eight: number;
  readonly pixel: number;
  readonly row: number;
}

/** Runs `body` for each eight channels of each pixel. The pointers begin at the first ones, and are left anywhere. */
export function eachEight(
  f: FunctionBuilder,
  extent: Extent,
  pointers: readonly { readonly pointer: Local; readonly strides: Strides }[],
  body: Code,
): Code {
  const { height, width, eights } = extent;
  const all = pointers.map(({ strides }) => strides);
  const isLine = all.every(({ eight, pixel }) => pixel === eights * eight);
  const isWhole = isLine && all.every(({ pixel, row }) => row === width * pixel);
  const [y, x, c] = f.locals("i32", 3);
  const move = (by: (strides: Strides) => number): Code =>
    seq(...pointers.map(({ pointer, strides }) => (by(strides) === 0 ? [] : advance(pointer, by(strides)))));
  const eight = seq(
    body,
    move((strides) => strides.eight),
  );
  if (isWhole) return repeat(c, height * width * eights, eight);
  const line = isLine
    ? repeat(c, width * eights, eight)
    : repeat(x, width, [repeat(c, eights, eight), move((strides) => strides.pixel - eights * strides.eight)]);
  return repeat(y, height, [line, move(({ row, pixel }) => row - width * pixel)]);
}
