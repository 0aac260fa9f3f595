/** @file The same elements in another order or another place: permutations, NCHW to NHWC and back, tensors behind each other. */
import { elementAt } from "../../../elements.ts";
import { sizeOf } from "../../../tensor/shape.ts";
import type { Box } from "../../compiler/box.ts";
import { advance, f32, f32x4, i32, int, repeat, seq, set, v128, when, type Code, type Local } from "../emit/code.ts";
import type { FunctionBuilder } from "../emit/module.ts";
import { joinLoops, type Loop } from "../../compiler/layout.ts";
import { rowOffset } from "./elementwise.ts";
import { loadStrided, storeColumns } from "./floats.ts";
import { eachItem, eachOf, type Buffer, type Kernel } from "./kernel.ts";
import { asTransposed, transpose, type Ends } from "./transpose.ts";

/** Elements of a task. */
const taskElements = 16384;

/** Fills `to` from boxes that lie apart. */
export function copyBoxes(label: string, to: Buffer, boxes: readonly Box<Buffer>[]): Kernel {
  const plans = boxes.map((box) => planOf(box, to));
  let tasks = 0;
  const ends = plans.map((plan) => (tasks += plan.tasks));
  return {
    label,
    reads: [...new Set(boxes.flatMap(({ from }) => from ?? []))],
    writes: [to],
    tasks,
    body: (f, task) => {
      const own = f.local("i32");
      return plans.reduceRight((others: Code, plan, i) => {
        const code = seq(set(own, i32.sub(task, i === 0 ? 0 : elementAt(ends, i - 1))), plan.code(f, own));
        return i === plans.length - 1 ? code : when(i32.ltSigned(task, elementAt(ends, i)), code, others);
      }, []);
    },
  };
}

/** One number, stored. */
export function fill(to: Buffer, value: number): Kernel {
  return {
    label: `constant ${value}`,
    reads: [],
    writes: [to],
    tasks: 1,
    body: () => f32.store(int(to.address), f32.const(value)),
  };
}

/** The tasks that fill a box, and their code. */
interface Plan {
  readonly tasks: number;
  code(f: FunctionBuilder, task: Local): Code;
}

function planOf({ loops, from, fromOffset, toOffset }: Box<Buffer>, to: Buffer): Plan {
  const joined = joinLoops(
    2,
    loops.map(({ size, from, to }) => ({ size, steps: [from, to] })),
  );
  const ends = (): Ends => ({ from: from ? from.address + fromOffset * 4 : 0, to: to.address + toOffset * 4 });
  const transposed = elementAt(joined, -1).steps[0] === 1 || !from ? null : asTransposed(joined, taskElements);
  if (transposed) {
    const chunk = Math.max(1, Math.floor(taskElements / (transposed.part * transposed.along.size)));
    return {
      tasks: Math.ceil(transposed.items / chunk),
      code: (f, task) => transpose(f, task, transposed, chunk, ends()),
    };
  }
  if (elementAt(joined, -1).steps[1] !== 1) joined.push({ size: 1, steps: [1, 1] });
  // One long run would be a single task.
  const last = elementAt(joined, -1);
  const split = joined.length === 1 && last.size % 1024 === 0 ? last.size / 1024 : 1;
  const inner = last.size / split;
  const outer = [...joined.slice(0, -1), { size: split, steps: last.steps.map((step) => step * inner) }];
  const rows = sizeOf(outer.map((loop) => loop.size));
  const chunk = Math.max(1, Math.floor(taskElements / inner));
  const run = { inner, fromStep: from ? elementAt(last.steps, 0) : null, outer, rows, chunk };
  return { tasks: Math.ceil(rows / chunk), code: (f, task) => copyRows(f, task, run, ends()) };
}

/** Rows of `inner` elements that follow each other afterwards, `chunk` rows a task; before, they are `fromStep` apart, or zeros if that is null. */
interface Rows {
  readonly inner: number;
  readonly fromStep: number | null;
  readonly outer: readonly Loop[];
  readonly rows: number;
  readonly chunk: number;
}

function copyRows(f: FunctionBuilder, task: Local, { inner, fromStep, outer, rows, chunk }: Rows, ends: Ends): Code {
  const [row, column, source, target] = f.locals("i32", 4);
  const read = (lanes: number): Code => {
    if (fromStep === null) return f32x4.const(0);
    return fromStep === 1 ? v128.load(source, ends.from) : loadStrided(f, source, ends.from, fromStep * 4, lanes);
  };
  const move = (lanes: number): Code => storeColumns(target, read(lanes), ends.to, lanes, f);
  const next = seq(advance(source, (fromStep ?? 0) * 16), advance(target, 16));
  const rest = inner % 4;
  const place = (pointer: 0 | 1): Code =>
    rowOffset(
      row,
      outer.map(({ size, steps }) => ({ size, step: elementAt(steps, pointer) * 4 })),
    );
  const isDense = outer.every(
    ({ steps }, i) => steps[1] === inner * sizeOf(outer.slice(i + 1).map(({ size }) => size)),
  );
  return eachOf(f, row, task, { count: rows, chunk }, [
    set(source, place(0)),
    set(target, isDense ? i32.mul(row, inner * 4) : place(1)),
    repeat(column, Math.floor(inner / 4), [move(4), next]),
    rest > 0 ? move(rest) : [],
  ]);
}

/** Channels mixed among groups, an order that is known: y[pixel, c·groups + g] = x[pixel, g·channels / groups + c] */
export function channelShuffle(pixels: number, channels: number, groups: number, x: Buffer, y: Buffer): Kernel {
  const chunk = Math.max(1, Math.floor(taskElements / channels));
  const source = (channel: number): number =>
    x.address + ((channel % groups) * (channels / groups) + Math.floor(channel / groups)) * 4;
  const label = `channelShuffle ${pixels}×${channels}`;
  return eachItem({ label, reads: [x], writes: [y], count: pixels, chunk }, (f, pixel) => {
    const at = f.local("i32");
    const value = f.local("v128");
    const vectors: Code[] = [];
    for (let channel = 0; channel < channels; channel += 4) {
      const lanes = Math.min(4, channels - channel);
      vectors.push(set(value, v128.load32Splat(at, source(channel))));
      for (let lane = 1; lane < lanes; lane++)
        vectors.push(set(value, v128.load32Lane(at, value, source(channel + lane), lane)));
      vectors.push(storeColumns(at, value, y.address + channel * 4, lanes, f));
    }
    return [set(at, i32.mul(pixel, channels * 4)), ...vectors];
  });
}
