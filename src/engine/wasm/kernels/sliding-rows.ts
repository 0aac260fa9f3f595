/**
 * @file A window that slides over rows of pixels where they lie in memory, each channel by itself: rows outside the image are
 * read from zeros, columns outside are left out.
 */
import { elementAt } from "../../../elements.ts";
import type { ConvShape } from "../../compiler/conv-shape.ts";
import { address, forRange, i32, int, repeat, select, seq, set, type Code, type Local } from "../emit/code.ts";
import type { FunctionBuilder } from "../emit/module.ts";
import { isUnpadded, type PaddedImage } from "./padded-rows.ts";
import { blocks } from "./product.ts";

/** A window, and the image that it slides over; `output` is how many places it has. */
export type Window = Pick<ConvShape, "output" | "kernel" | "stride" | "dilation"> & { readonly padded: PaddedImage };

/** A run of neighbouring results of a row, and what they read. */
export interface PixelBlock {
  readonly pixels: number;
  /** So many blocks follow each other. */
  readonly count: number;
  /** The image's column that the first one's columns count from, and how far the next one's is. */
  readonly first: number;
  readonly step: number;
  /** In order: each column that is read, and which tap of a row of the window takes it to which pixel. */
  readonly columns: readonly {
    readonly column: number;
    readonly meets: readonly { readonly pixel: number; readonly tap: number }[];
  }[];
}

/** Cuts a row of results into blocks of at most `most` pixels. */
export function pixelBlocks(window: Window, most: number): PixelBlock[] {
  const result: PixelBlock[] = [];
  let start = 0;
  for (const { height: pixels, count } of blocks(window.output[1], most)) {
    for (let i = 0; i < count; i++, start += pixels) {
      const block = blockAt(window, start, pixels);
      const before = result.at(-1);
      if (before && continues(before, block)) {
        const step = (block.first - before.first) / before.count;
        result[result.length - 1] = { ...before, count: before.count + 1, step };
      } else {
        result.push(block);
      }
    }
  }
  return result;
}

function blockAt({ kernel, stride, dilation, padded }: Window, start: number, pixels: number): PixelBlock {
  const found = new Map<number, { pixel: number; tap: number }[]>();
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let tap = 0; tap < kernel[1]; tap++) {
      const column = ((start + pixel) * stride[1] + tap * dilation[1] - padded.left) / padded.spread[1];
      if (!Number.isInteger(column) || column < 0 || column >= padded.width) continue;
      found.set(column, [...(found.get(column) ?? []), { pixel, tap }]);
    }
  }
  const first = Math.min(...found.keys(), padded.width);
  const columns = [...found]
    .map(([column, meets]) => ({ column: column - first, meets }))
    .sort((a, b) => a.column - b.column);
  return { pixels, count: 1, first, step: 0, columns };
}

function continues(before: PixelBlock, block: PixelBlock): boolean {
  const isSame = before.pixels === block.pixels && JSON.stringify(before.columns) === JSON.stringify(block.columns);
  return isSame && (before.count === 1 || block.first - before.first === before.count * before.step);
}

/** Bytes of zeros that stand for a row outside; none where all rows are inside. NOTE: the last vector of the last pixel may reach past it. */
export function zeroRowBytes({ padded }: Window): number {
  return isUnpadded(padded) ? 0 : padded.width * padded.channels * 4 + 16;
}

/** Code that sets `rows` to where the window's rows begin for the results of `row`: in the image, or at `zeros`. The local `unused` changes. */
export function setRows(
  { kernel, stride, dilation, padded }: Window,
  rows: readonly Local[],
  row: Code,
  { image, unused: at, zeros }: { readonly image: Local; readonly unused: Local; readonly zeros: Code },
): Code {
  const { top, height, width, channels, spread } = padded;
  const pitch = width * channels * 4;
  const each = Array.from({ length: kernel[0] }, (_, u) => {
    const inside = i32.ltUnsigned(at, (height - 1) * spread[0] + 1);
    const isRow = spread[0] === 1 ? inside : i32.and(inside, i32.eq(i32.remUnsigned(at, spread[0]), 0));
    const place = address(image, [spread[0] === 1 ? at : i32.divUnsigned(at, spread[0]), pitch]);
    return seq(
      set(at, i32.add(i32.mul(row, stride[0]), int(u * dilation[0] - top))),
      set(elementAt(rows, u), isUnpadded(padded) ? place : select(place, zeros, isRow)),
    );
  });
  return seq(...each);
}

/** Runs `body` for each block of a row of results; `shift` is where its `first` column is in an image's row, in bytes. */
export function eachBlock(
  f: FunctionBuilder,
  pixelBlocks: readonly PixelBlock[],
  pixelBytes: number,
  shift: Local,
  body: (block: PixelBlock) => Code,
): Code {
  return seq(
    ...pixelBlocks.map((block) => {
      const { first, step, count } = block;
      const code = body(block);
      if (step > 0)
        return forRange(shift, first * pixelBytes, (first + count * step) * pixelBytes, step * pixelBytes, code);
      return seq(set(shift, int(first * pixelBytes)), repeat(f.local("i32"), count, code));
    }),
  );
}
