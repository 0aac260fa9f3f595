/** @file Where a student's numbers lie in the memory of its module. */
import { valueAt } from "../../elements.ts";
import { planMemory, type MemoryRange } from "../../engine/compiler/memory.ts";
import type { Dispatch } from "../../engine/compiler/dispatch.ts";
import { Buffer } from "../../engine/wasm/kernels/kernel.ts";
import { isRowMajor, rearrange } from "../../engine/compiler/layout.ts";
import type { Lowered } from "../../engine/wasm/lower/lower.ts";
import type { Tensor } from "../../tensor/index.ts";

/** Above 0, so that no address could pass for none. */
const firstAddress = 1024;

/** What is placed, beside what the kernels have between them. */
export interface Placed {
  readonly images: Buffer;
  readonly logits: Buffer;
  readonly states: ReadonlyMap<Tensor, Buffer>;
  readonly values: ReadonlyMap<Tensor, Float32Array>;
}

/**
 * Gives every buffer its address. Weights are there from the beginning, in one range those that are only prepared from, whose place is
 * used again afterwards, and in another those that every run reads. `end` is the first address that nothing has, a multiple of 64.
 */
export function placeAll(
  { once, everyRun, kept }: Lowered,
  { images, logits, states, values }: Placed,
): {
  readonly weights: Float32Array<ArrayBuffer>;
  readonly ranges: readonly MemoryRange[];
  readonly end: number;
} {
  const readInRuns = new Set(everyRun.flatMap(({ reads }) => reads));
  const lasting = new Part([...states].filter(([, buffer]) => readInRuns.has(buffer)));
  const passing = new Part([...states].filter(([, buffer]) => !readInRuns.has(buffer)));
  const parts = [passing, lasting].filter(({ span }) => span.bytes > 0);
  const partOf = new Map(parts.flatMap((part) => part.states.map(([, buffer]) => [buffer, part.span] as const)));
  const inParts = ({ label, reads, writes }: Dispatch<Buffer>): Dispatch<Buffer> => ({
    label,
    reads: reads.map((buffer) => partOf.get(buffer) ?? buffer),
    writes,
  });
  const image: Dispatch<Buffer> = { label: "the image is written", reads: [], writes: [images] };
  const { offsets, bytes } = planMemory(
    [...once, image, ...everyRun].map((dispatch) => [inParts(dispatch)]),
    { fixed: new Set(), fromStart: parts.map(({ span }) => span), toEnd: [lasting.span, ...kept, logits] },
  );
  for (const [buffer, offset] of offsets) buffer.place(firstAddress + offset);
  for (const part of parts) part.place();
  const weights = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let from = 0;
  for (const part of parts) {
    part.write(weights.subarray(from, from + part.length), values);
    from += part.length;
  }
  return {
    weights,
    ranges: parts.map(({ span, length }) => ({ at: span.address, length })),
    end: Math.ceil((firstAddress + bytes) / 64) * 64,
  };
}

/** States that lie one after the other. */
class Part {
  readonly states: readonly (readonly [Tensor, Buffer])[];
  readonly span: Buffer;
  /** In numbers. */
  readonly length: number;

  constructor(states: readonly (readonly [Tensor, Buffer])[]) {
    this.states = states;
    this.length = states.reduce((sum, [, { bytes }]) => sum + bytes, 0) / 4;
    this.span = new Buffer("weights", this.length);
  }

  place(): void {
    let { address } = this.span;
    for (const [, buffer] of this.states) {
      buffer.place(address);
      address += buffer.bytes;
    }
  }

  write(to: Float32Array, values: ReadonlyMap<Tensor, Float32Array>): void {
    let at = 0;
    for (const [state, buffer] of this.states) {
      const given = valueAt(values, state);
      to.set(isRowMajor(state.shape) ? given : rearrange(given, state, "memory"), at);
      at += buffer.bytes / 4;
    }
  }
}
