/** @file Convolutions of each channel by itself, eight channels of a few neighbouring pixels at a time. */
import { elementAt } from "../../../elements.ts";
import {
  advance,
  f32x4,
  i16x8,
  i32x4,
  int,
  repeat,
  seq,
  set,
  v128,
  type Code,
  type Local,
} from "../../wasm/emit/code.ts";
import type { FunctionBuilder } from "../../wasm/emit/module.ts";
import { onesAt, type Flavour, type KernelCode } from "../flavour.ts";
import { requantise } from "../requantise.ts";
import { weighted, type WeightedParameters } from "./conv.ts";

/** What the code depends on; distances are in bytes. */
export interface DepthwiseShape {
  readonly height: number;
  readonly width: number;
  readonly eights: number;
  readonly kernel: readonly [height: number, width: number];
  /** In pixels of the input. */
  readonly strideX: number;
  readonly dilationX: number;
  /** From a row of windows to the next one. */
  readonly windowRow: number;
  /** From a row of a window to the next one. */
  readonly tapRow: number;
  readonly input: { readonly pixel: number };
  readonly output: { readonly pixel: number; readonly row: number };
  readonly top: number;
  /** Whether no sum times its factor is too large to be rounded before it is held. */
  readonly isSmall: boolean;
}

/** Pixels that are computed together. */
const together = 4;

/**
 * Rows of a window lie beside each other in lanes of 32 bits, channel by channel, and so do their weights: [eights][lanes of rows]
 * [columns][8 channels][rows of a lane]. A lane of an input's column serves every output whose window has that column.
 *
 * Parameters as those of `conv`.
 */
export function depthwise(flavour: Flavour, shape: DepthwiseShape): KernelCode {
  return weighted(`${flavour.name} depthwise ${JSON.stringify(shape)}`, (f, parameters) =>
    bodyOf(f, flavour, shape, parameters),
  );
}

/** Bytes of the weights of eight channels. */
export function weightBytesOfEight({ perLane }: Flavour, [height, width]: readonly [number, number]): number {
  return Math.ceil(height / perLane) * width * 8 * perLane;
}

/** NOTE: parameters are locals too, and are moved from channels to channels. */
function bodyOf(
  f: FunctionBuilder,
  flavour: Flavour,
  shape: DepthwiseShape,
  { x, y, weights, bias, zero }: WeightedParameters,
): Code {
  const { height, width, eights, kernel, input, output, windowRow, strideX, top, isSmall } = shape;
  const [c, row, column, xRow, xTile, yRow, yTile] = f.locals("i32", 7);
  const toActivations = requantise(f, zero, top, isSmall);
  const ones = f.local("v128");
  const factors = eights * 8 * 4;
  const block = (count: number): Code => {
    const sums = Array.from({ length: count }, () => f.locals("v128", 2));
    const scaled = (sum: Local, half: number): Code =>
      f32x4.mul(f32x4.convertI32(sum), v128.load(bias, factors + half * 16));
    return seq(
      ...sums.flatMap((halves) => halves.map((sum, half) => set(sum, v128.load(bias, half * 16)))),
      addProducts(f, flavour, shape, sums, { x: xTile, weights, ones }),
      ...sums.map(([low, high], i) => {
        const eight = i16x8.narrowI32(toActivations.of(scaled(low, 0)), toActivations.of(scaled(high, 1)));
        return flavour.storeEight(f, yTile, eight, top, i * output.pixel);
      }),
    );
  };
  const tile = Math.min(together, width);
  const line = seq(
    set(xTile, xRow),
    set(yTile, yRow),
    repeat(column, Math.floor(width / tile), [
      block(tile),
      advance(xTile, tile * strideX * input.pixel),
      advance(yTile, tile * output.pixel),
    ]),
    width % tile > 0 ? block(width % tile) : [],
    advance(xRow, windowRow),
    advance(yRow, output.row),
  );
  return seq(
    set(ones, v128.load(int(onesAt))),
    toActivations.start,
    repeat(c, eights, [
      set(xRow, x),
      set(yRow, y),
      repeat(row, height, line),
      advance(x, 8 * flavour.bytes),
      advance(y, 8 * flavour.bytes),
      advance(bias, 8 * 4),
      advance(weights, weightBytesOfEight(flavour, kernel)),
    ]),
  );
}

/** Adds the products of eight channels' weights with the windows of neighbouring pixels from x on. */
function addProducts(
  f: FunctionBuilder,
  flavour: Flavour,
  shape: DepthwiseShape,
  sums: readonly (readonly [Local, Local])[],
  { x, weights, ones }: { readonly x: Local; readonly weights: Local; readonly ones: Local },
): Code {
  const { kernel, strideX, dilationX, tapRow, input } = shape;
  const [kernelRows, kernelColumns] = kernel;
  const { perLane } = flavour;
  const halfBytes = 4 * perLane;
  const [low, high] = f.locals("v128", 2);
  const rows = f.locals("v128", perLane);
  const columns = (sums.length - 1) * strideX + (kernelColumns - 1) * dilationX + 1;
  return seq(
    ...Array.from({ length: Math.ceil(kernelRows / perLane) }, (_, lane) =>
      Array.from({ length: columns }, (_, column): Code => {
        const uses = sums.flatMap((halves, i) => {
          const tap = (column - i * strideX) / dilationX;
          return Number.isInteger(tap) && tap >= 0 && tap < kernelColumns ? [{ halves, tap }] : [];
        });
        if (uses.length === 0) return [];
        return seq(
          ...rows.map((row, i) => {
            const tap = lane * perLane + i;
            return set(
              row,
              tap < kernelRows ? flavour.loadEight(x, tap * tapRow + column * input.pixel) : i32x4.const(0),
            );
          }),
          interleave(flavour, rows, low, high),
          ...uses.flatMap(({ halves, tap }) =>
            [low, high].map((activations, half) => {
              const at = ((lane * kernelColumns + tap) * 2 + half) * halfBytes;
              const sum = elementAt(halves, half);
              const products = { weights: flavour.loadWeights(weights, at), activations: activations };
              return set(sum, flavour.addProducts(sum, [products], ones));
            }),
          ),
        );
      }),
    ).flat(),
  );
}

/** Rows of eight channels as lanes, the first four channels' in `low`. NOTE: rows are used up. */
function interleave(flavour: Flavour, rows: readonly Local[], low: Local, high: Local): Code {
  const [a, b] = [elementAt(rows, 0), elementAt(rows, 1)];
  if (flavour.perLane === 2) {
    return seq(set(low, v128.shuffleBytes(a, b, alternate(2, 0))), set(high, v128.shuffleBytes(a, b, alternate(2, 8))));
  }
  const [c, d] = [elementAt(rows, 2), elementAt(rows, 3)];
  return seq(
    set(a, v128.shuffleBytes(a, b, alternate(1, 0))),
    set(c, v128.shuffleBytes(c, d, alternate(1, 0))),
    set(low, v128.shuffleBytes(a, c, alternate(2, 0))),
    set(high, v128.shuffleBytes(a, c, alternate(2, 8))),
  );
}

/** For `shuffleBytes`: a number of so many bytes of the first, one of the second, and so on, from byte `from` on. */
function alternate(bytes: 1 | 2, from: number): number[] {
  return Array.from({ length: 8 / bytes }, (_, i) => i * bytes + from).flatMap((at) =>
    [at, at + 16].flatMap((first) => (bytes === 1 ? [first] : [first, first + 1])),
  );
}
