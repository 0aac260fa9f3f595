/** @file Weighted sums: convolutions in groups and linear layers, a tile of pixels by a panel of output channels at a time. */
import { elementAt } from "../../../elements.ts";
import { advance, f32x4, i16x8, int, repeat, seq, set, v128, type Code, type Local } from "../../wasm/emit/code.ts";
import type { FunctionBuilder } from "../../wasm/emit/module.ts";
import { kernelCode, onesAt, type Flavour, type KernelCode } from "../flavour.ts";
import { requantise } from "../requantise.ts";
import { addProducts, type SumLoop } from "./products.ts";

/** What the code of a convolution depends on; distances are in bytes. */
export interface ConvShape {
  /** Pixels of the output. */
  readonly height: number;
  readonly width: number;
  /** From a window of the input to the next one, and to the one below. */
  readonly windowStep: number;
  readonly windowRow: number;
  /** The loops of each sum over a window, outermost first; the last one is over lanes of 4 bytes. */
  readonly sum: readonly SumLoop[];
  readonly groups: number;
  /** From a group's input channels to the next one's. */
  readonly groupStep: number;
  /** Output channels of a group. */
  readonly groupOutputs: number;
  /** Output channels that are computed together, in vectors of four. */
  readonly vectors: 2 | 4 | 8;
  /** Where the sums go: to activations, or as float32 to logits. */
  readonly output: { readonly pixel: number; readonly row: number } | "logits";
  readonly top: number;
  /** How many lanes' products no weights of the layer let grow beyond 16 bits. */
  readonly together: number;
  /** Whether no sum times its factor is too large to be rounded before it is held. */
  readonly isSmall: boolean;
}

/** Bytes of a 32-bit lane, number or sum. */
const LANE = 4;

/** How many panels of output channels each group has. */
export function panelsOf({ groupOutputs, vectors }: Pick<ConvShape, "groupOutputs" | "vectors">): number {
  return Math.ceil(groupOutputs / (4 * vectors));
}

/** How many lanes a window has. */
export function lanesOf(sum: readonly SumLoop[]): number {
  return sum.reduce((lanes, { count }) => lanes * count, 1);
}

/**
 * Parameters: the addresses of the first window's first number, of the first output, of the packed weights and of the bias, which
 * the factors of the sums follow; the output's zero.
 */
export function conv(flavour: Flavour, shape: ConvShape): KernelCode {
  return weighted(`${flavour.name} conv ${JSON.stringify(shape)}`, (f, parameters) =>
    bodyOf(f, flavour, shape, parameters),
  );
}

/** A kernel with the parameters of `conv`. */
export function weighted(key: string, body: (f: FunctionBuilder, parameters: WeightedParameters) => Code): KernelCode {
  return kernelCode({
    key,
    parameters: 5,
    body: (f, [x, y, weights, bias, zero]) => body(f, { x, y, weights, bias, zero }),
  });
}

export interface WeightedParameters {
  readonly x: Local;
  readonly y: Local;
  readonly weights: Local;
  readonly bias: Local;
  readonly zero: Local;
}

/** NOTE: parameters are locals too, and are moved from panel to panel. */
function bodyOf(
  f: FunctionBuilder,
  flavour: Flavour,
  shape: ConvShape,
  { x, y, weights, bias, zero }: WeightedParameters,
): Code {
  const { height, width, groups, vectors, output, groupOutputs, groupStep, windowStep, windowRow, sum, top, isSmall } =
    shape;
  const isLogits = output === "logits";
  const panels = panelsOf(shape);
  const columns = 4 * vectors;
  const columnBytes = isLogits ? LANE : flavour.bytes;
  const { pixel, row } = isLogits ? { pixel: 0, row: 0 } : output;
  const factors = groups * panels * columns * LANE;
  const panelBytes = lanesOf(sum) * flavour.perLane * columns;
  const toActivations = requantise(f, zero, top, isSmall);
  const [group, panel, tileRow, tileColumn, xColumn, xTile, yColumn, yTile] = f.locals("i32", 8);
  const ones = f.local("v128");
  const tile = bestTile(flavour, height, width, vectors);

  const block = (rows: number, across: number): Code => {
    const pixels = Array.from({ length: rows * across }, (_, i) => {
      const [down, right] = [Math.floor(i / across), i % across];
      return { from: down * windowRow + right * windowStep, to: down * row + right * pixel };
    });
    const sums = pixels.map(() => f.locals("v128", vectors));
    const scaled = (sums: Local, v: number): Code =>
      f32x4.mul(f32x4.convertI32(sums), v128.load(bias, factors + v * 16));
    const stored = (line: readonly Local[], to: number): Code =>
      seq(
        ...line.map((sums, v) => {
          if (isLogits) return v128.store(yTile, scaled(sums, v), v * 16);
          const next = line[v + 1];
          if (v % 2 === 1 || !next) return [];
          const eight = i16x8.narrowI32(toActivations.of(scaled(sums, v)), toActivations.of(scaled(next, v + 1)));
          return flavour.storeEight(f, yTile, eight, top, to + v * 4 * columnBytes);
        }),
      );
    return seq(
      ...sums.flatMap((line) => line.map((sums, v) => set(sums, v128.load(bias, v * 16)))),
      addProducts(
        f,
        flavour,
        sums,
        pixels.map(({ from }) => from),
        { x: xTile, weights, sum, ones, together: Math.min(shape.together, flavour.mostTogether) },
      ),
      ...pixels.map(({ to }, i) => stored(elementAt(sums, i), to)),
    );
  };
  // NOTE: down, then right, so that the rows of a window stay in the first cache however many channels there are.
  const strip = (across: number): Code =>
    seq(
      set(xTile, xColumn),
      set(yTile, yColumn),
      repeat(tileRow, Math.floor(height / tile.height), [
        block(tile.height, across),
        advance(xTile, tile.height * windowRow),
        advance(yTile, tile.height * row),
      ]),
      height % tile.height > 0 ? block(height % tile.height, across) : [],
      advance(xColumn, across * windowStep),
      advance(yColumn, across * pixel),
    );
  const allTiles = seq(
    set(xColumn, x),
    set(yColumn, y),
    repeat(tileColumn, Math.floor(width / tile.width), strip(tile.width)),
    width % tile.width > 0 ? strip(width % tile.width) : [],
  );
  const allPanels = repeat(panel, panels, [
    allTiles,
    advance(y, columns * columnBytes),
    advance(bias, columns * LANE),
    advance(weights, panelBytes),
  ]);
  const nextGroup = seq(advance(x, groupStep), advance(y, (groupOutputs - panels * columns) * columnBytes));
  return seq(
    set(ones, v128.load(int(onesAt))),
    toActivations.start,
    repeat(group, groups, [allPanels, groups > 1 ? nextGroup : []]),
  );
}

/** Pixels of a tile: as many as registers hold the sums of, in the shape that needs the fewest tiles, the widest of these. */
function bestTile(
  { mostSums }: Flavour,
  height: number,
  width: number,
  vectors: number,
): { readonly height: number; readonly width: number } {
  const most = Math.max(1, Math.floor(mostSums / vectors));
  let best = { height: 1, width: 1, tiles: Infinity };
  for (let across = Math.min(most, width); across >= 1; across--) {
    const down = Math.min(Math.floor(most / across), height);
    const tiles = Math.ceil(height / down) * Math.ceil(width / across);
    if (tiles < best.tiles) best = { height: down, width: across, tiles };
  }
  return best;
}
