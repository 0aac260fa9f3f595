/** @file The engine's memory in blocks: given out, taken back, and grown as needed. */
import { LimbeckError } from "../../errors.ts";

/** A span of memory. */
export interface Block {
  readonly address: number;
  readonly bytes: number;
}

const pageBytes = 65536;
/** Starts above 0, so that no buffer has an address that could pass for none. */
const firstAddress = 1024;
/** Blocks begin at multiples of this: a cache line. */
const alignment = 64;

/** First fit over a growing WebAssembly memory. */
export class Heap {
  #memory: WebAssembly.Memory | null;
  readonly maximumPages: number;
  #free: Block[] = [];
  #end = firstAddress;

  constructor(shared: boolean) {
    const { memory, maximum } = reserve(shared);
    this.#memory = memory;
    this.maximumPages = maximum;
  }

  /** Throws ENGINE once it is released. */
  get memory(): WebAssembly.Memory {
    if (!this.#memory) throw new LimbeckError("ENGINE", "the wasm engine is closed; make a new one");
    return this.#memory;
  }

  /** How long the memory is by now. */
  get bytes(): number {
    return this.#memory?.buffer.byteLength ?? 0;
  }

  /** Lets go of the memory, which the system has back when the threads have let go too. */
  release(): void {
    this.#memory = null;
  }

  /** A block of zeros. Throws ENGINE when memory runs out. */
  allocate(bytes: number): Block {
    const size = Math.max(alignment, Math.ceil(bytes / alignment) * alignment);
    const found = this.#free.find((block) => block.bytes >= size);
    if (found) {
      this.#free = this.#free.filter((block) => block !== found);
      if (found.bytes > size) this.free({ address: found.address + size, bytes: found.bytes - size });
    } else {
      this.#grow(this.#end + size);
    }
    const block = { address: found?.address ?? this.#end, bytes: size };
    if (!found) this.#end += size;
    else new Uint8Array(this.memory.buffer, block.address, size).fill(0);
    return block;
  }

  /** Takes a block back and joins it with free neighbours. */
  free(block: Block): void {
    const blocks = [...this.#free, block].sort((a, b) => a.address - b.address);
    this.#free = [];
    for (const next of blocks) {
      const last = this.#free.at(-1);
      if (last && last.address + last.bytes === next.address) {
        this.#free[this.#free.length - 1] = { address: last.address, bytes: last.bytes + next.bytes };
      } else {
        this.#free.push(next);
      }
    }
  }

  #grow(end: number): void {
    const missing = Math.ceil((end - this.memory.buffer.byteLength) / pageBytes);
    if (missing <= 0) return;
    try {
      this.memory.grow(missing);
    } catch (error) {
      const mebibytes = Math.ceil(end / 2 ** 20);
      throw new LimbeckError(
        "ENGINE",
        `the wasm engine needs ${mebibytes} MiB, more than it can have; take a smaller batch`,
        { cause: error },
      );
    }
  }
}

/** An empty memory that may grow as far as the system allows: a shared one reserves its maximum at once. Throws ENGINE. */
function reserve(shared: boolean): { readonly memory: WebAssembly.Memory; readonly maximum: number } {
  let refusal: unknown;
  for (const maximum of [65536, 32768, 16384]) {
    try {
      return { memory: new WebAssembly.Memory({ initial: 1, maximum, shared }), maximum };
    } catch (error) {
      refusal = error;
    }
  }
  const message = "no memory for the wasm engine: 1 GiB of address space was refused; close other engines or programs";
  throw new LimbeckError("ENGINE", message, { cause: refusal });
}
