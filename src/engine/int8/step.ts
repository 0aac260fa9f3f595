/** @file What a module does, one step after the other. */
import type { KernelCode } from "./flavour.ts";
import type { Area } from "./place.ts";

export interface Step {
  readonly kernel: KernelCode;
  /** What the kernel is called with. NOTE: addresses are known when areas and constants have been placed. */
  readonly parameters: () => readonly number[];
  readonly reads: readonly Area[];
  readonly writes: readonly Area[];
}

/** Numbers that lie in memory: shipped as they are. */
export class Constants {
  readonly #parts: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  #bytes = 0;
  #base: number | undefined;

  get bytes(): number {
    return this.#bytes;
  }

  /** Adds numbers one array behind the other; what is returned gives their address. */
  add(...arrays: readonly (Int32Array | Float32Array)[]): () => number {
    const at = this.#bytes;
    for (const array of arrays) {
      this.#parts.push({ at: this.#bytes, bytes: new Uint8Array(array.buffer, array.byteOffset, array.byteLength) });
      this.#bytes += array.byteLength;
    }
    return () => {
      if (this.#base === undefined) throw new Error("the constants have no address yet");
      return this.#base + at;
    };
  }

  place(base: number): void {
    this.#base = base;
  }

  /** What they are in the file. */
  written(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.#bytes);
    for (const { at, bytes } of this.#parts) all.set(bytes, at);
    return all;
  }
}
