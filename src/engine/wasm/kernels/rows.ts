/** @file Kernels that look at whole rows: log-softmax, and picking by index. */
import {
  address,
  advance,
  f32,
  f32x4,
  forRange,
  get,
  i32,
  seq,
  set,
  when,
  type Code,
  type Local,
} from "../emit/code.ts";
import type { FunctionBuilder } from "../emit/module.ts";
import { eachOf } from "./chunk.ts";
import type { Buffer, Kernel } from "./kernel.ts";
import { exp, log } from "./math.ts";
import type { ReduceShape } from "./reduce.ts";
import { zeroFloats } from "./stage.ts";

/** y = x - max - ln Σ e^(x - max) along the middle axis. */
export function logSoftmax({ outer, summed, inner }: ReduceShape, x: Buffer, y: Buffer): Kernel {
  const rows = outer * inner;
  const chunk = Math.max(1, Math.floor(2048 / summed));
  return {
    label: `logSoftmax ${outer}×${summed}×${inner}`,
    reads: [x],
    writes: [y],
    tasks: Math.ceil(rows / chunk),
    scratch: 0,
    body: (f, task) => {
      const [row, start, at, column] = f.locals("i32", 4);
      const [largest, total] = f.locals("f32", 2);
      const eachColumn = (body: Code): Code =>
        seq(set(at, get(start)), forRange(column, 0, summed, 1, seq(body, advance(at, inner * 4))));
      const value = f32.load(get(at), x.address);
      return eachOf(
        f,
        row,
        task,
        rows,
        chunk,
        seq(
          set(
            start,
            inner === 1
              ? i32.mul(get(row), summed * 4)
              : i32.mul(
                  address([i32.divUnsigned(get(row), inner), summed * inner], i32.remUnsigned(get(row), inner)),
                  4,
                ),
          ),
          set(largest, f32.const(-Infinity)),
          eachColumn(set(largest, f32.max(get(largest), value))),
          set(total, f32.const(0)),
          eachColumn(
            set(total, f32.add(get(total), f32x4.extractLane(exp(f, f32x4.splat(f32.sub(value, get(largest)))), 0))),
          ),
          set(total, f32x4.extractLane(log(f, f32x4.splat(get(total))), 0)),
          eachColumn(f32.store(get(at), f32.sub(f32.sub(value, get(largest)), get(total)), y.address)),
        ),
      );
    },
  };
}

/** Rows of a matrix, and how many of each row's entries an index names. */
export interface PickShape {
  readonly rows: number;
  readonly columns: number;
  readonly each: number;
}

/** y[n, k] = x[n, index[n, k]], NaN for an index outside. */
export function pick(shape: PickShape, x: Buffer, index: Buffer, y: Buffer): Kernel {
  const { rows, columns, each } = shape;
  return {
    label: `pick ${each} of ${rows}×${columns}`,
    reads: [x, index],
    writes: [y],
    ...eachPicked(shape, (f, row, at) => {
      const column = f.local("i32");
      const from = i32.mul(address([row, columns], column), 4);
      return seq(
        set(column, i32.load(get(at), index.address)),
        when(
          i32.ltUnsigned(get(column), columns),
          f32.store(get(at), f32.load(from, x.address), y.address),
          f32.store(get(at), f32.const(Number.NaN), y.address),
        ),
      );
    }),
  };
}

/** dx[n, index[n, k]] += g[n, k] from zeros on, in the order of k. */
export function pickGrad(shape: PickShape, g: Buffer, index: Buffer, dx: Buffer): Kernel {
  const { rows, columns, each } = shape;
  return {
    label: `pickGrad ${each} of ${rows}×${columns}`,
    reads: [g, index],
    writes: [dx],
    ...eachPicked(
      shape,
      (f, row, at) => {
        const [column, to] = f.locals("i32", 2);
        return seq(
          set(column, i32.load(get(at), index.address)),
          when(
            i32.ltUnsigned(get(column), columns),
            seq(
              set(to, i32.mul(address([row, columns], column), 4)),
              f32.store(
                get(to),
                each === 1
                  ? f32.load(get(at), g.address)
                  : f32.add(f32.load(get(to), dx.address), f32.load(get(at), g.address)),
                dx.address,
              ),
            ),
          ),
        );
      },
      (f, row) => {
        const start = f.local("i32");
        return seq(set(start, address([row, columns * 4], dx.address)), zeroFloats(f, start, columns));
      },
    ),
  };
}

/** Visits each named entry, `at` bytes from an index's first; before a row's, `begin`. */
function eachPicked(
  { rows, columns, each }: PickShape,
  visit: (f: FunctionBuilder, row: Local, at: Local) => Code,
  begin: (f: FunctionBuilder, row: Local) => Code = () => [],
): Pick<Kernel, "tasks" | "scratch" | "body"> {
  const chunk = Math.max(1, Math.floor(16384 / Math.max(columns, each)));
  return {
    tasks: Math.ceil(rows / chunk),
    scratch: 0,
    body: (f, task) => {
      const [row, at, end] = f.locals("i32", 3);
      const entries = seq(
        set(at, i32.mul(get(row), each * 4)),
        set(end, i32.add(get(at), each * 4)),
        forRange(at, get(at), get(end), 4, visit(f, row, at)),
      );
      return eachOf(f, row, task, rows, chunk, seq(begin(f, row), entries));
    },
  };
}
