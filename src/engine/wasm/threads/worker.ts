/** @file A thread: takes tasks of a stage until none is left, waits for the others, goes on to the next stage. */
import type { Command, Report, Schedule } from "./protocol.ts";

interface LoadedStage {
  readonly run: readonly ((task: number, scratch: number) => void)[];
  /** Task number at which each kernel of the stage ends. */
  readonly ends: readonly number[];
  readonly total: number;
}

interface Loaded {
  readonly stages: readonly LoadedStage[];
  readonly scratch: number;
}

/**
 * How often a thread looks before it sleeps: some hundred microseconds, longer than most stages. A thread that has slept may
 * wake on the processor of another, and a step of many short stages then takes half as long again.
 */
const looks = 20_000;

/** Answers commands. The platform hands them over and takes the reports. */
export function createWorker(report: (report: Report) => void): (command: Command) => void {
  let memory: WebAssembly.Memory | null = null;
  let index = 0;
  let threads = 1;
  const programs = new Map<number, Loaded>();

  const handle = (command: Command): void => {
    switch (command.kind) {
      case "start":
        ({ memory, index, threads } = command);
        return;
      case "load": {
        seeAll(memory!, command.memoryBytes);
        const instance = new WebAssembly.Instance(command.module, { env: { memory: memory! } });
        programs.set(command.program, load(instance, command.schedule, command.scratch));
        report({ kind: "loaded", program: command.program });
        return;
      }
      case "run": {
        seeAll(memory!, command.memoryBytes);
        const program = programs.get(command.program)!;
        const counters = new Int32Array(memory!.buffer, command.counters, 2 * program.stages.length);
        const times = run(program, counters, threads, command.profile);
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
  const stages = schedule.map((stage) => {
    let total = 0;
    const ends = stage.map(({ tasks }) => (total += tasks));
    const run = stage.map(({ name }) => instance.exports[name] as (task: number, scratch: number) => void);
    return { run, ends, total };
  });
  return { stages, scratch };
}

function run({ stages, scratch }: Loaded, counters: Int32Array, threads: number, profile: boolean): number[] {
  const times: number[] = [];
  let before = profile ? performance.now() : 0;
  for (const [s, stage] of stages.entries()) {
    for (;;) {
      const task = Atomics.add(counters, 2 * s, 1);
      if (task >= stage.total) break;
      let kernel = 0;
      while (task >= stage.ends[kernel]!) kernel++;
      stage.run[kernel]!(kernel === 0 ? task : task - stage.ends[kernel - 1]!, scratch);
    }
    if (threads > 1) meet(counters, 2 * s + 1, threads);
    if (profile) {
      const now = performance.now();
      times.push(now - before);
      before = now;
    }
  }
  return times;
}

/** Waits until every thread is here. */
function meet(counters: Int32Array, at: number, threads: number): void {
  if (Atomics.add(counters, at, 1) === threads - 1) {
    Atomics.notify(counters, at);
    return;
  }
  for (let look = 0; look < looks; look++) if (Atomics.load(counters, at) === threads) return;
  for (let seen = Atomics.load(counters, at); seen < threads; seen = Atomics.load(counters, at))
    Atomics.wait(counters, at, seen);
}
