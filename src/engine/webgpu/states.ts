/**
 * @file Where states lie. Those that a program brings share GPU buffers, each with a part of its own, so that one dispatch may update
 * many parameters. A shared buffer is given back when the last of its states is freed.
 */
import { elementAt, valueAt } from "../../elements.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Device } from "./device.ts";
import { Buffer } from "./kernels/kernel.ts";
import { wordsOf } from "./kernels/lookup.ts";

/** A part of a GPUBuffer, in bytes, as a bind group takes it. */
export interface Place {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly size: number;
}

/** States that share a GPUBuffer. */
interface Shared {
  readonly memory: GPUBuffer;
  readonly states: Set<Tensor>;
}

/** States without memory, and where in which buffers they will lie. */
export type NewStates = ReadonlyMap<Buffer, ReadonlyMap<Tensor, Buffer>>;

/** Parts begin at multiples of so many elements: 256 bytes, as bindings must. */
const alignment = 64;

export class States {
  readonly #device: Device;
  readonly #buffers = new Map<Tensor, Buffer>();
  /** By the buffer that states are parts of. */
  readonly #shared = new Map<Buffer, Shared>();
  /** What was written to states that no program has brought yet, as it will lie. */
  readonly #waiting = new Map<Tensor, Float32Array>();

  constructor(device: Device) {
    this.#device = device;
  }

  /** A state's buffer, if it has memory. */
  bufferOf(state: Tensor): Buffer | undefined {
    return this.#buffers.get(state);
  }

  /** What states without memory will have; those that have values lie apart from those that are still zeros, as an optimiser's are, which may be freed earlier. */
  plan(states: readonly Tensor[]): NewStates {
    const without = states.filter((state) => state.dtype === "float32" && !this.#buffers.has(state));
    const plan = new Map<Buffer, ReadonlyMap<Tensor, Buffer>>();
    for (const state of states) {
      if (state.dtype === "float32" || this.#buffers.has(state)) continue;
      const whole = new Buffer(String(state), elementAt(state.shape, 0) * wordsOf(widthOf(state)), "u32");
      plan.set(whole, new Map([[state, new Buffer(whole.label, whole.elements, "u32", { whole, offset: 0 })]]));
    }
    for (const isWritten of [true, false]) {
      let rest = without.filter((state) => this.#waiting.has(state) === isWritten);
      while (rest.length > 0) {
        const count = Math.max(1, fitting(rest, this.#device.mostBytes / 4));
        const together = rest.slice(0, count);
        rest = rest.slice(count);
        const label = together.length === 1 ? String(together[0]) : `${together.length} states`;
        const whole = new Buffer(label, endOf(together));
        let offset = 0;
        const parts = new Map<Tensor, Buffer>();
        for (const state of together) {
          parts.set(state, new Buffer(String(state), state.size, "f32", { whole, offset }));
          offset += aligned(state.size);
        }
        plan.set(whole, parts);
      }
    }
    return plan;
  }

  /** Memory for them. NOTE: theirs only after `hold`. Throws as `Device.allocate`. */
  allocate(plan: NewStates): ReadonlyMap<Buffer, GPUBuffer> {
    return new Map([...plan.keys()].map((whole) => [whole, this.#device.allocate(whole.bytes, whole.label)]));
  }

  /** Takes what `allocate` gave, and fills it with what was written. */
  hold(plan: NewStates, memories: ReadonlyMap<Buffer, GPUBuffer>): void {
    for (const [whole, parts] of plan) {
      this.#shared.set(whole, { memory: valueAt(memories, whole), states: new Set(parts.keys()) });
      for (const [state, buffer] of parts) {
        this.#buffers.set(state, buffer);
        const values = this.#waiting.get(state);
        if (!values) continue;
        this.write(state, values);
        this.#waiting.delete(state);
      }
    }
  }

  /** Sets a state's values, as they lie in memory. */
  write(state: Tensor, values: Float32Array): void {
    const buffer = this.#buffers.get(state);
    if (!buffer) {
      this.#waiting.set(state, values);
      return;
    }
    const { buffer: memory, offset } = this.heldPlace(buffer);
    this.#device.queue.writeBuffer(memory, offset, values as Float32Array<ArrayBuffer>);
  }

  /** Sets rows of a state of bytes that has memory, each from a word on. */
  writeRows(state: Tensor, rows: Int32Array, values: Uint8Array): void {
    const { buffer: memory } = this.heldPlace(valueAt(this.#buffers, state));
    const width = widthOf(state);
    const row = new Uint8Array(4 * wordsOf(width));
    for (const [k, index] of rows.entries()) {
      row.set(values.subarray(k * width, (k + 1) * width));
      this.#device.queue.writeBuffer(memory, index * row.length, row);
    }
  }

  /** What was written to a state that has no memory yet. */
  waiting(state: Tensor): Float32Array | undefined {
    return this.#waiting.get(state);
  }

  /** Where a state's buffer, or one that states are parts of, lies; none of other buffers. */
  placeOf(buffer: Buffer): Place | undefined {
    const { whole, offset } = buffer.part ?? { whole: buffer, offset: 0 };
    const shared = this.#shared.get(whole);
    return shared && { buffer: shared.memory, offset: offset * 4, size: Math.max(4, buffer.bytes) };
  }

  /** The same of a buffer that has memory. */
  heldPlace(buffer: Buffer): Place {
    const place = this.placeOf(buffer);
    if (!place) throw new Error(`${buffer.label} should have memory`);
    return place;
  }

  /** Gives memory back. NOTE: work that was submitted keeps what it uses. */
  free(state: Tensor): void {
    this.#waiting.delete(state);
    const whole = this.#buffers.get(state)?.part?.whole;
    this.#buffers.delete(state);
    const shared = whole && this.#shared.get(whole);
    if (!shared) return;
    shared.states.delete(state);
    if (shared.states.size > 0) return;
    shared.memory.destroy();
    this.#shared.delete(whole);
  }
}

/** Elements of a row. */
const widthOf = ({ size, shape }: Tensor): number => size / elementAt(shape, 0);

const aligned = (elements: number): number => Math.ceil(elements / alignment) * alignment;

/** Where the last of states that lie behind each other ends. */
function endOf(states: readonly Tensor[]): number {
  const last = elementAt(states, -1);
  return states.slice(0, -1).reduce((sum, { size }) => sum + aligned(size), 0) + last.size;
}

/** How many of the states, from the first on, lie within so many elements. */
function fitting(states: readonly Tensor[], elements: number): number {
  let end = 0;
  for (const [i, { size }] of states.entries()) {
    if (end + size > elements) return i;
    end += aligned(size);
  }
  return states.length;
}
