/** @file The innermost loops of weighted sums: a panel of weights times a few windows, all sums in registers. */
import { elementAt } from "../../../elements.ts";
import { advance, repeat, seq, set, v128, type Code, type Local } from "../../wasm/emit/code.ts";
import type { FunctionBuilder } from "../../wasm/emit/module.ts";
import type { Multiplier } from "../flavour.ts";

/** A loop of a sum: how often, and how many bytes the windows move on at each turn. */
export interface SumLoop {
  readonly count: number;
  readonly step: number;
}

/** Bytes of a lane of activations. */
const LANE = 4;
/** Lanes of a sum that are written out: a multiple of all numbers of lanes that are summed together. */
const unroll = 6;
/** Sums that are written out altogether if they have no more lanes. */
const short = 12;

/** Adds the products of a panel of weights with the windows that begin so many bytes from x. */
export function addProducts(
  f: FunctionBuilder,
  multiplier: Multiplier,
  sums: readonly (readonly Local[])[],
  windows: readonly number[],
  {
    x,
    weights,
    sum,
    ones,
    together,
  }: {
    readonly x: Local;
    readonly weights: Local;
    readonly sum: readonly SumLoop[];
    readonly ones: Local;
    readonly together: number;
  },
): Code {
  const vectors = elementAt(sums, 0).length;
  const { vectorBytes } = multiplier;
  const [a, b] = f.locals("i32", 2);
  const columns = Array.from({ length: together }, () => f.locals("v128", vectors));
  const activations = f.locals("v128", together);
  /** `count` lanes from this one on. */
  const lanesAt = (first: number, count: number): Code => {
    const lanes = Array.from({ length: count }, (_, i) => i);
    const column = (i: number, v: number): Code => multiplier.loadWeights(b, ((first + i) * vectors + v) * vectorBytes);
    // Weights for one window are used once.
    const isOne = windows.length === 1;
    const kept = (i: number, v: number): Code => (isOne ? column(i, v) : elementAt(elementAt(columns, i), v));
    return seq(
      ...(isOne ? [] : lanes.flatMap((i) => elementAt(columns, i).map((local, v) => set(local, column(i, v))))),
      ...windows.flatMap((from, window) => [
        ...lanes.map((i) => set(elementAt(activations, i), v128.load32Splat(a, from + (first + i) * LANE))),
        ...elementAt(sums, window).map((lane, v) => {
          const products = lanes.map((i) => ({ weights: kept(i, v), activations: elementAt(activations, i) }));
          return set(lane, multiplier.addProducts(lane, products, ones));
        }),
      ]),
    );
  };
  const lanes = (count: number): Code =>
    seq(
      ...Array.from({ length: Math.ceil(count / together) }, (_, i) =>
        lanesAt(i * together, Math.min(together, count - i * together)),
      ),
      advance(a, count * LANE),
      advance(b, count * vectors * vectorBytes),
    );
  const level = (depth: number): Code => {
    const { count, step } = elementAt(sum, depth);
    const turn = f.local("i32");
    const inner = sum[depth + 1];
    if (inner) {
      const moved = inner.count * inner.step;
      return repeat(turn, count, [level(depth + 1), step === moved ? [] : advance(a, step - moved)]);
    }
    const written = count <= short ? count : unroll;
    return seq(
      repeat(turn, Math.floor(count / written), lanes(written)),
      count % written > 0 ? lanes(count % written) : [],
    );
  };
  return seq(set(a, x), set(b, weights), level(0));
}
