/** @file Kernels that look at whole rows: log-softmax, and picking by index. */
import { f32, f32x4, forRange, get, i32, int, seq, set, when, type Code } from "../emit/code.ts";
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
        seq(set(at, get(start)), forRange(column, 0, summed, 1, seq(body, set(at, i32.add(get(at), inner * 4)))));
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
                  i32.add(i32.mul(i32.divUnsigned(get(row), inner), summed * inner), i32.remUnsigned(get(row), inner)),
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

/** y[n] = x[n, index[n]], NaN for an index outside. */
export function pick(rows: number, columns: number, x: Buffer, index: Buffer, y: Buffer): Kernel {
  return {
    label: `pick ${rows}×${columns}`,
    reads: [x, index],
    writes: [y],
    tasks: 1,
    scratch: 0,
    body: (f) => {
      const [row, column] = f.locals("i32", 2);
      const to = i32.mul(get(row), 4);
      const from = i32.mul(i32.add(i32.mul(get(row), columns), get(column)), 4);
      return forRange(
        row,
        0,
        rows,
        1,
        seq(
          set(column, i32.load(to, index.address)),
          when(
            i32.ltUnsigned(get(column), columns),
            f32.store(to, f32.load(from, x.address), y.address),
            f32.store(to, f32.const(Number.NaN), y.address),
          ),
        ),
      );
    },
  };
}

/** dx[n, index[n]] = g[n], zeros elsewhere. */
export function pickGrad(rows: number, columns: number, g: Buffer, index: Buffer, dx: Buffer): Kernel {
  return {
    label: `pickGrad ${rows}×${columns}`,
    reads: [g, index],
    writes: [dx],
    tasks: 1,
    scratch: 0,
    body: (f) => {
      const [row, column, start] = f.locals("i32", 3);
      const to = i32.mul(i32.add(i32.mul(get(row), columns), get(column)), 4);
      return seq(
        set(start, int(dx.address)),
        zeroFloats(f, start, rows * columns),
        forRange(
          row,
          0,
          rows,
          1,
          seq(
            set(column, i32.load(i32.mul(get(row), 4), index.address)),
            when(
              i32.ltUnsigned(get(column), columns),
              f32.store(to, f32.load(i32.mul(get(row), 4), g.address), dx.address),
            ),
          ),
        ),
      );
    },
  };
}
