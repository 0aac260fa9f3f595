/** @file Over a run of neighbouring axes, in a fixed order: sums y[o, i] = Σ_r x[o, r, i], largest elements, and log-softmax. */
import type { Reducer } from "../../compiler/reduction.ts";
import type { ReduceShape } from "../../compiler/sizes.ts";
import {
  address,
  advance,
  f32,
  f32x4,
  forRange,
  i32,
  int,
  min,
  repeat,
  seq,
  set,
  v128,
  type Code,
} from "../emit/code.ts";
import { storeColumns } from "./floats.ts";
import { Buffer, eachItem, type Kernel } from "./kernel.ts";
import { exp, log } from "./math.ts";

const reducers = {
  sum: { start: 0, vector: f32x4.add, single: f32.add },
  max: { start: -Infinity, vector: f32x4.max, single: f32.max },
} as const;

/** Elements that one task sums, if there are so many. */
const taskElements = 16384;

/** Rows that are summed one after the other; a multiple of 4. */
const blockRows = 64;

/** The sum, in two passes where one would leave too little to share. */
export function reduce(reducer: Reducer, shape: ReduceShape, x: Buffer, y: Buffer): Kernel[] {
  const { outer, summed, inner } = shape;
  const parts = Math.min(Math.floor((outer * summed * inner) / taskElements), Math.floor(summed / 8), 64);
  if (outer >= 32 || parts < 2) return [reducePart(reducer, shape, x, y, 1)];
  const partial = new Buffer(`${reducer} parts`, outer * parts * inner);
  return [
    reducePart(reducer, shape, x, partial, parts),
    reducePart(reducer, { outer, summed: parts, inner }, partial, y, 1),
  ];
}

/** What is made of each of `parts` nearly equal parts of the reduced axis; y is [outer, parts, inner]. */
function reducePart(
  reducer: Reducer,
  { outer, summed, inner }: ReduceShape,
  x: Buffer,
  y: Buffer,
  parts: number,
): Kernel {
  const { start, vector: combine, single: combineSingle } = reducers[reducer];
  const length = Math.ceil(summed / parts);
  const rows = outer * parts;
  const chunk = Math.max(1, Math.floor(taskElements / (length * inner)));
  const label = `${reducer} ${outer}×${summed}×${inner}`;
  return eachItem({ label, reads: [x], writes: [y], count: rows, chunk }, (f, row) => {
    const [from, to, at, r, first, count, column, end, inBlock] = f.locals("i32", 9);
    const [total, block] = f.locals("v128", 2);
    const part = parts === 1 ? int(0) : i32.remUnsigned(row, parts);
    const group = parts === 1 ? row : i32.divUnsigned(row, parts);
    const lanes = (n: number): Code =>
      seq(
        set(at, from),
        set(total, f32x4.const(start)),
        inBlocks(seq(set(block, combine(block, v128.load(at))), advance(at, inner * 4)), 1),
        storeColumns(to, total, 0, n, f),
      );
    /** Sums blocks of rows, then the blocks: long sums round less so. */
    const inBlocks = (addOne: Code, step: number): Code =>
      forRange(r, 0, count, blockRows, [
        set(block, f32x4.const(start)),
        set(end, min(i32.add(r, blockRows), count)),
        forRange(inBlock, r, i32.sub(end, step - 1), step, addOne),
        set(total, combine(total, block)),
      ]);
    const columns = seq(
      repeat(column, Math.floor(inner / 4), [lanes(4), advance(from, 16), advance(to, 16)]),
      inner % 4 > 0 ? lanes(inner % 4) : [],
    );
    return [
      set(first, i32.mul(part, length)),
      set(count, min(length, i32.sub(summed, first))),
      set(from, address([address([group, summed], first), inner * 4], x.address)),
      set(to, address([row, inner * 4], y.address)),
      inner === 1 ? run() : columns,
    ];

    /** A run of `count` neighbouring numbers: four sums side by side, then the rest. */
    function run(): Code {
      const single = f.local("f32");
      const lane = (i: number): Code => f32x4.extractLane(total, i);
      return seq(
        set(total, f32x4.const(start)),
        set(at, from),
        inBlocks(seq(set(block, combine(block, v128.load(at))), advance(at, 16)), 4),
        set(single, combineSingle(combineSingle(lane(0), lane(1)), combineSingle(lane(2), lane(3)))),
        forRange(r, i32.and(count, -4), count, 1, [set(single, combineSingle(single, f32.load(at))), advance(at, 4)]),
        f32.store(to, single),
      );
    }
  });
}

/** y = x - max - ln Σ e^(x - max) along the middle axis. */
export function logSoftmax({ outer, summed, inner }: ReduceShape, x: Buffer, y: Buffer): Kernel {
  const rows = outer * inner;
  const chunk = Math.max(1, Math.floor(2048 / summed));
  const label = `logSoftmax ${outer}×${summed}×${inner}`;
  return eachItem({ label, reads: [x], writes: [y], count: rows, chunk }, (f, row) => {
    const [start, at, column] = f.locals("i32", 3);
    const [largest, total] = f.locals("f32", 2);
    const eachColumn = (body: Code): Code =>
      seq(set(at, start), repeat(column, summed, [body, advance(at, inner * 4)]));
    const value = f32.load(at, x.address);
    const first =
      inner === 1
        ? i32.mul(row, summed * 4)
        : i32.mul(address([i32.divUnsigned(row, inner), summed * inner], i32.remUnsigned(row, inner)), 4);
    return [
      set(start, first),
      set(largest, f32.const(-Infinity)),
      eachColumn(set(largest, f32.max(largest, value))),
      set(total, f32.const(0)),
      eachColumn(set(total, f32.add(total, f32x4.extractLane(exp(f, f32x4.splat(f32.sub(value, largest))), 0)))),
      set(total, f32x4.extractLane(log(f, f32x4.splat(total)), 0)),
      eachColumn(f32.store(at, f32.sub(f32.sub(value, largest), total), y.address)),
    ];
  });
}
