/** @file The contract over a WebGPU device: programs as lists of dispatches, encoded anew for each run, and states that stay there. */
import { anIterable, checkArguments } from "../../arguments.ts";
import { LimbeckError } from "../../errors.ts";
import { analyse, type AnalysedGraph, type Graph } from "../../tensor/graph.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { Changes } from "../changes.ts";
import { levels } from "../compiler/schedule.ts";
import type { Engine, Outputs, Program } from "../contract.ts";
import { checkFree, checkInputs, checkState, checkStateValues, Queue } from "../requests.ts";
import { isRowMajor, rearrange } from "../compiler/layout.ts";
import type { Device } from "./device.ts";
import { Buffer, type Kernel } from "./kernels/kernel.ts";
import { lower, type Lowered } from "./lower/lower.ts";
import { planSlots } from "./slots.ts";

interface StateMemory {
  readonly buffer: Buffer;
  readonly memory: GPUBuffer;
}

/** A kernel ready to be dispatched. */
interface Step {
  readonly kernel: Kernel;
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
}

/** Where a program's buffers lie, what of that is its own, and states that had no memory before. */
interface ProgramMemory {
  readonly placeOf: (buffer: Buffer) => GPUBuffer;
  readonly own: readonly GPUBuffer[];
  readonly fresh: ReadonlyMap<Tensor, StateMemory>;
}

export class WebGpuEngine implements Engine {
  readonly name = "webgpu";
  readonly description: string;
  readonly #device: Device;
  readonly #queue = new Queue();
  readonly #states = new Map<Tensor, StateMemory>();
  readonly #changes = new Changes();
  /** Of programs that are not closed. */
  readonly #open = new Set<AnalysedGraph>();
  /** Runs whose results are on their way back. */
  readonly #inFlight = new Set<Promise<unknown>>();
  #closed = false;

  constructor(device: Device, adapter: string) {
    this.#device = device;
    this.description = `webgpu: ${adapter}`;
  }

  async compile(graph: Graph): Promise<Program> {
    this.#checkOpen();
    return this.#add(() => this.#compile(graph));
  }

  async read(state: Tensor): Promise<Float32Array> {
    this.#checkOpen();
    checkState("read", state);
    const reading = await this.#add(() => {
      const held = this.#states.get(state);
      return {
        values: held && this.#fly(this.#device.submit(() => {}, [{ buffer: held.memory, elements: state.size }])),
      };
    });
    const [values] = (await reading.values) ?? [new Float32Array(state.size)];
    return isRowMajor(state.shape) ? values! : rearrange(values!, state, "row-major");
  }

  async write(state: Tensor, values: Float32Array): Promise<void> {
    this.#checkOpen();
    checkStateValues(state, values);
    const inMemoryOrder = isRowMajor(state.shape) ? values.slice() : rearrange(values, state, "memory");
    return this.#add(async () => {
      const held = this.#states.get(state) ?? (await this.#device.withinMemory(() => this.#allocate(state)));
      this.#states.set(state, held);
      this.#device.queue.writeBuffer(held.memory, 0, inMemoryOrder as Float32Array<ArrayBuffer>);
      this.#changes.add([state]);
    });
  }

  async free(states: Iterable<Tensor>): Promise<void> {
    if (this.#closed) return;
    checkArguments("free", { states: [states, anIterable] });
    const freed = [...states];
    return this.#queue.add(() => {
      checkFree(freed, this.#open);
      for (const state of freed) {
        // NOTE: work that was submitted keeps what it uses.
        this.#states.get(state)?.memory.destroy();
        this.#states.delete(state);
      }
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#queue.drained();
    await Promise.allSettled(this.#inFlight);
    this.#states.clear();
    this.#device.destroy();
  }

  /** Does a job when its turn comes; none after the device has failed. */
  #add<Result>(job: () => Result | Promise<Result>): Promise<Result> {
    return this.#queue.add(() => {
      this.#device.check();
      return job();
    });
  }

  async #compile(graph: Graph): Promise<Program> {
    const analysed = analyse(graph);
    const stateBuffers = new Map(
      analysed.states.map((state) => [state, this.#states.get(state)?.buffer ?? stateBuffer(state)]),
    );
    const lowered = lower(graph, analysed, (state) => stateBuffers.get(state)!, this.#device.mostBuffers);
    const fixed = new Set([...stateBuffers.values(), ...lowered.kept]);
    const once = levels(lowered.once, fixed).flat();
    const everyRun = levels(lowered.everyRun, fixed).flat();
    const { placeOf, own, fresh } = await this.#device.withinMemory(() =>
      this.#place(lowered, [...once, ...everyRun], stateBuffers),
    );
    const ready = Promise.all([this.#ready(once, placeOf), this.#ready(everyRun, placeOf)]);
    const [onceSteps, everyStep] = await ready.catch((error: unknown) => {
      for (const memory of own) memory.destroy();
      for (const { memory } of fresh.values()) memory.destroy();
      throw error;
    });
    for (const [state, held] of fresh) this.#states.set(state, held);
    this.#open.add(analysed);
    const updated = graph.updates.map(({ state }) => state);
    const constant = analysed.states.filter((state) => !updated.includes(state));
    const outputs = Object.entries(graph.outputs);
    const wanted = outputs.map(([name, { size }]) => ({ buffer: placeOf(lowered.outputs.get(name)!), elements: size }));
    /** The time, by changes of states, that what is computed once was computed at. */
    let preparedAt = -1;
    let closed = false;
    return {
      run: async (inputs = {}): Promise<Outputs> => {
        this.#checkOpen();
        if (closed) throw new LimbeckError("ENGINE", "run: this program is closed; compile its graph again");
        checkInputs(analysed.inputs, inputs);
        const { reading } = await this.#add(() => {
          for (const [name, buffer] of lowered.inputs) {
            this.#device.queue.writeBuffer(placeOf(buffer), 0, inputs[name]! as Float32Array<ArrayBuffer>);
          }
          const isPrepared = preparedAt >= 0 && !this.#changes.since(preparedAt, constant);
          const steps = isPrepared ? everyStep : [...onceSteps, ...everyStep];
          preparedAt = this.#changes.now;
          this.#changes.add(updated);
          return { reading: this.#fly(this.#device.submit((encoder) => encode(encoder, steps), wanted)) };
        });
        const values = await reading;
        return Object.fromEntries(outputs.map(([name], i) => [name, values[i]!]));
      },
      close: () => {
        if (closed) return;
        closed = true;
        this.#queue.add(() => {
          this.#open.delete(analysed);
          for (const memory of own) memory.destroy();
        });
      },
    };
  }

  /** Memory for a program's buffers, and for those of its states that have none yet. */
  #place(lowered: Lowered, kernels: readonly Kernel[], states: ReadonlyMap<Tensor, Buffer>): ProgramMemory {
    const fresh = new Map<Tensor, StateMemory>();
    const holdState = (state: Tensor, buffer: Buffer): GPUBuffer => {
      const held = this.#states.get(state) ?? this.#allocate(state, buffer);
      if (!this.#states.has(state)) fresh.set(state, held);
      return held.memory;
    };
    const fixed = new Set([...states.values(), ...lowered.kept]);
    const slots = planSlots(kernels, { fixed, fromStart: lowered.inputs.values(), toEnd: lowered.outputs.values() });
    const places = new Map<Buffer, GPUBuffer>([...states].map(([state, buffer]) => [buffer, holdState(state, buffer)]));
    const own: GPUBuffer[] = [];
    const allocate = (bytes: number, buffers: Iterable<Buffer>, label: string): void => {
      const memory = this.#device.allocate(bytes, label);
      own.push(memory);
      for (const buffer of buffers) places.set(buffer, memory);
    };
    for (const buffer of lowered.kept) allocate(buffer.bytes, [buffer], buffer.label);
    for (const { bytes, buffers } of slots) allocate(bytes, buffers, buffers[0]!.label);
    return { placeOf: (buffer) => places.get(buffer)!, own, fresh };
  }

  #ready(kernels: readonly Kernel[], placeOf: (buffer: Buffer) => GPUBuffer): Promise<Step[]> {
    return Promise.all(
      kernels.map(async (kernel) => {
        const pipeline = await this.#device.pipeline(kernel.code, kernel.label);
        return { kernel, pipeline, group: this.#device.bind(pipeline, kernel.buffers.map(placeOf)) };
      }),
    );
  }

  /** Memory for a state that has none. */
  #allocate(state: Tensor, buffer = stateBuffer(state)): StateMemory {
    return { buffer, memory: this.#device.allocate(buffer.bytes, buffer.label) };
  }

  /** Remembers what is on its way, so that `close` waits for it. */
  #fly<Result>(reading: Promise<Result>): Promise<Result> {
    const settled = reading.then(
      () => {},
      () => {},
    );
    this.#inFlight.add(settled);
    void settled.then(() => this.#inFlight.delete(settled));
    return reading;
  }

  #checkOpen(): void {
    if (this.#closed) throw new LimbeckError("ENGINE", "the webgpu engine is closed; make a new one");
  }
}

function encode(encoder: GPUCommandEncoder, steps: readonly Step[]): void {
  const pass = encoder.beginComputePass();
  for (const { kernel, pipeline, group } of steps) {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(...kernel.workgroups);
  }
  pass.end();
}

function stateBuffer(state: Tensor): Buffer {
  return new Buffer(String(state), state.size);
}
