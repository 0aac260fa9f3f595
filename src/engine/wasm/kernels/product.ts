/** @file A strip of a matrix product: many rows of A against one panel of B, with what is done to each result before it is stored. */
import { f32x4, forRange, get, i32, seq, set, v128, type Code, type Local } from "../emit/code.ts";
import type { FunctionBuilder } from "../emit/module.ts";
import { multiplyAdd, type SumLoop, type TileShape } from "./tile.ts";

/** What happens to a block of results on its way to memory. */
export interface Epilogue {
  /** Add to what memory holds. */
  readonly accumulate?: boolean;
  /** A local with the address of the panel's bias values. */
  readonly bias?: Local;
  readonly relu?: boolean;
  /** A local with an address that moves as C does: results stay only where the value there is above 0. */
  readonly positive?: Local;
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
    const moves = [set(a, i32.add(get(a), height * aRow)), set(c, i32.add(get(c), height * cRow))];
    if (epilogue.positive) moves.push(set(epilogue.positive, i32.add(get(epilogue.positive), height * cRow)));
    return forRange(counter, 0, count, 1, seq(block(f, tile, height, given), ...moves));
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
  const first = (v: number): Code => (epilogue.bias ? v128.load(get(epilogue.bias), v * 16) : f32x4.const(0));
  const result = (value: Code, r: number, v: number): Code => {
    const offset = r * cRow + v * 16;
    // Added at the end: a long sum in two levels rounds far less than one that goes on from what memory holds.
    const total = epilogue.accumulate ? f32x4.add(v128.load(get(c), offset), value) : value;
    const rectified = epilogue.relu ? f32x4.max(total, f32x4.const(0)) : total;
    if (!epilogue.positive) return rectified;
    return v128.andNot(rectified, f32x4.le(v128.load(get(epilogue.positive), offset), f32x4.const(0)));
  };
  return seq(
    set(aAt, get(a)),
    set(bAt, get(b)),
    ...sums.flatMap((row) => row.map((local, v) => set(local, first(v)))),
    multiplyAdd(f, sums, { a: aAt, b: bAt, aRow, sum }, tile.fused),
    // NOTE: all loads before the first store: V8 pairs no two loads across a store, and then no sums either.
    ...sums.flatMap((row, r) => row.map((local, v) => set(local, result(get(local), r, v)))),
    ...sums.flatMap((row, r) =>
      row.map((local, v) => storeColumns(c, get(local), r * cRow + v * 16, columns - v * 4, f)),
    ),
  );
}

/** Stores four lanes, or only the first few. */
export function storeColumns(address: Local, value: Code, offset: number, lanes: number, f: FunctionBuilder): Code {
  if (lanes >= 4) return v128.store(get(address), value, offset);
  const kept = f.local("v128");
  return seq(
    set(kept, value),
    ...Array.from({ length: lanes }, (_, lane) => v128.store32Lane(get(address), get(kept), offset + lane * 4, lane)),
  );
}
