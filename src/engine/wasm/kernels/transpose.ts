/** @file Elements that lie side by side before in one direction and afterwards in another: blocks of 4×4 turned in registers. */
import { elementAt } from "../../../elements.ts";
import { sizeOf } from "../../../tensor/shape.ts";
import { advance, forRange, seq, set, v128, type Code, type Local } from "../emit/code.ts";
import type { FunctionBuilder } from "../emit/module.ts";
import type { Loop } from "../../compiler/layout.ts";
import { rowOffset } from "./elementwise.ts";
import { eachOf } from "./kernel.ts";

/** Addresses of the first element before and afterwards. */
export interface Ends {
  readonly from: number;
  readonly to: number;
}

/** A walk whose elements lie side by side afterwards along `along`, and before along `across`; steps are [before, afterwards]. */
export interface Transposed {
  readonly along: Loop;
  readonly across: Loop;
  readonly others: readonly Loop[];
  /** How much of `across` is one item. */
  readonly part: number;
  readonly items: number;
}

/** A walk of several loops as such, if it is one and both sides are whole vectors. `most`: elements of an item, if that can be. */
export function asTransposed(loops: readonly Loop[], most: number): Transposed | null {
  const along = elementAt(loops, -1);
  const across = loops.slice(0, -1).find(({ steps, size }) => steps[0] === 1 && size % 4 === 0);
  if (!across || along.steps[1] !== 1 || along.size % 4 !== 0) return null;
  const others = loops.slice(0, -1).filter((loop) => loop !== across);
  let part = across.size;
  while (part > 4 && (part * along.size > most || across.size % part !== 0)) part -= 4;
  return { along, across, others, part, items: sizeOf(others.map(({ size }) => size)) * (across.size / part) };
}

/** Moves the items of a task, `chunk` of them. */
export function transpose(
  f: FunctionBuilder,
  task: Local,
  { along, across, others, part, items }: Transposed,
  chunk: number,
  ends: Ends,
): Code {
  const [item, i, t, from, to] = f.locals("i32", 5);
  const loops = [...others, { size: across.size / part, steps: across.steps.map((step) => step * part) }];
  const place = (side: 0 | 1): Code =>
    rowOffset(
      item,
      loops.map(({ size, steps }) => ({ size, step: elementAt(steps, side) * 4 })),
    );
  // Whole lines of the cache, where they are whole: they are written once.
  const width = along.size % 16 === 0 ? 16 : 4;
  const [step, pitch] = [elementAt(along.steps, 0) * 4, elementAt(across.steps, 1) * 4];
  const squares = Array.from({ length: width / 4 }, (_, w) =>
    turn(
      f,
      (r) => v128.load(from, ends.from + (w * 4 + r) * step),
      (q, value) => v128.store(to, value, ends.to + q * pitch + w * 16),
    ),
  );
  const next = (fromBytes: number, toBytes: number): Code => seq(advance(from, fromBytes), advance(to, toBytes));
  const eachAcross = forRange(t, 0, part, 4, [...squares, next(16, 4 * pitch)]);
  const back = next(width * step - part * 4, width * 4 - part * pitch);
  const one = seq(set(from, place(0)), set(to, place(1)), forRange(i, 0, along.size, width, [eachAcross, back]));
  return eachOf(f, item, task, { count: items, chunk }, one);
}

/** A square of four vectors, rows for columns. */
function turn(f: FunctionBuilder, load: (row: number) => Code, store: (row: number, value: Code) => Code): Code {
  const [a, b, c, d, low, high] = f.locals("v128", 6);
  const pairs = (x: Local, y: Local, lanes: readonly [number, number, number, number]): Code =>
    v128.shuffle(x, y, lanes);
  return seq(
    ...[a, b, c, d].map((row, r) => set(row, load(r))),
    set(low, pairs(a, b, [0, 4, 1, 5])), // a0 b0 a1 b1
    set(a, pairs(a, b, [2, 6, 3, 7])), // a2 b2 a3 b3
    set(high, pairs(c, d, [0, 4, 1, 5])),
    set(c, pairs(c, d, [2, 6, 3, 7])),
    store(0, pairs(low, high, [0, 1, 4, 5])),
    store(1, pairs(low, high, [2, 3, 6, 7])),
    store(2, pairs(a, c, [0, 1, 4, 5])),
    store(3, pairs(a, c, [2, 3, 6, 7])),
  );
}
