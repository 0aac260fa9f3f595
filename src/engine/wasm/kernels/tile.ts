/** @file The innermost kernel: a small block of a matrix product kept in registers, C[r, c] += Σ_k A[r, k]·B[k, c]. */
import { elementAt } from "../../../elements.ts";
import { advance, f32x4, repeat, seq, set, v128, type Code, type Local } from "../emit/code.ts";
import type { FunctionBuilder } from "../emit/module.ts";

/** The block's size: rows of broadcast values times vectors of four columns. Chosen by the processor's registers, see probe.ts. */
export interface TileShape {
  readonly rows: number;
  readonly vectors: number;
  /** Fused multiply-add, else multiply and add. */
  readonly fused: boolean;
}

/** A loop of the sum over k, outermost first: how often, and how far A and B move at each turn, in bytes. */
export interface SumLoop {
  readonly count: number;
  readonly aStep: number;
  readonly bStep: number;
}

/** Where a block's operands lie. `a` and `b` are moved by the code; rows of A are `aRow` bytes apart, vectors of B follow each other. */
export interface TileOperands {
  readonly a: Local;
  readonly b: Local;
  readonly aRow: number;
  readonly sum: readonly SumLoop[];
}

/** How many steps of the innermost sum are written out. */
const unroll = 4;

/**
 * Code that adds the products to `accumulators[row][vector]`. `flush` is done after each turn of the loop at its depth: what
 * takes the sums so far elsewhere and starts again from zero.
 */
export function multiplyAdd(
  f: FunctionBuilder,
  accumulators: readonly (readonly Local[])[],
  { a, b, aRow, sum }: TileOperands,
  fused: boolean,
  flush: { readonly depth: number; readonly code: Code } | null = null,
): Code {
  const vectors = elementAt(accumulators, 0).length;
  // Of one row, B is used once: it needs no registers beside the sums.
  const isOne = accumulators.length === 1;
  const bValues = f.locals("v128", isOne ? 0 : vectors);
  const aValue = f.local("v128");
  const stepAt = (aOffset: number, bOffset: number): Code => {
    const bAt = (v: number): Code => v128.load(b, bOffset + v * 16);
    return seq(
      ...bValues.map((local, v) => set(local, bAt(v))),
      ...accumulators.flatMap((row, r) => [
        set(aValue, v128.load32Splat(a, aOffset + r * aRow)),
        ...row.map((sumLocal, v) =>
          set(sumLocal, madd(aValue, isOne ? bAt(v) : elementAt(bValues, v), sumLocal, fused)),
        ),
      ]),
    );
  };
  const advanceBoth = (aBytes: number, bBytes: number): Code =>
    seq(aBytes === 0 ? [] : advance(a, aBytes), bBytes === 0 ? [] : advance(b, bBytes));

  const level = (depth: number): Code => {
    const { count, aStep, bStep } = elementAt(sum, depth);
    const counter = f.local("i32");
    if (depth < sum.length - 1) {
      // The inner loops have moved a and b already; go on from where this turn began.
      const inner = elementAt(sum, depth + 1);
      const body = seq(
        level(depth + 1),
        advanceBoth(aStep - inner.count * inner.aStep, bStep - inner.count * inner.bStep),
        depth === flush?.depth ? flush.code : [],
      );
      return repeat(counter, count, body);
    }
    const step = Math.max(1, Math.min(unroll, count));
    const turns = Math.floor(count / step);
    const steps = (n: number): Code =>
      seq(...Array.from({ length: n }, (_, u) => stepAt(u * aStep, u * bStep)), advanceBoth(n * aStep, n * bStep));
    return seq(repeat(counter, turns, steps(step)), count % step > 0 ? steps(count % step) : []);
  };
  return level(0);
}

/** a·b + c */
export function madd(a: Code, b: Code, c: Code, fused: boolean): Code {
  return fused ? f32x4.relaxedMadd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}
