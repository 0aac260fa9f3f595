/**
 * @file The weight's gradient of a 3×3 convolution by Winograd's algorithm where filters are large and tiles are few: all tiles are
 * transformed first, then each task makes some filters' sums over all of them in private memory and transforms these back, so no sums
 * of parts go through memory.
 */
import {
  address,
  advance,
  forRange,
  i32,
  int,
  min,
  repeat,
  seq,
  set,
  v128,
  when,
  type Code,
  type Local,
} from "../emit/code.ts";
import type { WeightGradient } from "./convolution.ts";
import { describe, type ConvShape } from "../../compiler/conv-shape.ts";
import { Buffer, type Kernel } from "./kernel.ts";
import { bandRows } from "./padded-rows.ts";
import { strip } from "./product.ts";

import {
  betweenBytes,
  filterGradients,
  gradientTiles,
  imageTiles,
  inputs,
  positionBytes,
  positions,
  tileRowBytes,
  transformSquare,
  transformTiles,
  type TileSource,
  type Tiling,
} from "./winograd-transform.ts";

/** Filters of a task: fewer where that leaves too few tasks for threads to share. */
const taskFilters = 64;
const fewTaskFilters = 32;
const leastTasks = 16;
/** Channels of a task. */
const taskChannels = 64;
/**
 * Floats between one tile's channels and the next one's. NOTE: a line of the cache, since a task reads a few channels of all tiles, and
 * powers of two would put these into the same few places of the cache.
 */
const gap = 16;

/** dL/dweight. */
export function winogradWeightGradByFilters(
  { tile, shape, g, x, dw }: WeightGradient,
  { across, down }: Pick<Tiling, "across" | "down">,
): Kernel[] {
  const { images, channels: k, outputs: n, output } = shape;
  const tiles = images * down * across;
  const plan: Tiling = { across, down, band: down, images: 1, tiles };
  const v = transformed("images", imageTiles(shape, plan), shape, plan, x);
  const z = transformed("gradients", gradientTiles(shape, plan), shape, plan, g);
  const width = tile.vectors * 4;
  const columns = Math.ceil(Math.min(k, taskChannels) / width) * width;
  const chunks = Math.ceil(k / columns);
  const most = (n / taskFilters) * chunks < leastTasks ? fewTaskFilters : taskFilters;
  const rows = bandRows(n, (count) => count <= most);
  const sumsStep = positionBytes(rows * columns);
  const products: Kernel = {
    label: `conv2dWeightGrad ${describe(shape)}, Winograd, by filters`,
    reads: [v.buffer, z.buffer],
    writes: [dw],
    tasks: (n / rows) * chunks,
    scratch: betweenBytes + positions * sumsStep,
    flops: 2 * images * output[0] * output[1] * n * k * 9,
    body: (f, task, scratch) => {
      const [filter, channel, last, sums, position, column, a, b, c, row, at, to] = f.locals("i32", 12);
      const product = (valid: number): Code =>
        seq(
          set(a, address([position, z.step], [filter, 4], z.buffer.address)),
          set(b, address([position, v.step], [column, 4], v.buffer.address)),
          set(c, address(sums, [position, sumsStep], [i32.sub(column, channel), 4])),
          strip(f, tile, {
            a,
            b,
            c,
            rows,
            columns: valid,
            aRow: 4,
            cRow: columns * 4,
            sum: [{ count: tiles, aStep: (n + gap) * 4, bStep: (k + gap) * 4 }],
            epilogue: {},
          }),
        );
      const rest = k % width;
      const panel =
        rest === 0 || k < width
          ? product(rest || width)
          : when(i32.eq(column, k - rest), product(rest), product(width));
      const load = (r: number, s: number, lane: number): Code => v128.load(at, (r * inputs + s) * sumsStep + lane * 16);
      const store = (r: number, s: number, values: readonly Local[]): Code =>
        seq(...values.map((value, lane) => v128.store(to, value, (r * 3 + s) * k * 4 + lane * 16)));
      const eightChannels = seq(
        transformSquare(f, filterGradients, { load, store, between: scratch }),
        advance(at, 32),
        advance(to, 32),
      );
      return seq(
        set(filter, i32.mul(i32.divUnsigned(task, chunks), rows)),
        set(channel, i32.mul(i32.remUnsigned(task, chunks), columns)),
        set(last, min(i32.add(channel, columns), k)),
        set(sums, i32.add(scratch, betweenBytes)),
        repeat(position, positions, forRange(column, channel, last, width, panel)),
        repeat(row, rows, [
          set(at, address(sums, [row, columns * 4])),
          set(to, address([i32.add(filter, row), 9 * k * 4], [channel, 4], dw.address)),
          forRange(column, channel, last, 8, eightChannels),
        ]),
      );
    },
  };
  return [v.kernel, z.kernel, products];
}

/** All tiles of all images, transformed: [36][tiles][channels, and a gap], positions `step` bytes apart. A task does one image. */
function transformed(
  what: string,
  source: TileSource,
  { images }: ConvShape,
  plan: Tiling,
  from: Buffer,
): { readonly buffer: Buffer; readonly step: number; readonly kernel: Kernel } {
  const { channels } = source.padded;
  const tile = (channels + gap) * 4;
  const step = positionBytes(plan.tiles * (channels + gap));
  const buffer = new Buffer(`transformed ${what}`, (positions * step) / 4);
  const kernel: Kernel = {
    label: `transform ${what} ${plan.tiles}×${channels}`,
    reads: [from],
    writes: [buffer],
    tasks: images,
    scratch: betweenBytes + tileRowBytes(source),
    body: (f, task, scratch) =>
      transformTiles(
        f,
        source,
        plan,
        { buffer: from, image: task, tileRow: int(0) },
        {
          rows: i32.add(scratch, betweenBytes),
          result: address([task, plan.down * plan.across * tile], buffer.address),
          between: scratch,
          gap,
        },
      ),
  };
  return { buffer, step, kernel };
}
