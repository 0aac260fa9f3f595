/**
 * @file 3×3 convolutions of stride 1 by Winograd's F(2×2, 3×3): tiles of 4×4 activations and 2×2 outputs, 16 products instead of 36.
 * Y = Aᵀ[(G·g·Gᵀ) ⊙ (Bᵀ·d·B)]A. Lavin & Gray, "Fast Algorithms for Convolutional Neural Networks", 2016,
 * https://arxiv.org/abs/1509.09308
 *
 * It is exact: 2·G has whole numbers alone, so that what comes out is four times the sums, and is shifted back. Transformed weights
 * (up to 9·127) and activations (up to 4·255) fit 16 bits; products may wrap in 32 bits, which addition undoes as long as four
 * times the sums fit (`winogradFits`).
 */
import { elementAt } from "../../../elements.ts";
import {
  address,
  advance,
  exactly,
  f32x4,
  i16x8,
  i32,
  i32x4,
  repeat,
  seq,
  set,
  v128,
  type Code,
  type Local,
} from "../../wasm/emit/code.ts";
import type { FunctionBuilder } from "../../wasm/emit/module.ts";
import { kernelCode, wide, type Flavour, type KernelCode } from "../flavour.ts";
import { requantise, type Requantise } from "../requantise.ts";
import { addProducts } from "./products.ts";

/** What the code depends on; distances are in bytes. Rows and columns of the output are even, channels and outputs multiples of 8. */
export interface WinogradShape {
  /** Pixels of the output. */
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly outputs: number;
  readonly input: { readonly pixel: number; readonly row: number };
  readonly output: { readonly pixel: number; readonly row: number };
  readonly top: number;
  /** Whether no sum times its factor is too large to be rounded before it is held. */
  readonly isSmall: boolean;
}

const bits = [0, 1] as const;
type Bit = (typeof bits)[number];

/** Products of a tile. */
const positions = 16;
/** Tiles whose numbers should lie in memory together: enough for the weights to be read seldom, few enough for the nearest caches. */
const goodTiles = 16;
/** Bytes between positions, so that those of a tile do not fall on the same lines of the cache. */
const apart = 64;
/** Tiles, and vectors of four outputs, that are multiplied together. */
const [tilesTogether, vectors] = [4, 2];

/** Whether four times the sums of these weights [outputs, …] and activations up to `top` fit 32 bits. */
export function winogradFits(weights: Int8Array, outputs: number, top: number): boolean {
  const each = weights.length / outputs;
  for (let from = 0; from < weights.length; from += each) {
    const total = weights.subarray(from, from + each).reduce((sum, w) => sum + Math.abs(w), 0);
    if (4 * top * total >= 2 ** 31) return false;
  }
  return true;
}

/** Bytes of transformed weights. */
export function winogradWeightBytes({ channels, outputs }: Pick<WinogradShape, "channels" | "outputs">): number {
  return positions * channels * outputs * 2;
}

/** Bytes of memory that the kernel needs while it runs. */
export function winogradScratchBytes(shape: WinogradShape): number {
  const { activations, sums } = sizesOf(shape);
  return positions * (activations + sums);
}

/** Rows of tiles that are computed together, and the bytes that these tiles have for each position. */
function sizesOf({ height, width, channels, outputs }: WinogradShape): {
  readonly band: number;
  readonly tiles: number;
  readonly activations: number;
  readonly sums: number;
} {
  const [down, across] = [height / 2, width / 2];
  let band = Math.min(down, Math.max(1, Math.floor(goodTiles / across)));
  while (down % band > 0) band--;
  const tiles = band * across;
  return { band, tiles, activations: tiles * channels * 2 + apart, sums: tiles * outputs * 4 + apart };
}

/**
 * Weights [outputs, channels, 3, 3] as (2G)·g·(2G)ᵀ in 16 bits, [16][panels of 8 outputs][pairs of channels][8 outputs][2 channels].
 * Parameters: the addresses of the weights and of what they become, outputs, channels.
 */
export function packWinograd(): KernelCode {
  return kernelCode({
    key: "pack winograd",
    parameters: 4,
    body: (f, [from, to, outputs, channels]) => {
      const [o, c, at, step] = f.locals("i32", 4);
      const taps = f.locals("i32", 9);
      const halves = f.locals("i32", 12);
      const load = taps.map((tap, i) => set(tap, i32.load8Signed(from, i)));
      const columns = [0, 1, 2].flatMap((column) =>
        transformedWeights(elementAt(taps, column), elementAt(taps, 3 + column), elementAt(taps, 6 + column)).map(
          (value, row) => set(elementAt(halves, row * 3 + column), value),
        ),
      );
      const rows = [0, 1, 2, 3].flatMap((row) => {
        const [a, b, d] = exactly(3, halves.slice(row * 3, row * 3 + 3));
        return transformedWeights(a, b, d).map((value) => seq(i32.store16(at, value), advance(at, step)));
      });
      const place = address(
        to,
        [i32.shrUnsigned(o, 3), i32.mul(channels, 16)],
        [i32.shrUnsigned(c, 1), 32],
        [i32.and(o, 7), 4],
        [i32.and(c, 1), 2],
      );
      return seq(
        set(step, i32.mul(i32.mul(outputs, channels), 2)),
        repeat(o, outputs, repeat(c, channels, [...load, ...columns, set(at, place), ...rows, advance(from, 9)])),
      );
    },
  });
}

/** 2·G·g, 4 from 3. */
function transformedWeights(g0: Local, g1: Local, g2: Local): Code[] {
  const ends = i32.add(g0, g2);
  return [i32.shl(g0, 1), i32.add(ends, g1), i32.sub(ends, g1), i32.shl(g2, 1)];
}

/** Parameters: those of `conv`, and the address of as much memory as `winogradScratchBytes` says. */
export function winograd(flavour: Flavour, shape: WinogradShape): KernelCode {
  return kernelCode({
    key: `winograd ${flavour.bytes} ${JSON.stringify(shape)}`,
    parameters: 6,
    body: (f, [x, y, weights, bias, zero, scratch]) => {
      const turn = f.local("i32");
      const toActivations = requantise(f, zero, shape.top, shape.isSmall);
      const sums = i32.add(scratch, positions * sizesOf(shape).activations);
      const band = seq(
        transformActivations(f, flavour, shape, x, scratch),
        multiply(f, shape, { weights: weights, activations: scratch, sums }),
        transformSums(f, flavour, shape, { sums, bias: bias, y: y }, toActivations),
      );
      return seq(toActivations.start, repeat(turn, shape.height / 2 / sizesOf(shape).band, band));
    },
  });
}

/** Runs code for a band's tiles, given the address of each one's first pixel, which it moves by `moved`. `map` is left at the next band. */
function eachTile(
  f: FunctionBuilder,
  shape: WinogradShape,
  map: Local,
  { pixel, row }: { readonly pixel: number; readonly row: number },
  moved: number,
  code: (at: Local) => Code,
): Code {
  const [tileRow, column, at] = f.locals("i32", 3);
  const line = repeat(column, shape.width / 2, [code(at), advance(at, 2 * pixel - moved)]);
  return repeat(tileRow, sizesOf(shape).band, [set(at, map), line, advance(map, 2 * row)]);
}

/** Bᵀ·d·B of a band of tiles to [16][tiles][channels] in 16 bits. */
function transformActivations(
  f: FunctionBuilder,
  flavour: Flavour,
  shape: WinogradShape,
  x: Local,
  activations: Code,
): Code {
  const { channels, input } = shape;
  const step = sizesOf(shape).activations;
  const [eight, to] = f.locals("i32", 2);
  const given = f.locals("v128", 4);
  const columns = Array.from({ length: 4 }, () => f.locals("v128", 4));
  const eightChannels = (at: Local): Code =>
    seq(
      ...columns.flatMap((column, right) => [
        ...given.map((value, down) => set(value, flavour.loadEightWide(at, down * input.row + right * input.pixel))),
        ...transformedFour(given).map((value, down) => set(elementAt(column, down), value)),
      ]),
      ...[0, 1, 2, 3].flatMap((down) =>
        transformedFour(columns.map((column) => elementAt(column, down))).map((value, right) =>
          v128.store(to, value, (down * 4 + right) * step),
        ),
      ),
      advance(at, 8 * flavour.bytes),
      advance(to, 16),
    );
  return seq(
    set(to, activations),
    eachTile(f, shape, x, input, channels * flavour.bytes, (at) => repeat(eight, channels / 8, eightChannels(at))),
  );
}

/** Bᵀ·d, 4 from 4. */
function transformedFour(d: readonly Local[]): Code[] {
  const [d0, d1, d2, d3] = exactly(4, d);
  return [i16x8.sub(d0, d2), i16x8.add(d1, d2), i16x8.sub(d2, d1), i16x8.sub(d1, d3)];
}

/** Of each position, the products of a band's tiles with all weights, [16][tiles][outputs] in 32 bits. */
function multiply(
  f: FunctionBuilder,
  shape: WinogradShape,
  { weights, activations, sums }: { readonly weights: Code; readonly activations: Code; readonly sums: Code },
): Code {
  const { channels, outputs } = shape;
  const sizes = sizesOf(shape);
  const [position, panel, block, a, b, c, from, to] = f.locals("i32", 8);
  // NOTE: `wide` needs none.
  const ones = f.local("v128");
  const lanes = channels / 2;
  const written = lanes % 8 === 0 ? 8 : 4;
  const sum = [
    { count: lanes / written, step: written * 4 },
    { count: written, step: 4 },
  ];
  const tiles = (count: number): Code => {
    const products = Array.from({ length: count }, () => f.locals("v128", vectors));
    const windows = products.map((_, i) => i * channels * 2);
    return seq(
      ...products.flat().map((local) => set(local, i32x4.const(0))),
      addProducts(f, wide, products, windows, { x: from, weights: b, sum, ones, together: 1 }),
      ...products.flatMap((line, i) => line.map((local, v) => v128.store(to, local, i * outputs * 4 + v * 16))),
    );
  };
  const rest = sizes.tiles % tilesTogether;
  const allTiles = repeat(block, Math.floor(sizes.tiles / tilesTogether), [
    tiles(tilesTogether),
    advance(from, tilesTogether * channels * 2),
    advance(to, tilesTogether * outputs * 4),
  ]);
  const onePanel = seq(
    set(from, a),
    set(to, c),
    allTiles,
    rest > 0 ? tiles(rest) : [],
    advance(b, lanes * vectors * wide.vectorBytes),
    advance(c, vectors * 16),
  );
  const onePosition = seq(
    repeat(panel, outputs / (4 * vectors), onePanel),
    advance(a, sizes.activations),
    advance(c, sizes.sums - outputs * 4),
  );
  return seq(set(a, activations), set(b, weights), set(c, sums), repeat(position, positions, onePosition));
}

/** Aᵀ·m·A of a band of tiles, made activations. */
function transformSums(
  f: FunctionBuilder,
  flavour: Flavour,
  shape: WinogradShape,
  { sums, bias, y }: { readonly sums: Code; readonly bias: Code; readonly y: Local },
  toActivations: Requantise,
): Code {
  const { outputs, output, top } = shape;
  const step = sizesOf(shape).sums;
  const [eight, from, biasAt] = f.locals("i32", 3);
  const given = f.locals("v128", 4);
  const columns = Array.from({ length: 4 }, () => f.locals("v128", 2));
  // Of the first four outputs and of the last four, the two rows of two pixels.
  const half = () => [f.locals("v128", 2), f.locals("v128", 2)] as const;
  const halves = [half(), half()] as const;
  const finished = (half: Bit, down: Bit, right: Bit): Code => {
    const sum = i32x4.shrSigned(halves[half][down][right], 2);
    const number = f32x4.convertI32(i32x4.add(sum, v128.load(biasAt, half * 16)));
    return toActivations.of(f32x4.mul(number, v128.load(biasAt, outputs * 4 + half * 16)));
  };
  const eightOutputs = (at: Local): Code =>
    seq(
      ...halves.flatMap((rows, half) => [
        ...columns.flatMap((column, right) => [
          ...given.map((value, down) => set(value, v128.load(from, (down * 4 + right) * step + half * 16))),
          ...transformedTwo(given).map((value, down) => set(elementAt(column, down), value)),
        ]),
        ...rows.flatMap((row, down) =>
          transformedTwo(columns.map((column) => elementAt(column, down))).map((value, right) =>
            set(elementAt(row, right), value),
          ),
        ),
      ]),
      ...bits.flatMap((down) =>
        bits.map((right) => {
          const pixel = i16x8.narrowI32(finished(0, down, right), finished(1, down, right));
          return flavour.storeEight(f, at, pixel, top, down * output.row + right * output.pixel);
        }),
      ),
      advance(from, 32),
      advance(at, 8 * flavour.bytes),
      advance(biasAt, 32),
    );
  return seq(
    set(from, sums),
    eachTile(f, shape, y, output, outputs * flavour.bytes, (at) =>
      seq(set(biasAt, bias), repeat(eight, outputs / 8, eightOutputs(at))),
    ),
  );
}

/** Aᵀ·m, 2 from 4. */
function transformedTwo(m: readonly Local[]): Code[] {
  const [m0, m1, m2, m3] = exactly(4, m);
  return [i32x4.add(m0, i32x4.add(m1, m2)), i32x4.sub(i32x4.sub(m1, m2), m3)];
}
