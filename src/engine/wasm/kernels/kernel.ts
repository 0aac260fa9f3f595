/** @file What the engine schedules: a function of a task number, the memory it touches, and how many tasks there are. */
import { elementAt } from "../../../elements.ts";
import type { Dispatch, Span } from "../../compiler/dispatch.ts";
import {
  call,
  forRange,
  i32,
  int,
  min,
  repeat,
  seq,
  set,
  standIn,
  type Body,
  type Code,
  type Local,
} from "../emit/code.ts";
import type { FunctionBuilder, ModuleBuilder } from "../emit/module.ts";

/** A span of the engine's memory. The planner gives workspace buffers their address before code is written. */
export class Buffer implements Span {
  readonly label: string;
  readonly bytes: number;
  #address: number | null = null;

  constructor(label: string, elements: number) {
    this.label = label;
    // NOTE: whole vectors, so that a last partial vector may be read, and stored where rows do not follow.
    this.bytes = Math.ceil(elements / 16) * 64;
  }

  get address(): number {
    if (this.#address === null) throw new Error(`buffer ${this.label} has no address yet`);
    return this.#address;
  }

  place(address: number): void {
    this.#address = address;
  }
}

/** Work that threads share by its tasks. Tasks write apart from each other, so any thread may take any of them in any order. */
export interface Kernel extends Dispatch<Buffer> {
  /** What it computes and how large, for profiles: `conv2d 128×32×32×128 → 64`. */
  readonly label: string;
  readonly tasks: number;
  /** Bytes of private memory a thread needs while it runs a task; none by default. */
  readonly scratch?: number;
  /** Floating-point operations of all tasks, where that is what takes the time. */
  readonly flops?: number;
  /** The function's body: does task number `task`, with private memory at address `scratch`. */
  body(f: FunctionBuilder, task: Local, scratch: Local): Code;
}

/**
 * Adds a kernel to a module under a name. What it does is written with its buffers' addresses as parameters, so that kernels which differ
 * in these alone share it.
 */
export function addKernel(module: ModuleBuilder, kernel: Kernel, exported: string): void {
  const { label } = kernel;
  const buffers = [...new Set([...kernel.reads, ...kernel.writes])];
  const addresses = buffers.map(({ address }) => address);
  const params = ["task", "scratch", ...buffers].map(() => "i32" as const);
  const place = (at: (i: number) => number): void => buffers.forEach((buffer, i) => buffer.place(at(i)));
  const shared = module.share(
    params,
    (f) => {
      place((i) => standIn(f.param(i + 2)));
      try {
        return kernel.body(f, f.param(0), f.param(1));
      } finally {
        place((i) => elementAt(addresses, i));
      }
    },
    label,
  );
  module.add(["i32", "i32"], (f) => call(shared, f.param(0), f.param(1), ...addresses.map(int)), {
    exported,
    name: label,
  });
}

/** How a kernel divides `count` items among its tasks, `chunk` for each: by the shape alone, whatever the number of threads. */
export interface Division {
  readonly count: number;
  readonly chunk: number;
}

/** Runs `body` for the items of a task, from number task·chunk on. */
export function eachOf(f: FunctionBuilder, item: Local, task: Local, { count, chunk }: Division, body: Body): Code {
  if (count <= chunk) return repeat(item, count, body);
  const end = f.local("i32");
  const from = i32.mul(task, chunk);
  const to = i32.add(from, chunk);
  return seq(set(end, count % chunk === 0 ? to : min(to, count)), forRange(item, from, end, 1, body));
}

/** A kernel whose items are computed independently. */
export function eachItem(
  { count, chunk, ...kernel }: Omit<Kernel, "tasks" | "body"> & Division,
  body: (f: FunctionBuilder, item: Local, scratch: Local) => Body,
): Kernel {
  return {
    ...kernel,
    tasks: Math.ceil(count / chunk),
    body: (f, task, scratch) => {
      const item = f.local("i32");
      return eachOf(f, item, task, { count, chunk }, body(f, item, scratch));
    },
  };
}
