/** @file The engine's memory in blocks: given out, taken back, and grown as needed. */
import { elementAt } from "../../elements.ts";
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
/** A vector is read whole, and its first element may be the last of a block, which may be the last of all. */
const readBehind = 16;

/** Pages of a memory whose blocks end at `end`. */
export function pagesFor(end: number): number {
  return Math.ceil((end + readBehind) / pageBytes);
}

/** First fit over a growing WebAssembly memory. */
export class Heap {
  #memory: WebAssembly.Memory | null;
  readonly maximumPages: number;
  readonly #available: () => number;
  #free: readonly Block[] = [];
  #end = firstAddress;
  /** Bytes that were grown and that nothing has written to, which the system counts as available still. */
  #untouched = 0;

  /** `available` says how many bytes the system can still give; of addresses it takes at most `reserved` bytes. Throws ENGINE where it is refused them. */
  constructor(shared: boolean, available: () => number = () => Infinity, reserved = Infinity) {
    const { memory, maximum } = reserve(shared, reserved);
    this.#memory = memory;
    this.maximumPages = maximum;
    this.#available = available;
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

  /** Bytes that may still be given out: what was taken back, and what it can grow by. */
  get left(): number {
    const more = Math.min(this.#available() - this.#untouched, this.maximumPages * pageBytes - this.bytes);
    return Math.max(0, more) + this.#free.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** A block of zeros. Throws ENGINE when memory runs out. */
  allocate(bytes: number): Block {
    return elementAt(this.allocateAll([bytes]), 0);
  }

  /** A block of zeros for each size, or none of them: throws ENGINE where there is not memory for all. */
  allocateAll(sizes: readonly number[]): Block[] {
    const [free, end] = [this.#free, this.#end];
    const blocks = sizes.map((bytes) => this.#place(Math.max(alignment, Math.ceil(bytes / alignment) * alignment)));
    try {
      this.#grow();
    } catch (error) {
      [this.#free, this.#end] = [free, end];
      throw error;
    }
    // What memory grows by is zeros.
    for (const { address, bytes } of blocks) {
      if (address < end) new Uint8Array(this.memory.buffer, address, bytes).fill(0);
    }
    return blocks;
  }

  /** Takes a block back and joins it with free neighbours. */
  free(block: Block): void {
    const blocks = [...this.#free, block].sort((a, b) => a.address - b.address);
    const joined: Block[] = [];
    for (const next of blocks) {
      const last = joined.at(-1);
      if (last && last.address + last.bytes === next.address) {
        joined[joined.length - 1] = { address: last.address, bytes: last.bytes + next.bytes };
      } else {
        joined.push(next);
      }
    }
    this.#free = joined;
  }

  /** To be told when so many bytes of what was allocated have been written to for the first time; by default all of it. */
  touched(bytes = Infinity): void {
    this.#untouched = Math.max(0, this.#untouched - bytes);
  }

  /** Lets go of the memory, which the system has back when the threads have let go too. */
  release(): void {
    this.#memory = null;
  }

  #place(bytes: number): Block {
    const found = this.#free.find((block) => block.bytes >= bytes);
    if (!found) {
      this.#end += bytes;
      return { address: this.#end - bytes, bytes };
    }
    this.#free = this.#free.filter((block) => block !== found);
    if (found.bytes > bytes) this.free({ address: found.address + bytes, bytes: found.bytes - bytes });
    return { address: found.address, bytes };
  }

  #grow(): void {
    const missing = pagesFor(this.#end) - this.bytes / pageBytes;
    if (missing <= 0) return;
    const limit = this.maximumPages * pageBytes;
    if (this.#end > limit) throw tooMuch(`${mebibytes(this.#end)} of the ${mebibytes(limit)} that it can have`);
    const needed = this.#untouched + missing * pageBytes;
    const available = needed < uncheckedBytes ? Infinity : this.#available();
    if (needed > available) {
      throw tooMuch(`${mebibytes(needed)} more, and ${mebibytes(available)} are available`);
    }
    try {
      this.memory.grow(missing);
    } catch (error) {
      throw tooMuch(`${mebibytes(missing * pageBytes)} more, which the system refused`, error);
    }
    this.#untouched = needed;
  }
}

/** Below this, the system is not asked whether it has as much: asking takes a fifth of a millisecond. */
const uncheckedBytes = 8 * 2 ** 20;

function tooMuch(what: string, cause?: unknown): LimbeckError {
  return new LimbeckError(
    "ENGINE",
    `the wasm engine needs ${what}; take a smaller batch or network, compute each batch in parts (accumulate), or free what is not needed any more`,
    { cause },
  );
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}

/** Of a memory, in pages: all that 32 bits can address, or as much as there are addresses for. */
const maxima = [65536, 32768, 16384, 8192, 4096, 2048, 1024];

/** Below this, an engine rather has fewer threads than less memory. */
export const modestBytes: number = 16384 * pageBytes;
/** The least that an engine starts with. */
export const leastBytes: number = 1024 * pageBytes;

/** An empty memory that may grow as far as the system allows: a shared one reserves its maximum at once. Throws ENGINE. */
function reserve(shared: boolean, most: number): { readonly memory: WebAssembly.Memory; readonly maximum: number } {
  let refusal: unknown;
  for (const maximum of maxima.filter((pages) => pages * pageBytes <= most)) {
    try {
      return { memory: new WebAssembly.Memory({ initial: 1, maximum, shared }), maximum };
    } catch (error) {
      refusal = error;
    }
  }
  throw new LimbeckError(
    "ENGINE",
    "the wasm engine was refused address space; close other engines or programs, or raise the limit (ulimit -v)",
    { cause: refusal },
  );
}
