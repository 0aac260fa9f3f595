/** @file Log-softmax along an axis. */
import { address, advance, f32, f32x4, forRange, get, i32, seq, set, type Code } from "../emit/code.ts";
import { eachOf, type Buffer, type Kernel } from "./kernel.ts";
import { exp, log } from "./math.ts";
import type { ReduceShape } from "./reduce.ts";

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
