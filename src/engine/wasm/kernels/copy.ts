/** @file The same elements in another order: permutations, NCHW to NHWC and back, plain copies. */
import { sizeOf, type Shape } from "../../../tensor/shape.ts";
import { f32, forRange, get, i32, int, seq, set, v128, type Code } from "../emit/code.ts";
import { joinLoops, type Loop } from "../lower/layout.ts";
import { eachOf } from "./chunk.ts";
import { gather, rowOffset } from "./elementwise.ts";
import type { Buffer, Kernel } from "./kernel.ts";
import { storeColumns } from "./product.ts";

/** Elements of a task. */
const taskElements = 16384;

/** Copies into `to`, whose elements lie in the order of `loops`; each loop's step is the source's. */
export function copy(
  label: string,
  from: Buffer,
  to: Buffer,
  loops: readonly { readonly size: number; readonly step: number }[],
): Kernel {
  const dense = loops.map((_, i) => sizeOf(loops.slice(i + 1).map((loop) => loop.size)));
  const joined: Loop[] = joinLoops(loops.map(({ size, step }, i) => ({ size, steps: [step, dense[i]!] })));
  // One long run would be a single task.
  const last = joined.at(-1)!;
  const split = joined.length === 1 && last.size % 1024 === 0 ? last.size / 1024 : 1;
  const inner = last.size / split;
  const outer = [...joined.slice(0, -1), { size: split, steps: last.steps.map((step) => step * inner) }];
  const rows = sizeOf(outer.map((loop) => loop.size));
  const chunk = Math.max(1, Math.floor(taskElements / inner));
  const [fromStep] = last.steps as [number];
  return {
    label,
    reads: [from],
    writes: [to],
    tasks: Math.ceil(rows / chunk),
    scratch: 0,
    body: (f, task) => {
      const [row, column, source, target] = f.locals("i32", 4);
      const move = (lanes: number): Code => {
        const value =
          fromStep === 1 ? v128.load(get(source), from.address) : gather(f, source, from.address, fromStep * 4, lanes);
        return storeColumns(target, value, to.address, lanes, f);
      };
      const next = seq(set(source, i32.add(get(source), fromStep * 16)), set(target, i32.add(get(target), 16)));
      const rest = inner % 4;
      return eachOf(
        f,
        row,
        task,
        rows,
        chunk,
        seq(
          set(
            source,
            rowOffset(
              get(row),
              outer.map(({ size, steps }) => ({ size, step: steps[0]! * 4 })),
            ),
          ),
          set(target, i32.mul(get(row), inner * 4)),
          forRange(column, 0, Math.floor(inner / 4), 1, seq(move(4), next)),
          rest > 0 ? move(rest) : [],
        ),
      );
    },
  };
}

/** Copies a tensor of `shape` from one order of its axes in memory (`from`, steps by axis) to another (`order`, outermost first). */
export function reorder(
  label: string,
  shape: Shape,
  from: Buffer,
  fromSteps: readonly number[],
  to: Buffer,
  order: readonly number[],
): Kernel {
  return copy(
    label,
    from,
    to,
    order.map((axis) => ({ size: shape[axis]!, step: fromSteps[axis]! })),
  );
}

/** One number, stored. */
export function fill(to: Buffer, value: number): Kernel {
  return {
    label: `constant ${value}`,
    reads: [],
    writes: [to],
    tasks: 1,
    scratch: 0,
    body: () => f32.store(int(to.address), f32.const(value)),
  };
}
