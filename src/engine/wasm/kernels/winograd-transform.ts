/**
 * @file Winograd's minimal filtering F(4, 3) in one dimension: 4 outputs of a 3-tap filter from 6 inputs by 6 products, and its
 * transposes. y = Aᵀ[(G·g) ⊙ (Bᵀ·d)]. Lavin & Gray, "Fast Algorithms for Convolutional Neural Networks", 2016,
 * https://arxiv.org/abs/1509.09308
 *
 * The algorithm evaluates polynomials at 0, ±p, ±q and ∞. The usual ±1, ±2 round about twice as much as ±3/4, ±3/2, whose
 * powers are all exact in float32 (docs/engines.md has the figures; Barabasz et al., "Error Analysis and Improving the Accuracy of
 * Winograd Convolution for Deep Neural Networks", 2018, https://arxiv.org/abs/1803.10986, says why).
 */
import { elementAt } from "../../../elements.ts";
import type { ConvShape } from "../../compiler/conv-shape.ts";
import { address, advance, exactly, f32x4, i32, repeat, seq, set, v128, type Code, type Local } from "../emit/code.ts";
import type { FunctionBuilder } from "../emit/module.ts";
import type { Buffer } from "./kernel.ts";
import {
  bandRows,
  findRows,
  imageAddress,
  isUnpadded,
  paddedInput,
  rowBytes,
  type PaddedImage,
} from "./padded-rows.ts";

/** Outputs of a tile along one axis. */
export const outputs = 4;
/** Inputs, and products, of a tile along one axis. */
export const inputs = 6;

const p = 3 / 4;
const q = 3 / 2;

type Vector = readonly Local[];

/** Code that sets the first list of locals from the second. */
export type Transform = (f: FunctionBuilder, to: Vector, from: Vector) => Code;

const times = (factor: number, x: Code): Code => f32x4.mul(f32x4.const(factor), x);
const add = f32x4.add;
const sub = f32x4.sub;

/** t = Bᵀ·d, 6 from 6: an image tile. */
const inputTransform: Transform = (f, to, d) => {
  const [t0, t1, t2, t3, t4, t5] = exactly(6, to);
  const [even, odd] = f.locals("v128", 2);
  const [d0, d1, d2, d3, d4, d5] = exactly(6, d);
  const pair = (plus: Local, minus: Local, own: number, other: number): Code =>
    seq(
      set(even, sub(d4, times(other * other, d2))),
      set(odd, times(own, sub(d3, times(other * other, d1)))),
      set(plus, add(even, odd)),
      set(minus, sub(even, odd)),
    );
  const ends = (a: Code, b: Code, c: Code): Code => add(sub(times(p * p * q * q, a), times(p * p + q * q, b)), c);
  return seq(pair(t1, t2, p, q), pair(t3, t4, q, p), set(t0, ends(d0, d2, d4)), set(t5, ends(d1, d3, d5)));
};

/** u = G·g, 6 from 3: a filter. */
export const filterTransform: Transform = (f, to, g) => {
  const [t0, t1, t2, t3, t4, t5] = exactly(6, to);
  const [even, odd] = f.locals("v128", 2);
  const [g0, g1, g2] = exactly(3, g);
  const pair = (plus: Local, minus: Local, own: number, other: number): Code => {
    const scale = 1 / (2 * own * own * (own * own - other * other));
    return seq(
      set(even, add(times(scale, g0), times(scale * own * own, g2))),
      set(odd, times(scale * own, g1)),
      set(plus, add(even, odd)),
      set(minus, sub(even, odd)),
    );
  };
  return seq(set(t0, times(1 / (p * p * q * q), g0)), pair(t1, t2, p, q), pair(t3, t4, q, p), set(t5, g2));
};

/** y = Aᵀ·m, 4 from 6: products. */
export const outputTransform: Transform = (f, to, m) => {
  const [t0, t1, t2, t3] = exactly(4, to);
  const [sumP, differenceP, sumQ, differenceQ] = f.locals("v128", 4);
  const [m0, m1, m2, m3, m4, m5] = exactly(6, m);
  return seq(
    set(sumP, add(m1, m2)),
    set(differenceP, sub(m1, m2)),
    set(sumQ, add(m3, m4)),
    set(differenceQ, sub(m3, m4)),
    set(t0, add(m0, add(sumP, sumQ))),
    set(t1, add(times(p, differenceP), times(q, differenceQ))),
    set(t2, add(times(p ** 2, sumP), times(q ** 2, sumQ))),
    set(t3, add(add(times(p ** 3, differenceP), times(q ** 3, differenceQ)), m5)),
  );
};

/** z = A·g, 6 from 4: an output's gradient, for the filter's gradient. */
const gradientTransform: Transform = (f, to, y) => {
  const [t0, t1, t2, t3, t4, t5] = exactly(6, to);
  const [even, odd] = f.locals("v128", 2);
  const [y0, y1, y2, y3] = exactly(4, y);
  const pair = (plus: Local, minus: Local, own: number): Code =>
    seq(
      set(even, add(y0, times(own ** 2, y2))),
      set(odd, add(times(own, y1), times(own ** 3, y3))),
      set(plus, add(even, odd)),
      set(minus, sub(even, odd)),
    );
  return seq(set(t0, y0), pair(t1, t2, p), pair(t3, t4, q), set(t5, y3));
};

/** w = Gᵀ·m, 3 from 6: sums of products, for the filter's gradient. */
const filterGradientTransform: Transform = (f, to, m) => {
  const [t0, t1, t2] = exactly(3, to);
  const [sumP, differenceP, sumQ, differenceQ] = f.locals("v128", 4);
  const [m0, m1, m2, m3, m4, m5] = exactly(6, m);
  const scaleP = 1 / (2 * p * p * (p * p - q * q));
  const scaleQ = 1 / (2 * q * q * (q * q - p * p));
  return seq(
    set(sumP, times(scaleP, add(m1, m2))),
    set(differenceP, times(scaleP, sub(m1, m2))),
    set(sumQ, times(scaleQ, add(m3, m4))),
    set(differenceQ, times(scaleQ, sub(m3, m4))),
    set(t0, add(times(1 / (p * p * q * q), m0), add(sumP, sumQ))),
    set(t1, add(times(p, differenceP), times(q, differenceQ))),
    set(t2, add(add(times(p * p, sumP), times(q * q, sumQ)), m5)),
  );
};

/** A transform of squares [n, n] into [m, m], of `vectors` neighbouring vectors side by side, which V8 pairs. */
export interface SquareTransform {
  readonly transform: Transform;
  readonly n: number;
  readonly m: number;
  readonly vectors: number;
}

/** The filter's gradient from the sums of products, two vectors at a time. */
export const filterGradients: SquareTransform = { transform: filterGradientTransform, n: inputs, m: 3, vectors: 2 };

/** Reads and writes a square's elements; `between` is private memory of inputs² · 16 · vectors bytes. */
interface SquareAccess {
  load(row: number, column: number, vector: number): Code;
  store(row: number, column: number, values: readonly Local[]): Code;
  readonly between: Local;
}

/** Transforms a square: columns first, into `between`, then rows. */
export function transformSquare(
  f: FunctionBuilder,
  { transform, n, m, vectors }: SquareTransform,
  { load, store, between }: SquareAccess,
): Code {
  const from = Array.from({ length: vectors }, () => f.locals("v128", n));
  const to = Array.from({ length: vectors }, () => f.locals("v128", m));
  const place = (row: number, column: number, v: number): number => ((row * n + column) * vectors + v) * 16;
  const indices = (count: number): number[] => [...Array(count).keys()];
  const run = from.map((own, v) => transform(f, elementAt(to, v), own));
  const each = (lanes: readonly Vector[], count: number, code: (local: Local, i: number, v: number) => Code): Code[] =>
    indices(count).flatMap((i) => lanes.map((own, v) => code(elementAt(own, i), i, v)));
  const columns = indices(n).map((column) =>
    seq(
      ...each(from, n, (local, row, v) => set(local, load(row, column, v))),
      ...run,
      ...each(to, m, (local, row, v) => v128.store(between, local, place(row, column, v))),
    ),
  );
  const rows = indices(m).map((row) =>
    seq(
      ...each(from, n, (local, column, v) => set(local, v128.load(between, place(row, column, v)))),
      ...run,
      ...indices(m).map((column) =>
        store(
          row,
          column,
          to.map((own) => elementAt(own, column)),
        ),
      ),
    ),
  );
  return seq(...columns, ...rows);
}

/** Products of a tile. */
export const positions = inputs * inputs;
/**
 * Bytes from one position's numbers, so many, to the next one's. NOTE: a line of the cache more than they take, since powers of two
 * would put all positions of a tile into the same few places of the cache.
 */
export function positionBytes(count: number): number {
  return count * 4 + 64;
}

/** Private memory for one square between its two passes, two vectors wide. */
export const betweenBytes = positions * 32;

/** How images fall into tiles, and which of them are multiplied at once: whole rows of tiles of one image, or several small images. */
export interface Tiling {
  readonly across: number;
  readonly down: number;
  /** Rows of tiles of an image. */
  readonly band: number;
  readonly images: number;
  /** Tiles that are multiplied at once. */
  readonly tiles: number;
}

/**
 * Tiles for outputs of these sizes, with `perTile` bytes of private memory a tile, of which there are `memory`. As many of `among`
 * images as fit are taken together: each time, all filters are read.
 */
export function tiling(
  { output }: ConvShape,
  { perTile, memory, among }: Readonly<Record<"perTile" | "memory" | "among", number>>,
): Tiling {
  const across = Math.ceil(output[1] / outputs);
  const down = Math.ceil(output[0] / outputs);
  const band = bandRows(down, (rows) => rows * across * perTile <= memory);
  const images = band < down ? 1 : bandRows(among, (count) => count * down * across * perTile <= memory);
  return { across, down, band, images, tiles: images * band * across };
}

/** The tiles of the convolved image. */
export function imageTiles(shape: ConvShape, { across, down }: Tiling): TileSource {
  const reach = { paddedHeight: down * outputs + 2, paddedWidth: across * outputs + 2 };
  return { padded: { ...paddedInput(shape), ...reach }, size: inputs, transform: inputTransform };
}

/** The tiles of the output's gradient: 4×4, apart from each other. */
export function gradientTiles(
  { output, outputs: channels }: ConvShape,
  { across, down }: Pick<Tiling, "across" | "down">,
): TileSource {
  const reach = { paddedHeight: down * outputs, paddedWidth: across * outputs };
  const padded = { ...paddedInput({ input: output, channels, padding: [0, 0] }), ...reach };
  return { padded, size: outputs, transform: gradientTransform };
}

/** What is transformed: tiles of `size` × `size` that begin every four pixels of a padded image. */
export interface TileSource {
  readonly padded: PaddedImage;
  readonly size: number;
  readonly transform: Transform;
}

/** Bytes of private memory for the rows of pixels under one row of tiles; none where the image can be read where it lies. */
export function tileRowBytes({ padded, size }: TileSource): number {
  return isUnpadded(padded) ? 0 : size * rowBytes(padded);
}

/** Which tiles are transformed: those of the images of `buffer` from number `image` on, from row `tileRow` of tiles on. */
interface FirstTile {
  readonly buffer: Buffer;
  readonly image: Code;
  readonly tileRow: Code;
}

/** Where tiles go, with `gap` floats between them (none by default), and private memory: `rows` of `tileRowBytes`, `between` of `betweenBytes`. */
interface TileTarget {
  readonly result: Code;
  readonly gap?: number;
  readonly rows: Code;
  readonly between: Local;
}

/** Transforms a band of tiles of each image into [36][tiles][channels]. */
export function transformTiles(
  f: FunctionBuilder,
  source: TileSource,
  { across, band, images, tiles }: Tiling,
  first: FirstTile,
  { rows, result, between, gap = 0 }: TileTarget,
): Code {
  const { padded, size, transform } = source;
  const { channels } = padded;
  const [index, image, tileRow, column, channel, target, at, to, start] = f.locals("i32", 9);
  const pitch = rowBytes(padded);
  const load = (r: number, c: number, lane: number): Code => v128.load(at, r * pitch + c * channels * 4 + lane * 16);
  const store = (r: number, c: number, values: readonly Local[]): Code =>
    seq(
      ...values.map((value, lane) =>
        v128.store(to, value, (r * inputs + c) * positionBytes(tiles * (channels + gap)) + lane * 16),
      ),
    );
  const eightChannels = seq(
    transformSquare(f, { transform, n: size, m: inputs, vectors: 2 }, { load, store, between }),
    advance(at, 32),
    advance(to, 32),
  );
  const firstRow = i32.mul(i32.add(first.tileRow, tileRow), outputs);
  const reach = seq(set(start, image), findRows(f, padded, { rows: start, to: target, scratch: rows }, firstRow, size));
  const oneTile = seq(
    set(at, address(start, [column, outputs * channels * 4])),
    repeat(channel, channels / 8, eightChannels),
    gap > 0 ? advance(to, gap * 4) : [],
  );
  const oneImage = seq(
    set(image, imageAddress(first.buffer, padded, i32.add(first.image, index))),
    repeat(tileRow, band, [reach, repeat(column, across, oneTile)]),
  );
  return seq(set(to, result), repeat(index, images, oneImage));
}
