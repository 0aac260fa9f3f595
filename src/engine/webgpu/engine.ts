/** @file The contract over a WebGPU device: programs as lists of dispatches, encoded anew for each run, and states that stay there. */
import { elementAt, valueAt } from "../../elements.ts";
import { anIterable, checkArguments } from "../../arguments.ts";
import { LimbeckError } from "../../errors.ts";
import { analyse, type AnalysedGraph, type Graph } from "../../tensor/graph.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { Changes } from "../changes.ts";
import { levels } from "../compiler/schedule.ts";
import type { Engine, Outputs, Program } from "../contract.ts";
import { checkFree, checkInputs, checkNumbers, checkRows, checkStateValues, Queue } from "../requests.ts";
import { isRowMajor, rearrange } from "../compiler/layout.ts";
import type { Device } from "./device.ts";
import type { Buffer, Kernel } from "./kernels/kernel.ts";
import { lower, type Lowered } from "./lower/lower.ts";
import { planSlots } from "./slots.ts";
import { States, type Place } from "./states.ts";

/** A kernel ready to be dispatched. */
interface Step {
  readonly kernel: Kernel;
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
}

export class WebGpuEngine implements Engine {
  readonly name = "webgpu";
  readonly description: string;
  readonly #device: Device;
  readonly #queue = new Queue();
  readonly #states: States;
  readonly #changes = new Changes();
  /** Of programs that are not closed. */
  readonly #open = new Set<AnalysedGraph>();
  /** Runs whose results are on their way back. */
  readonly #inFlight = new Set<Promise<unknown>>();
  #closed = false;

  constructor(device: Device, adapter: string) {
    this.#device = device;
    this.#states = new States(device);
    this.description = `webgpu: ${adapter}`;
  }

  async compile(graph: Graph): Promise<Program> {
    this.#checkOpen();
    return this.#add(() => this.#compile(graph));
  }

  async read(state: Tensor): Promise<Float32Array> {
    this.#checkOpen();
    checkNumbers("read", state);
    const reading = await this.#add(() => {
      const buffer = this.#states.bufferOf(state);
      if (!buffer) return { values: [this.#states.waiting(state)?.slice() ?? new Float32Array(state.size)] };
      const place = this.#states.heldPlace(buffer);
      return { values: this.#fly(this.#device.submit(() => {}, [{ ...place, elements: state.size }])) };
    });
    const values = elementAt(await reading.values, 0);
    return isRowMajor(state.shape) ? values : rearrange(values, state, "row-major");
  }

  async write(state: Tensor, values: Float32Array): Promise<void> {
    this.#checkOpen();
    checkStateValues(state, values);
    const inMemoryOrder = isRowMajor(state.shape) ? values.slice() : rearrange(values, state, "memory");
    return this.#add(() => {
      this.#states.write(state, inMemoryOrder);
      this.#changes.add([state]);
    });
  }

  async writeRows(state: Tensor, rows: Int32Array, values: Uint8Array): Promise<void> {
    this.#checkOpen();
    checkRows(state, rows, values);
    // NOTE: what is looked up in it is computed in every run, so nothing that is prepared is out of date.
    return this.#add(async () => {
      if (!this.#states.bufferOf(state)) {
        const plan = this.#states.plan([state]);
        this.#states.hold(plan, await this.#device.withinMemory(() => this.#states.allocate(plan)));
      }
      this.#states.writeRows(state, rows, values);
    });
  }

  roomForBytes(): number {
    return this.#device.mostBytes;
  }

  async free(states: Iterable<Tensor>): Promise<void> {
    if (this.#closed) return;
    checkArguments("free", { states: [states, anIterable] });
    const freed = [...states];
    return this.#queue.add(() => {
      checkFree(freed, this.#open);
      for (const state of freed) this.#states.free(state);
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#queue.drained();
    await Promise.allSettled(this.#inFlight);
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
    const newStates = this.#states.plan(analysed.states);
    const newBuffers = new Map([...newStates.values()].flatMap((parts) => [...parts]));
    const stateBuffer = (state: Tensor): Buffer => this.#states.bufferOf(state) ?? valueAt(newBuffers, state);
    const lowered = lower(graph, analysed, stateBuffer, this.#device.mostBuffers);
    const fixed = new Set([...analysed.states.map(stateBuffer), ...lowered.kept]);
    const once = levels(lowered.once, fixed).flat();
    const everyRun = levels(lowered.everyRun, fixed).flat();
    const { places, ofStates } = await this.#device.withinMemory(() => ({
      ofStates: this.#states.allocate(newStates),
      places: this.#place(lowered, [...once, ...everyRun], fixed),
    }));
    const own = new Set(places.values());
    const giveBack = (memories: Iterable<GPUBuffer>): void => {
      for (const memory of memories) memory.destroy();
    };
    const pipelines = Promise.all([...once, ...everyRun].map(({ code, label }) => this.#device.pipeline(code, label)));
    await pipelines.catch((error: unknown) => {
      giveBack([...own, ...ofStates.values()]);
      throw error;
    });
    this.#states.hold(newStates, ofStates);
    const placeOf = (buffer: Buffer): Place =>
      this.#states.placeOf(buffer) ?? { buffer: valueAt(places, buffer), offset: 0, size: Math.max(4, buffer.bytes) };
    const [onceSteps, everyStep] = await Promise.all([this.#ready(once, placeOf), this.#ready(everyRun, placeOf)]);
    this.#open.add(analysed);
    const updated = graph.updates.map(({ state }) => state);
    const constant = analysed.states.filter((state) => !updated.includes(state));
    const outputs = Object.entries(graph.outputs);
    const wanted = outputs.map(([name, { size }]) => ({ ...placeOf(valueAt(lowered.outputs, name)), elements: size }));
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
            this.#device.queue.writeBuffer(valueAt(places, buffer), 0, inputs[name] as Float32Array<ArrayBuffer>);
          }
          const isPrepared = preparedAt >= 0 && !this.#changes.since(preparedAt, constant);
          const steps = isPrepared ? everyStep : [...onceSteps, ...everyStep];
          preparedAt = this.#changes.now;
          this.#changes.add(updated);
          return { reading: this.#fly(this.#device.submit((encoder) => encode(encoder, steps), wanted)) };
        });
        const values = await reading;
        return Object.fromEntries(outputs.map(([name], i) => [name, elementAt(values, i)]));
      },
      close: () => {
        if (closed) return;
        closed = true;
        this.#queue.add(() => {
          this.#open.delete(analysed);
          giveBack(own);
        });
      },
    };
  }

  /** Memory for a program's own buffers. */
  #place(lowered: Lowered, kernels: readonly Kernel[], fixed: ReadonlySet<Buffer>): ReadonlyMap<Buffer, GPUBuffer> {
    const places = new Map<Buffer, GPUBuffer>();
    const allocate = (bytes: number, buffers: Iterable<Buffer>, label: string): void => {
      const memory = this.#device.allocate(bytes, label);
      for (const buffer of buffers) places.set(buffer, memory);
    };
    for (const buffer of lowered.kept) allocate(buffer.bytes, [buffer], buffer.label);
    const slots = planSlots(kernels, { fixed, fromStart: lowered.inputs.values(), toEnd: lowered.outputs.values() });
    for (const { bytes, buffers } of slots) allocate(bytes, buffers, elementAt(buffers, 0).label);
    return places;
  }

  #ready(kernels: readonly Kernel[], placeOf: (buffer: Buffer) => Place): Promise<Step[]> {
    return Promise.all(
      kernels.map(async (kernel) => {
        const pipeline = await this.#device.pipeline(kernel.code, kernel.label);
        return { kernel, pipeline, group: this.#device.bind(pipeline, kernel.buffers.map(placeOf)) };
      }),
    );
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
