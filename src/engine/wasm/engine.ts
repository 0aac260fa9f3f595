/** @file The default engine: WebAssembly written for each graph, run by threads over one shared memory. */
import { elementAt, valueAt } from "../../elements.ts";
import { anIterable, checkArguments } from "../../arguments.ts";
import { LimbeckError } from "../../errors.ts";
import { analyse, type AnalysedGraph, type Graph } from "../../tensor/graph.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { touchedBytes } from "../compiler/dispatch.ts";
import { planMemory } from "../compiler/memory.ts";
import { levels } from "../compiler/schedule.ts";
import type { Engine, Inputs, Outputs, Program } from "../contract.ts";
import { Changes } from "../changes.ts";
import { checkFree, checkInputs, checkNumbers, checkRows, checkStateValues, Queue, setRows } from "../requests.ts";
import { ModuleBuilder } from "./emit/module.ts";
import type { Block, Heap } from "./heap.ts";
import { addKernel, Buffer, type Kernel } from "./kernels/kernel.ts";
import { isRowMajor, rearrange } from "../compiler/layout.ts";
import { explain, lower, type ExplainedGroup, type Lowered } from "./lower/lower.ts";
import type { Choice } from "./probe.ts";
import { ThreadPool } from "./threads/pool.ts";
import { countersPerLevel, type Platform } from "./threads/protocol.ts";

/** Workspace that programs share, since they run one after the other. */
interface Workspace extends Block {
  users: number;
}

/** What a program has of the memory. */
interface ProgramMemory {
  readonly workspace: Workspace;
  /** Of what it keeps between runs. */
  readonly kept: Block;
  /** Address of a thread's private memory. */
  readonly scratch: (thread: number) => number;
}

/** Where a state lies. */
interface StateMemory {
  readonly buffer: Buffer;
  readonly block: Block;
}

/** What came of a run: its outputs, the level that it began with, and the milliseconds of each level, where they were asked for. */
interface Finished {
  readonly outputs: Outputs;
  readonly first: number;
  readonly times: readonly number[];
}

/** Kernels between two meetings of the threads, and how long they took in one run. */
export interface ProfiledLevel {
  readonly kernels: readonly ProfiledKernel[];
  readonly milliseconds: number;
}

export interface ProfiledKernel {
  readonly label: string;
  /** Floating-point operations, counted as a direct computation would have them; 0 where memory takes the time. */
  readonly flops: number;
  /** Of memory read and written if each buffer is touched once. */
  readonly bytes: number;
}

/** A program that can say what it consists of, and where its time goes. */
export interface WasmProgram extends Program {
  /** Which operations are computed together, by which kernels, and why so. */
  explain(): ExplainedGroup[];
  /** The WebAssembly module that it runs, written again: a function for each kernel, named by what it computes. */
  module(): Uint8Array<ArrayBuffer>;
  /**
   * Runs as `run` does, and times each level: threads meet, and look at the clock, after it. Levels that prepare what
   * depends on unchanged states alone are among them where this run had to do so.
   */
  profile(inputs?: Inputs): Promise<{ readonly outputs: Outputs; readonly levels: readonly ProfiledLevel[] }>;
}

/** Ends the threads of engines that were never closed and that nothing refers to any more, neither a program nor a run. */
const forgotten = new FinalizationRegistry<ThreadPool>((pool) => void pool.stop());

export class WasmEngine implements Engine {
  readonly name = "wasm";
  readonly description: string;
  readonly threads: number;
  readonly #platform: Platform;
  /** The innermost kernel's shape, and what else was tried. */
  readonly choice: Choice;
  readonly #heap: Heap;
  readonly #pool: ThreadPool;
  /** The caller's thread, for programs that take less time than a message to another; none where there are several threads. */
  readonly #here: ThreadPool | null;
  readonly #queue = new Queue();
  readonly #states = new Map<Tensor, StateMemory>();
  readonly #changes = new Changes();
  /** Of programs that are not closed. */
  readonly #open = new Set<AnalysedGraph>();
  readonly #workspaces = new Set<Workspace>();
  #counters: Block | null = null;
  #turn = 0;
  #programs = 0;
  #closed = false;

  /** `asked` is how many threads were asked for; the system may have refused some. */
  constructor(platform: Platform, choice: Choice, heap: Heap, pool: ThreadPool, asked: number) {
    this.#platform = platform;
    this.choice = choice;
    this.#heap = heap;
    this.#pool = pool;
    this.#here = pool.size === 1 ? ThreadPool.here(platform, heap.memory) : null;
    this.threads = pool.size;
    const threads = `${pool.size} ${pool.size === 1 ? "thread" : "threads"}`;
    const fewer = pool.size < asked ? ` (asked for ${asked}, the system refused more)` : "";
    const multiply = choice.tile.fused ? "fused multiply-add" : "multiply and add";
    this.description = `wasm: ${threads}${fewer}, ${choice.wide ? 256 : 128}-bit ${multiply}`;
    forgotten.register(this, pool, this);
  }

  /** Bytes of its memory, which grows as needed; what is freed is used again. */
  get memoryBytes(): number {
    return this.#heap.bytes;
  }

  async compile(graph: Graph): Promise<WasmProgram> {
    this.#checkOpen();
    return this.#add(() => this.#compile(graph));
  }

  async read(state: Tensor): Promise<Float32Array> {
    this.#checkOpen();
    checkNumbers("read", state);
    return this.#add(() => {
      const held = this.#states.get(state);
      if (!held) return new Float32Array(state.size);
      const values = this.#floats(held.buffer, state.size).slice();
      return isRowMajor(state.shape) ? values : rearrange(values, state, "row-major");
    });
  }

  async write(state: Tensor, values: Float32Array): Promise<void> {
    this.#checkOpen();
    checkStateValues(state, values);
    const inMemoryOrder = isRowMajor(state.shape) ? values.slice() : rearrange(values, state, "memory");
    return this.#add(() => {
      this.#floats(this.#stateBuffer(state), state.size).set(inMemoryOrder);
      this.#changes.add([state]);
    });
  }

  async writeRows(state: Tensor, rows: Int32Array, values: Uint8Array): Promise<void> {
    this.#checkOpen();
    checkRows(state, rows, values);
    // NOTE: what is looked up in it is computed in every run, so nothing that is prepared is out of date.
    return this.#add(() => {
      const { address } = this.#stateBuffer(state);
      setRows(new Uint8Array(this.#heap.memory.buffer, address, state.size), rows, values);
    });
  }

  roomForBytes(): number {
    return Math.floor(this.#heap.left / 4);
  }

  async free(states: Iterable<Tensor>): Promise<void> {
    if (this.#closed) return;
    checkArguments("free", { states: [states, anIterable] });
    const freed = [...states];
    return this.#queue.add(() => {
      checkFree(freed, this.#open);
      for (const state of freed) {
        const held = this.#states.get(state);
        if (held) this.#heap.free(held.block);
        this.#states.delete(state);
      }
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#queue.drained();
    forgotten.unregister(this);
    await Promise.all([this.#pool.stop(), this.#here?.stop()]);
    this.#heap.release();
  }

  /** Runs a job when its turn comes. None after a thread has failed: states may be half updated. */
  #add<Result>(job: () => Result | Promise<Result>): Promise<Result> {
    return this.#queue.add(() => {
      this.#pool.check();
      this.#here?.check();
      return job();
    });
  }

  async #compile(graph: Graph): Promise<WasmProgram> {
    const analysed = analyse(graph);
    const states = new Map(
      analysed.states.map((state) => [state, this.#states.get(state)?.buffer ?? stateBuffer(state)]),
    );
    const lowered = lower(graph, analysed, this.choice.tile, (state) => valueAt(states, state));
    const fixed = new Set([...states.values(), ...lowered.kept]);
    const prologue = levels(lowered.once, fixed);
    const schedule = [...prologue, ...levels(lowered.everyRun, fixed)];
    const memory = this.#place(lowered, schedule, states);
    const program = this.#programs++;
    const pool = this.#here && isBrief(lowered.everyRun) ? this.#here : this.#pool;
    try {
      await this.#load(pool, program, schedule, memory.scratch);
    } catch (error) {
      this.#release(memory);
      throw error;
    }
    this.#open.add(analysed);
    const updated = graph.updates.map(({ state }) => state);
    const constant = analysed.states.filter((state) => !updated.includes(state));
    /** The time, by changes of states, that what is computed once was computed at. */
    let preparedAt = -1;
    let closed = false;
    const run = (inputs: Inputs, profile: boolean): Promise<Finished> => {
      this.#checkOpen();
      if (closed) throw new LimbeckError("ENGINE", "run: this program is closed; compile its graph again");
      checkInputs(analysed.inputs, inputs);
      return this.#add(async () => {
        for (const [name, buffer] of lowered.inputs) this.#writeInput(buffer, inputs[name]!);
        const isPrepared = preparedAt >= 0 && !this.#changes.since(preparedAt, constant);
        const first = isPrepared ? prologue.length : 0;
        const times =
          first < schedule.length ? await this.#runLevels(pool, program, schedule.length, first, profile) : [];
        preparedAt = this.#changes.now;
        this.#changes.add(updated);
        this.#heap.touched();
        const outputs = Object.entries(graph.outputs).map(([name, tensor]) => {
          return [name, this.#floats(valueAt(lowered.outputs, name), tensor.size).slice()] as const;
        });
        return { outputs: Object.fromEntries(outputs), first, times };
      });
    };
    return {
      run: async (inputs = {}) => (await run(inputs, false)).outputs,
      explain: () => explain(lowered.groups, this.choice.tile),
      module: () => this.#emit(schedule.flat()),
      profile: async (inputs = {}) => {
        const { outputs, first, times } = await run(inputs, true);
        const levels = schedule.slice(first).map((level, i) => ({
          kernels: level.map((kernel) => ({
            label: kernel.label,
            flops: kernel.flops ?? 0,
            bytes: touchedBytes(kernel),
          })),
          milliseconds: elementAt(times, i),
        }));
        return { outputs, levels };
      },
      close: () => {
        if (closed) return;
        closed = true;
        this.#queue.add(() => {
          this.#open.delete(analysed);
          pool.unload(program);
          this.#release(memory);
        });
      },
    };
  }

  /** Has the threads load a program's code. */
  async #load(
    pool: ThreadPool,
    program: number,
    schedule: readonly (readonly Kernel[])[],
    scratch: (thread: number) => number,
  ): Promise<void> {
    const kernels = schedule.flat();
    const module = await this.#platform.compile(this.#emit(kernels), this.choice.wide);
    const names = namesOf(kernels);
    const named = schedule.map((level) =>
      level.map((kernel) => ({ name: valueAt(names, kernel), tasks: kernel.tasks })),
    );
    await pool.load({ program, module, memoryBytes: this.#heap.bytes, schedule: named }, scratch);
  }

  /**
   * Finds memory for a program, for what it keeps between runs, and for those of its states that have none yet, and gives its
   * buffers their addresses. Throws ENGINE, and leaves everything as it was, where there is not memory for all of it.
   */
  #place(
    lowered: Lowered,
    schedule: readonly (readonly Kernel[])[],
    states: ReadonlyMap<Tensor, Buffer>,
  ): ProgramMemory {
    const kept = [...lowered.kept];
    const { offsets, bytes } = planMemory(schedule, {
      fixed: new Set([...states.values(), ...kept]),
      fromStart: [...lowered.inputs.values()],
      toEnd: [...lowered.outputs.values()],
    });
    const scratchBytes = Math.ceil(Math.max(0, ...schedule.flat().map(({ scratch = 0 }) => scratch)) / 64 + 1) * 64;
    const needed = this.threads * scratchBytes + bytes;
    const fresh = [...states].filter(([state]) => !this.#states.has(state));
    const large = [...this.#workspaces].find((workspace) => workspace.bytes >= needed);
    const keptBytes = kept.reduce((sum, buffer) => sum + buffer.bytes, 0);
    const [keptBlock, ...blocks] = this.#heap.allocateAll([
      keptBytes,
      ...fresh.map(([, buffer]) => buffer.bytes),
      ...(large ? [] : [needed]),
    ]) as [Block, ...Block[]];
    for (const [i, [state, buffer]] of fresh.entries()) this.#hold(state, buffer, elementAt(blocks, i));
    let end = keptBlock.address;
    for (const buffer of kept) {
      buffer.place(end);
      end += buffer.bytes;
    }
    const workspace = large ?? { ...elementAt(blocks, -1), users: 0 };
    workspace.users++;
    this.#workspaces.add(workspace);
    const base = workspace.address + this.threads * scratchBytes;
    for (const [buffer, offset] of offsets) buffer.place(base + offset);
    return { workspace, kept: keptBlock, scratch: (thread) => workspace.address + thread * scratchBytes };
  }

  #runLevels(
    pool: ThreadPool,
    program: number,
    levels: number,
    first: number,
    profile: boolean,
  ): Promise<readonly number[]> {
    const counters = this.#freshCounters(levels);
    return pool.run({ program, first, counters, profile, memoryBytes: this.#heap.bytes });
  }

  /**
   * The address of a run's counters. Those of two runs alternate: a slow thread may still look at those of the run before.
   * NOTE: not at older ones, since every run has a level, whose end threads reach together.
   */
  #freshCounters(levels: number): number {
    const length = countersPerLevel * levels;
    if (!this.#counters || this.#counters.bytes < 2 * 4 * length)
      this.#counters = this.#heap.allocate(2 * 2 * 4 * length);
    this.#turn = 1 - this.#turn;
    const address = this.#counters.address + (this.#turn * this.#counters.bytes) / 2;
    new Int32Array(this.#heap.memory.buffer, address, length).fill(0);
    return address;
  }

  #emit(kernels: readonly Kernel[]): Uint8Array<ArrayBuffer> {
    const names = namesOf(kernels);
    const module = new ModuleBuilder();
    for (const kernel of kernels) addKernel(module, kernel, valueAt(names, kernel));
    return module.encode({ initial: 1, maximum: this.#heap.maximumPages, shared: this.#platform.canShare });
  }

  #release({ workspace, kept }: ProgramMemory): void {
    this.#heap.free(kept);
    if (--workspace.users > 0) return;
    this.#workspaces.delete(workspace);
    this.#heap.free(workspace);
  }

  /** Where a state lies that is to be written; one that had no place is given one. */
  #stateBuffer(state: Tensor): Buffer {
    const known = this.#states.get(state);
    if (known) return known.buffer;
    const buffer = stateBuffer(state);
    this.#hold(state, buffer, this.#heap.allocate(buffer.bytes));
    this.#heap.touched(buffer.bytes);
    return buffer;
  }

  #hold(state: Tensor, buffer: Buffer, block: Block): void {
    buffer.place(block.address);
    this.#states.set(state, { buffer, block });
  }

  #floats(buffer: Buffer, length: number): Float32Array {
    return new Float32Array(this.#heap.memory.buffer, buffer.address, length);
  }

  #writeInput(buffer: Buffer, values: Float32Array | Int32Array): void {
    const Values = values instanceof Int32Array ? Int32Array : Float32Array;
    new Values(this.#heap.memory.buffer, buffer.address, values.length).set(values);
  }

  #checkOpen(): void {
    if (this.#closed) throw new LimbeckError("ENGINE", "the wasm engine is closed; make a new one");
  }
}

/** Below both, a run takes a few hundred microseconds at most, of which waking a thread and hearing of it would be a large part. */
const briefFlops = 10e6;
const briefBytes = 4 * 2 ** 20;

function isBrief(kernels: readonly Kernel[]): boolean {
  const flops = kernels.reduce((sum, kernel) => sum + (kernel.flops ?? 0), 0);
  const bytes = kernels.reduce((sum, kernel) => sum + touchedBytes(kernel), 0);
  return flops <= briefFlops && bytes <= briefBytes;
}

/** What each kernel is called in its module. */
function namesOf(kernels: readonly Kernel[]): ReadonlyMap<Kernel, string> {
  return new Map(kernels.map((kernel, i) => [kernel, `kernel ${i}`]));
}

function stateBuffer({ dtype, size }: Tensor): Buffer {
  return new Buffer("state", dtype === "uint8" ? Math.ceil(size / 4) : size);
}
