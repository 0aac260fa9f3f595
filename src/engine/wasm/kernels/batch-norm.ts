/**
 * @file Batch normalisation's sums over all elements of a channel, channels last. Rows (a row is one pixel's channels) are cut
 * into parts that a core's cache holds, whatever the number of threads; what the parts give is put together in their order.
 */
import { elementAt } from "../../../elements.ts";
import type { NormShape } from "../../compiler/sizes.ts";
import {
  address,
  advance,
  f32x4,
  forRange,
  i32,
  i32x4,
  int,
  min,
  seq,
  set,
  v128,
  when,
  type Code,
  type Local,
} from "../emit/code.ts";
import type { FunctionBuilder } from "../emit/module.ts";
import { storeColumns } from "./floats.ts";
import { Buffer, eachOf, type Kernel } from "./kernel.ts";

/**
 * moments [2, C] = each channel's mean and biased variance, reading x from memory once: each part's mean m and
 * M = Σ(x - m)² in two passes over the cached part, then mean = Σ length·m / rows and
 * variance = Σ(M + length·(m - mean)²) / rows. Chan, Golub, LeVeque, "Updating Formulae", 1979.
 */
export function batchMoments(shape: NormShape, x: Buffer, moments: Buffer): Kernel[] {
  const parts = partsOf(shape);
  const partial = new Buffer("moments of parts", parts.count * parts.bytes);
  const sumKernel = eachPart("batchMoments", shape, [x], partial, (f, { rows, count, at, column, to, vectors }) => {
    const sums = f.locals("v128", vectors);
    const means = f.locals("v128", vectors);
    const value = (v: number): Code => v128.load(i32.add(at, column), x.address + v * 16);
    const difference = f.local("v128");
    return seq(
      rows(sums, (block, v) => set(block, f32x4.add(block, value(v)))),
      ...means.map((mean, v) => set(mean, f32x4.div(elementAt(sums, v), f32x4.convertI32(i32x4.splat(count))))),
      ...means.map((mean, v) => v128.store(to, mean, v * 16)),
      rows(sums, (block, v) =>
        seq(
          set(difference, f32x4.sub(value(v), elementAt(means, v))),
          set(block, f32x4.add(block, f32x4.mul(difference, difference))),
        ),
      ),
      ...sums.map((sum, v) => v128.store(to, sum, parts.bytes / 2 + v * 16)),
    );
  });
  const { length, last } = parts;
  const combine = eachVector("batchMoments", shape, [partial], moments, (f, { column, store }) => {
    const [total, mean, difference] = f.locals("v128", 3);
    const [part] = f.locals("i32", 1);
    const meanOf = v128.load(i32.add(part, column), partial.address);
    const squaresOf = v128.load(i32.add(part, column), partial.address + parts.bytes / 2);
    const addMean = (rows: number): Code => set(total, f32x4.add(total, f32x4.mul(meanOf, f32x4.const(rows))));
    const addSquares = (rows: number): Code =>
      seq(
        set(difference, f32x4.sub(meanOf, mean)),
        set(total, f32x4.add(total, squaresOf)),
        set(total, f32x4.add(total, f32x4.mul(f32x4.mul(difference, difference), f32x4.const(rows)))),
      );
    const inOrder = (add: (rows: number) => Code): Code => {
      const end = (parts.count - 1) * parts.bytes;
      const whole = forRange(part, 0, end, parts.bytes, add(length));
      return seq(set(total, f32x4.const(0)), whole, set(part, int(end)), add(last));
    };
    return seq(
      inOrder(addMean),
      set(mean, f32x4.div(total, f32x4.const(shape.rows))),
      store(0, mean),
      inOrder(addSquares),
      store(1, f32x4.div(total, f32x4.const(shape.rows))),
    );
  });
  return [sumKernel, combine];
}

/** sums [2, C] = Σ g·x̂ and Σ g of each channel. */
export function batchNormParameterGrads(
  shape: NormShape,
  eps: number,
  { g, x, moments, sums }: Readonly<Record<"g" | "x" | "moments" | "sums", Buffer>>,
): Kernel[] {
  const parts = partsOf(shape);
  const partial = new Buffer("sums of parts", parts.count * parts.bytes);
  const sumKernel = eachPart(
    "batchNormParameterGrads",
    shape,
    [g, x, moments],
    partial,
    (f, { rows, at, column, to, vectors }) => {
      const totals = f.locals("v128", 2 * vectors);
      const means = f.locals("v128", vectors);
      const gradient = f.local("v128");
      const place = i32.add(at, column);
      return seq(
        ...means.map((mean, v) => set(mean, v128.load(column, moments.address + v * 16))),
        // Even places sum g·(x - mean), odd ones g.
        rows(totals, (block, i) => {
          const v = i >> 1;
          if (i % 2 === 1) return set(block, f32x4.add(block, gradient));
          const centred = f32x4.sub(v128.load(place, x.address + v * 16), elementAt(means, v));
          return seq(
            set(gradient, v128.load(place, g.address + v * 16)),
            set(block, f32x4.add(block, f32x4.mul(gradient, centred))),
          );
        }),
        ...totals.map((total, i) => v128.store(to, total, (i % 2) * (parts.bytes / 2) + (i >> 1) * 16)),
      );
    },
  );
  const combine = eachVector("batchNormParameterGrads", shape, [partial, moments], sums, (f, { column, store }) => {
    const totals = f.locals("v128", 2);
    const part = f.local("i32");
    const variance = v128.load(column, moments.address + shape.channels * 4);
    const deviation = f32x4.sqrt(f32x4.add(variance, f32x4.const(eps)));
    return seq(
      ...totals.map((total) => set(total, f32x4.const(0))),
      forRange(
        part,
        0,
        parts.count * parts.bytes,
        parts.bytes,
        totals.map((total, i) => {
          const value = v128.load(i32.add(part, column), partial.address + (i * parts.bytes) / 2);
          return set(total, f32x4.add(total, value));
        }),
      ),
      store(0, f32x4.div(elementAt(totals, 0), deviation)),
      store(1, elementAt(totals, 1)),
    );
  });
  return [sumKernel, combine];
}

/** Elements of a part: few enough to stay in a core's second-level cache, twice over. */
const partElements = 16384;
/** Parts, if they need not be longer for it. */
const mostParts = 256;
/** Rows that are summed one after the other; long sums round less in blocks. */
const blockRows = 64;
/** Vectors of channels that are summed side by side. */
const sideBySide = 4;

/** All parts but the last have `length` rows; each leaves two rows of vectors, `bytes` together. */
function partsOf({ rows, channels }: NormShape): Record<"length" | "last" | "count" | "bytes", number> {
  const length = Math.min(rows, Math.max(1, Math.floor(partElements / channels), Math.ceil(rows / mostParts)));
  const count = Math.ceil(rows / length);
  return { length, last: rows - (count - 1) * length, count, bytes: 2 * 16 * Math.ceil(channels / 4) };
}

interface PartBody {
  /** Sums over the part's rows into `totals`, in blocks: `addRow(block, i)` adds the row at `at` to what becomes totals[i]. */
  readonly rows: (totals: readonly Local[], addRow: (block: Local, i: number) => Code) => Code;
  /** How many rows the part has. */
  readonly count: Local;
  /** The row's place in its buffer, and the columns' place in the row, in bytes. */
  readonly at: Local;
  readonly column: Local;
  /** The address of the part's results for these columns. */
  readonly to: Local;
  readonly vectors: number;
}

/** A kernel with a task for each part, which goes through the channels a few vectors at a time. */
function eachPart(
  name: string,
  shape: NormShape,
  reads: readonly Buffer[],
  partial: Buffer,
  body: (f: FunctionBuilder, part: PartBody) => Code,
): Kernel {
  const { rows: allRows, channels } = shape;
  const parts = partsOf(shape);
  const pitch = channels * 4;
  return {
    label: `${name} ${allRows}×${channels}`,
    reads,
    writes: [partial],
    tasks: parts.count,
    body: (f, task) => {
      const [count, at, column, to, row, end] = f.locals("i32", 6);
      const rows = (totals: readonly Local[], addRow: (block: Local, i: number) => Code): Code => {
        const blocks = f.locals("v128", totals.length);
        const inBlock = f.local("i32");
        return seq(
          set(at, i32.mul(task, parts.length * pitch)),
          ...totals.map((total) => set(total, f32x4.const(0))),
          forRange(row, 0, count, blockRows, [
            ...blocks.map((block) => set(block, f32x4.const(0))),
            set(end, min(i32.add(row, blockRows), count)),
            forRange(inBlock, row, end, 1, [...blocks.map(addRow), advance(at, pitch)]),
            ...totals.map((total, i) => set(total, f32x4.add(total, elementAt(blocks, i)))),
          ]),
        );
      };
      const columns = (vectors: number): Code => body(f, { rows, count, at, column, to, vectors });
      const vectors = Math.ceil(channels / 4);
      const rest = vectors % sideBySide;
      return seq(
        set(count, min(i32.sub(int(allRows), i32.mul(task, parts.length)), parts.length)),
        set(to, address([task, parts.bytes], partial.address)),
        forRange(column, 0, (vectors - rest) * 16, sideBySide * 16, [
          columns(sideBySide),
          advance(to, sideBySide * 16),
        ]),
        rest > 0 ? seq(set(column, int((vectors - rest) * 16)), columns(rest)) : [],
      );
    },
  };
}

interface VectorBody {
  /** The place of four channels in a row, in bytes. */
  readonly column: Local;
  /** Stores them in row 0 or 1 of the result. */
  readonly store: (row: 0 | 1, value: Code) => Code;
}

/** A kernel that makes a result of [2, C], four channels at a time. */
function eachVector(
  name: string,
  { channels }: NormShape,
  reads: readonly Buffer[],
  result: Buffer,
  body: (f: FunctionBuilder, vector: VectorBody) => Code,
): Kernel {
  const whole = Math.floor(channels / 4);
  const chunk = 16;
  return {
    label: `${name}, parts together`,
    reads,
    writes: [result],
    tasks: Math.max(1, Math.ceil(whole / chunk)),
    body: (f, task) => {
      const [vector, column] = f.locals("i32", 2);
      const lanes = (count: number): Code =>
        body(f, {
          column,
          store: (row, value) => storeColumns(column, value, result.address + row * channels * 4, count, f),
        });
      const rest = channels % 4;
      return seq(
        eachOf(f, vector, task, { count: whole, chunk }, [set(column, i32.mul(vector, 16)), lanes(4)]),
        rest > 0 ? when(i32.eq(task, 0), [set(column, int(whole * 16)), lanes(rest)]) : [],
      );
    },
  };
}
