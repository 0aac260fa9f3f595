/**
 * @file The weight's gradient of a 3×3 convolution by Winograd's F(3×3, 4×4): each tile's transformed image times its transformed
 * gradient, summed over all tiles, and only the sums transformed back.
 */
import type { WeightGradient } from "./convolution.ts";
import { describe, type ConvShape } from "../../compiler/conv-shape.ts";
import { address, advance, f32x4, forRange, i32, repeat, seq, set, v128, type Code, type Local } from "../emit/code.ts";
import { zeroFloats } from "./floats.ts";
import { Buffer, type Kernel } from "./kernel.ts";
import { eachPanel } from "./panels.ts";
import { bandRows, eachImageOfPart, parts as mostParts } from "./padded-rows.ts";
import { strip } from "./product.ts";
import { winogradWeightGradByFilters } from "./winograd-weight-grad-by-filters.ts";
import {
  betweenBytes,
  filterGradients,
  gradientTiles,
  imageTiles,
  inputs,
  positionBytes,
  positions,
  tileRowBytes,
  tiling,
  transformSquare,
  transformTiles,
  type Tiling,
} from "./winograd-transform.ts";

/** dL/dweight. */
export function winogradWeightGrad(gradient: WeightGradient): Kernel[] {
  const { tile, shape, g, x, dw } = gradient;
  const { images, channels: k, outputs: n, output } = shape;
  const width = tile.vectors * 4;
  const parts = partsFor(k, n);
  const plan = tiling(shape, {
    perTile: positions * (k + n) * 4,
    memory: Math.max(tileMemory, (positions * k * n * 4) / sumsToTiles),
    among: images % parts === 0 ? images / parts : 1,
  });
  if (isByFilters(shape, parts, plan)) return winogradWeightGradByFilters(gradient, plan);
  const image = imageTiles(shape, plan);
  const gradients = gradientTiles(shape, plan);
  const { down, band, tiles } = plan;
  const rowsBytes = Math.max(tileRowBytes(image), tileRowBytes(gradients));
  const [vStep, zStep] = [positionBytes(tiles * k), positionBytes(tiles * n)];
  const vBytes = positions * vStep;
  const sums = new Buffer("sums of products", parts * positions * k * n);
  const products: Kernel = {
    label: `conv2dWeightGrad ${describe(shape)}, Winograd`,
    reads: [g, x],
    writes: [sums],
    tasks: parts,
    scratch: betweenBytes + rowsBytes + vBytes + positions * zStep,
    flops: 2 * images * output[0] * output[1] * n * k * 9,
    body: (f, task, scratch) => {
      const [index, last, firstTileRow, rows, v, z] = f.locals("i32", 6);
      const [position, panel, a, b, c, start] = f.locals("i32", 6);
      const product = (columns: number): Code =>
        seq(
          set(a, address(z, [position, zStep])),
          set(b, address(v, [position, vStep], [panel, width * 4])),
          set(c, address(start, [position, k * n * 4], [panel, width * 4])),
          strip(f, tile, {
            a,
            b,
            c,
            rows: n,
            columns,
            aRow: 4,
            cRow: k * 4,
            sum: [{ count: tiles, aStep: n * 4, bStep: k * 4 }],
            epilogue: { accumulate: true },
          }),
        );
      const space = (result: Code) => ({ rows, result, between: scratch });
      const first = { image: index, tileRow: firstTileRow };
      const oneBand = seq(
        transformTiles(f, image, plan, { buffer: x, ...first }, space(v)),
        transformTiles(f, gradients, plan, { buffer: g, ...first }, space(z)),
        repeat(position, positions, eachPanel(panel, { n: k, width }, product)),
      );
      return seq(
        set(rows, i32.add(scratch, betweenBytes)),
        set(v, i32.add(rows, rowsBytes)),
        set(z, i32.add(v, vBytes)),
        set(start, address([task, positions * k * n * 4], sums.address)),
        zeroFloats(f, start, positions * k * n),
        eachImageOfPart(
          { image: index, last, part: task },
          { images, parts, step: plan.images },
          forRange(firstTileRow, 0, down, band, oneBand),
        ),
      );
    },
  };
  return [products, transformSums(k, n, parts, sums, dw)];
}

/** Private memory for tiles of images and gradients: sums are read and stored once for all of them. */
const tileMemory = 600 * 1024;
/** Sums are read and stored anew for each lot of tiles, so tiles take half of the sums' memory where that is more. */
const sumsToTiles = 2;
/** Memory for the parts' sums: all of them are read again at the end. */
const sumsMemory = 20 * 2 ** 20;

/** Into how many parts the images are divided: fewer where a part's sums are large, by the shape alone. */
function partsFor(k: number, n: number): number {
  return Math.max(4, Math.min(mostParts, Math.floor(sumsMemory / (positions * k * n * 4))));
}

/** Filters times channels from which there are enough tasks without parts of the images. */
const largeFilters = 128 * 128;

/**
 * Whether all transformed tiles, stored and read, are fewer numbers than the parts' sums. 64 images, one thread: 256 channels at 4×4 take
 * 3.7 ms so instead of 8.7, 128 at 8×8 4.5 instead of 5.3, but 64 at 16×16 12.8 instead of 5.1 (an AMD EPYC, other work beside).
 */
function isByFilters({ images, channels: k, outputs: n }: ConvShape, parts: number, { across, down }: Tiling): boolean {
  return k * n >= largeFilters && 2 * images * across * down * (k + n) <= parts * k * n;
}

/** Filters of a task. */
const taskFilters = 512;

/** Adds the parts of [36, n, k] in order, and transforms the sums into the weight's [n, 3, 3, k]. */
function transformSums(k: number, n: number, parts: number, sums: Buffer, dw: Buffer): Kernel {
  const rows = bandRows(n, (count) => count * k <= taskFilters);
  const bytes = rows * k * 4;
  return {
    label: `transform filter gradients ${k}×${n}`,
    reads: [sums],
    writes: [dw],
    tasks: n / rows,
    scratch: betweenBytes + positions * bytes,
    body: (f, task, scratch) => {
      const [added, position, at, from, end, row, to] = f.locals("i32", 7);
      const total = f.locals("v128", 2);
      const part = (i: number, v: number): Code => v128.load(from, i * positions * k * n * 4 + v * 16);
      const add = seq(
        ...total.map((local, v) => set(local, part(0, v))),
        ...Array.from({ length: parts - 1 }, (_, i) =>
          total.map((local, v) => set(local, f32x4.add(local, part(i + 1, v)))),
        ).flat(),
        ...total.map((local, v) => v128.store(at, local, v * 16)),
        advance(at, 32),
      );
      // One run of each part after the other: a step from position to position would meet the same few sets of the cache.
      const addAll = repeat(position, positions, [
        set(from, address([position, k * n * 4], [task, bytes], sums.address)),
        set(end, i32.add(from, bytes)),
        forRange(from, from, end, 32, add),
      ]);
      const load = (r: number, c: number, v: number): Code => v128.load(at, (r * inputs + c) * bytes + v * 16);
      const store = (r: number, c: number, values: readonly Local[]): Code =>
        seq(...values.map((value, v) => v128.store(to, value, (r * 3 + c) * k * 4 + v * 16)));
      const one = seq(
        transformSquare(f, filterGradients, { load, store, between: scratch }),
        advance(at, 32),
        advance(to, 32),
      );
      return seq(
        set(added, i32.add(scratch, betweenBytes)),
        set(at, added),
        addAll,
        set(at, added),
        repeat(row, rows, [
          set(to, address([address([task, rows], row), 9 * k * 4], dw.address)),
          repeat(end, k / 8, one),
        ]),
      );
    },
  };
}
