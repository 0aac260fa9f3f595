/** @file A thread: takes tasks of a level until none is left, waits for the others, goes on to the next level. */
import { valueAt } from "../../../elements.ts";
import { countersPerLevel, type Command, type Report, type Schedule } from "./protocol.ts";

interface LoadedLevel {
  /** Each does the tasks from `first` to before `end`. */
  readonly kernels: readonly {
    readonly first: number;
    readonly end: number;
    readonly run: (task: number, scratch: number) => void;
  }[];
  readonly total: number;
}

interface Loaded {
  readonly levels: readonly LoadedLevel[];
  readonly scratch: number;
}

/**
 * How often a thread looks before it sleeps: some hundred microseconds, longer than most levels. A thread that has slept may
 * wake on the processor of another, and a step of many short levels then takes half as long again.
 */
const looks = 20_000;

/** Answers commands. The platform hands them over and takes the reports. */
export function createWorker(report: (report: Report) => void): (command: Command) => void {
  let memory: WebAssembly.Memory | null = null;
  const memoryOf = ({ memoryBytes }: { readonly memoryBytes: number }): WebAssembly.Memory => {
    if (!memory) throw new Error("a thread should be started before it has work");
    seeAll(memory, memoryBytes);
    return memory;
  };
  let index = 0;
  let threads = 1;
  const programs = new Map<number, Loaded>();

  const handle = (command: Command): void => {
    switch (command.kind) {
      case "start":
        ({ memory, index, threads } = command);
        return;
      case "load": {
        const instance = new WebAssembly.Instance(command.module, { env: { memory: memoryOf(command) } });
        programs.set(command.program, load(instance, command.schedule, command.scratch));
        report({ kind: "loaded", program: command.program });
        return;
      }
      case "run": {
        const { buffer } = memoryOf(command);
        const program = valueAt(programs, command.program);
        const counters = new Int32Array(buffer, command.counters, countersPerLevel * program.levels.length);
        const clock = command.profile ? { isRead: index === 0 } : null;
        const times = run(program, command.first, counters, threads, clock);
        if (index === 0) report({ kind: "done", program: command.program, times });
        return;
      }
      case "unload":
        programs.delete(command.program);
    }
  };
  return (command) => {
    try {
      handle(command);
    } catch (error) {
      report({ kind: "failed", message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
    }
  };
}

/**
 * NOTE: V8 can miss a growth of the memory that happens while a thread is handed it, and would go on with a shorter one
 * until the next growth. Growing it by nothing makes V8 look again.
 */
function seeAll(memory: WebAssembly.Memory, bytes: number): void {
  if (memory.buffer.byteLength < bytes) memory.grow(0);
  const seen = memory.buffer.byteLength;
  if (seen < bytes) throw new Error(`of a memory of ${bytes} bytes, only ${seen} are seen`);
}

function load(instance: WebAssembly.Instance, schedule: Schedule, scratch: number): Loaded {
  const levels = schedule.map((level) => {
    let total = 0;
    const kernels = level.map(({ name, tasks }) => {
      const first = total;
      total += tasks;
      return { first, end: total, run: instance.exports[name] as (task: number, scratch: number) => void };
    });
    return { kernels, total };
  });
  return { levels, scratch };
}

/**
 * With a clock, the thread that reads it begins each level and the others wait for that: one that had already gone ahead
 * could do a level alone before the clock is first looked at.
 */
function run(
  { levels, scratch }: Loaded,
  first: number,
  counters: Int32Array,
  threads: number,
  clock: { readonly isRead: boolean } | null,
): number[] {
  const times: number[] = [];
  for (const [s, level] of levels.entries()) {
    if (s < first) continue;
    const next = countersPerLevel * s;
    const through = next + 1;
    const begun = next + 2;
    let before = 0;
    if (clock?.isRead) {
      before = performance.now();
      arrive(counters, begun, 1);
    } else if (clock) {
      reach(counters, begun, 1);
    }
    for (;;) {
      const task = Atomics.add(counters, next, 1);
      if (task >= level.total) break;
      for (const { first, end, run } of level.kernels) {
        if (task >= end) continue;
        run(task - first, scratch);
        break;
      }
    }
    if (threads > 1 && !arrive(counters, through, threads)) reach(counters, through, threads);
    if (clock?.isRead) times.push(performance.now() - before);
  }
  return times;
}

/** Counts one more; the last of `all` wakes those who wait, and is told so. */
function arrive(counters: Int32Array, at: number, all: number): boolean {
  const isLast = Atomics.add(counters, at, 1) === all - 1;
  if (isLast) Atomics.notify(counters, at);
  return isLast;
}

/** Waits until all have arrived. */
function reach(counters: Int32Array, at: number, all: number): void {
  for (let look = 0; look < looks; look++) if (Atomics.load(counters, at) === all) return;
  for (let seen = Atomics.load(counters, at); seen < all; seen = Atomics.load(counters, at))
    Atomics.wait(counters, at, seen);
}
