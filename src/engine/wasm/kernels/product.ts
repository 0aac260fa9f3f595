/** @file A strip of a matrix product: many rows of A against one panel of B, with what is done to each result before it is stored. */
import { elementAt } from "../../../elements.ts";
import { advance, f32x4, i32, repeat, seq, set, v128, type Code, type Local } from "../emit/code.ts";
import type { FunctionBuilder } from "../emit/module.ts";
import { storeColumns } from "./floats.ts";
import type { StoreSpec } from "../../compiler/lowering.ts";
import type { Buffer } from "./kernel.ts";
import { relu as rectified } from "./math.ts";
import { multiplyAdd, type SumLoop, type TileShape } from "./tile.ts";

/** What happens to a block of results on its way to memory: locals have addresses, of the panel's bias values, or such as move as C does. */
export interface Epilogue extends StoreSpec<Local> {
  /** Add to what memory holds. */
  readonly accumulate?: boolean;
}

/** Rows of A `aRow` bytes apart from `a`, a panel of B at `b`, rows of C `cRow` bytes apart from `c`; none of the locals is kept. */
export interface Strip {
  readonly a: Local;
  readonly b: Local;
  readonly c: Local;
  readonly rows: number;
  /** Of the panel, how many columns are stored. */
  readonly columns: number;
  readonly aRow: number;
  readonly cRow: number;
  readonly sum: readonly SumLoop[];
  readonly epilogue: Epilogue;
}

/** The strip's code. */
export function strip(f: FunctionBuilder, tile: TileShape, given: Strip): Code {
  const { a, c, rows, aRow, cRow, epilogue } = given;
  const parts = blocks(rows, tile.rows).map(({ height, count }) => {
    const counter = f.local("i32");
    const alongC = [c, epilogue.added, epilogue.positive].filter((local) => local !== undefined);
    const moves = [advance(a, height * aRow), ...alongC.map((local) => advance(local, height * cRow))];
    return repeat(counter, count, [block(f, tile, height, given), ...moves]);
  });
  return seq(...parts);
}

/**
 * Cuts a number of rows into blocks of at most `most`, none of them small if that can be helped: small blocks
 * leave the multiplier waiting. 32 rows become 6 + 6 + 6 + 6 + 4 + 4.
 */
export function blocks(rows: number, most: number): { readonly height: number; readonly count: number }[] {
  const count = Math.ceil(rows / most);
  const least = Math.floor(rows / count);
  const larger = rows - least * count;
  if (least >= most - 1 || count === 1) {
    return [
      { height: least + 1, count: larger },
      { height: least, count: count - larger },
    ].filter((run) => run.count > 0);
  }
  // A few blocks at the end share what is missing; the others are whole.
  const tail = Math.min(count, 3);
  return [{ height: most, count: count - tail }, ...evenly(rows - most * (count - tail), tail)].filter(
    (run) => run.count > 0,
  );
}

function evenly(rows: number, count: number): { readonly height: number; readonly count: number }[] {
  const least = Math.floor(rows / count);
  const larger = rows - least * count;
  return [
    { height: least + 1, count: larger },
    { height: least, count: count - larger },
  ];
}

/** Terms that are summed in a row. Longer sums are made of such parts: they round far less so. */
const partTerms = 128;

function block(
  f: FunctionBuilder,
  tile: TileShape,
  height: number,
  { a, b, c, columns, aRow, cRow, sum, epilogue }: Strip,
): Code {
  const vectors = Math.ceil(columns / 4);
  const aAt = f.local("i32");
  const bAt = f.local("i32");
  const sums = Array.from({ length: height }, () => f.locals("v128", vectors));
  const each = (code: (local: Local, r: number, v: number) => Code): Code =>
    seq(...sums.flatMap((row, r) => row.map((local, v) => code(local, r, v))));
  const inMemory = (r: number, v: number): Code => v128.load(c, r * cRow + v * 16);
  // NOTE: all loads before the first store: V8 pairs no two loads across a store, and then no sums either.
  const store = each((local, r, v) => storeColumns(c, local, r * cRow + v * 16, columns - v * 4, f));
  const clear = each((local) => set(local, f32x4.const(0)));
  const addMemory = each((local, r, v) => set(local, f32x4.add(inMemory(r, v), local)));
  const { bias, added, positive } = epilogue;
  const finish = each((local, r, v) => {
    const at = (place: Local): Code => v128.load(place, r * cRow + v * 16);
    const sum = added ? set(local, f32x4.add(local, at(added))) : [];
    const held = epilogue.relu ? rectified(local) : local;
    if (!positive) return epilogue.relu ? seq(sum, set(local, held)) : sum;
    return seq(sum, set(local, v128.andNot(held, f32x4.le(at(positive), f32x4.const(0)))));
  });

  const { loops, depth } = inParts(sum);
  const begin = bias ? each((local, _, v) => set(local, v128.load(bias, v * 16))) : clear;
  const multiply = (flush: Code): Code =>
    seq(
      set(aAt, a),
      set(bAt, b),
      multiplyAdd(
        f,
        sums,
        { a: aAt, b: bAt, aRow, sum: loops },
        tile.fused,
        depth === null ? null : { depth, code: flush },
      ),
    );
  if (depth === null) {
    if (epilogue.accumulate) return seq(clear, multiply([]), addMemory, finish, store);
    return seq(begin, multiply([]), finish, store);
  }
  // A long sum grows part by part in C's own place, and is finished there.
  const hasFinish = added || epilogue.relu || positive;
  return seq(
    epilogue.accumulate ? clear : seq(begin, store, clear),
    multiply(seq(addMemory, store, clear)),
    hasFinish
      ? seq(
          each((local, r, v) => set(local, inMemory(r, v))),
          finish,
          store,
        )
      : [],
  );
}

/** The sum's loops, and the depth of the one whose turns are parts of about `partTerms` terms; null if the sum is short. */
function inParts(sum: readonly SumLoop[]): { readonly loops: readonly SumLoop[]; readonly depth: number | null } {
  const innermost = elementAt(sum, -1);
  const part = largestDivisor(innermost.count, partTerms);
  const isSplit = part < innermost.count && part >= partTerms / 4;
  const loops = isSplit
    ? [
        ...sum.slice(0, -1),
        { count: innermost.count / part, aStep: part * innermost.aStep, bStep: part * innermost.bStep },
        { ...innermost, count: part },
      ]
    : sum;
  let terms = 1;
  for (let depth = loops.length - 1; depth > 0; depth--) {
    terms *= elementAt(loops, depth).count;
    if (terms >= partTerms / 2) return { loops, depth: depth - 1 };
  }
  return { loops, depth: null };
}

function largestDivisor(count: number, most: number): number {
  for (let divisor = Math.min(count, most); divisor > 1; divisor--) if (count % divisor === 0) return divisor;
  return 1;
}

/** What a store does besides storing, in terms of buffers, which are known before a kernel is written. */
export type Finish = StoreSpec<Buffer>;

/** The buffers it reads. */
export function finishReads({ bias, added, positive }: Finish): Buffer[] {
  return [bias, added, positive].filter((buffer) => buffer !== undefined);
}

/** The same for strips: the epilogue, and code that places it for results `result` bytes behind C's first, `column` bytes behind a row's. */
export function epilogueOf(
  f: FunctionBuilder,
  { bias, added, relu = false, positive }: Finish,
): { readonly epilogue: Epilogue; readonly place: (result: Local, column: Code) => Code } {
  const at = { bias: f.local("i32"), added: f.local("i32"), positive: f.local("i32") };
  return {
    epilogue: {
      relu,
      bias: bias && at.bias,
      added: added && at.added,
      positive: positive && at.positive,
    },
    place: (result, column) =>
      seq(
        bias ? set(at.bias, i32.add(column, bias.address)) : [],
        added ? set(at.added, i32.add(result, added.address)) : [],
        positive ? set(at.positive, i32.add(result, positive.address)) : [],
      ),
  };
}
