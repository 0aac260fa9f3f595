/** @file Which shape of the innermost kernel is fastest here: found by trying, once a process, in a few milliseconds. */
import { f32x4, i32, int, repeat, set, v128 } from "./emit/code.ts";
import { ModuleBuilder } from "./emit/module.ts";
import type { Heap } from "./heap.ts";
import { multiplyAdd, type TileShape } from "./kernels/tile.ts";
import type { Platform } from "./threads/protocol.ts";

/** A tile, and how modules with it are compiled. */
export interface Trial {
  readonly tile: TileShape;
  /** With V8's pairing of 128-bit operations into 256-bit ones. */
  readonly wide: boolean;
  /** Measured, of one thread, operands in the first cache; 0 if the results were wrong. */
  readonly gigaflops: number;
}

/** The fastest of what was tried. */
export interface Choice extends Trial {
  readonly tried: readonly Trial[];
}

/** Terms of the sum that is timed, and how often. */
const terms = 256;
const repeats = 50;
/** Milliseconds to try for: the optimising compiler works in the background, and other work disturbs. */
const patience = 25;
/** Milliseconds to try for at most, while what should be faster is not: on a busy machine the optimising compiler comes late. */
const mostPatience = 250;
const tolerance = 1e-5;

/**
 * The fastest right choice. Shapes differ in speed only: each sums in the same order, hence to the same bits. What is multiplied lies in
 * the heap meanwhile: V8 reserves 8 GiB of addresses for a memory of its own, however small.
 */
export async function probe(platform: Platform, allowWide: boolean, heap: Heap): Promise<Choice> {
  const block = heap.allocate(operandBytes(6, 4));
  const choice = await fastest(platform, allowWide, heap, block.address);
  heap.free(block);
  return choice;
}

async function fastest(platform: Platform, allowWide: boolean, heap: Heap, aAt: number): Promise<Choice> {
  const fused = hasFusedMultiplyAdd();
  const narrow: TileShape = fused ? { rows: 6, vectors: 2, fused } : { rows: 4, vectors: 2, fused };
  const first = { tile: narrow, wide: false, gigaflops: await measure(platform, heap, aAt, narrow, false) };
  if (!allowWide || !platform.canWiden) return { ...first, tried: [first] };
  const tile: TileShape = { rows: 6, vectors: 4, fused };
  const second = { tile, wide: true, gigaflops: await measure(platform, heap, aAt, tile, true, first.gigaflops) };
  return { ...(second.gigaflops > first.gigaflops ? second : first), tried: [first, second] };
}

/** Whether the processor's engine knows relaxed SIMD. */
function hasFusedMultiplyAdd(): boolean {
  const module = new ModuleBuilder();
  module.add([], (f) => {
    const x = f.local("v128");
    return set(x, f32x4.relaxedMadd(x, x, x));
  });
  return WebAssembly.validate(module.encode({ initial: 1, maximum: 1, shared: false }));
}

/** Of A, B and C. */
function operandBytes(rows: number, vectors: number): number {
  const width = vectors * 4;
  return (rows * terms + terms * width + rows * width) * 4;
}

/** GFLOP/s of a tile, 0 if its results are wrong. Tries for longer while it is not above `toBeat`. */
async function measure(
  platform: Platform,
  heap: Heap,
  aAt: number,
  tile: TileShape,
  wide: boolean,
  toBeat = 0,
): Promise<number> {
  const { rows, vectors, fused } = tile;
  const width = vectors * 4;
  const module = new ModuleBuilder();
  // run(repeats): C = A·B over and over; A at its address, B and C behind it.
  const bAt = rows * terms * 4;
  const cAt = bAt + terms * width * 4;
  module.add(
    ["i32"],
    (f) => {
      const [a, b, turn] = f.locals("i32", 3);
      const sums = Array.from({ length: rows }, () => f.locals("v128", vectors));
      return repeat(turn, f.param(0), [
        set(a, int(aAt)),
        set(b, i32.add(a, bAt)),
        ...sums.flat().map((sum) => set(sum, f32x4.const(0))),
        multiplyAdd(f, sums, { a, b, aRow: terms * 4, sum: [{ count: terms, aStep: 4, bStep: width * 4 }] }, fused),
        set(a, int(aAt)),
        ...sums.flatMap((row, r) => row.map((sum, v) => v128.store(a, sum, cAt + (r * vectors + v) * 16))),
      ]);
    },
    { exported: "run" },
  );
  const { memory, maximumPages: maximum } = heap;
  const compiled = await platform.compile(module.encode({ initial: 1, maximum, shared: platform.canShare }), wide);
  const instance = await WebAssembly.instantiate(compiled, { env: { memory } });
  const run = instance.exports["run"] as (repeats: number) => void;
  const values = new Float32Array(memory.buffer, aAt, operandBytes(rows, vectors) / 4);
  for (let i = 0; i < cAt / 4; i++) values[i] = ((i * 7919) % 64) / 64 - 0.5;
  const gigaflopsIn = (milliseconds: number): number => (2 * rows * width * terms * repeats) / milliseconds / 1e6;
  let fastest = Infinity;
  const start = performance.now();
  for (let now = start; now - start < (gigaflopsIn(fastest) > toBeat ? patience : mostPatience);) {
    run(repeats);
    const end = performance.now();
    fastest = Math.min(fastest, end - now);
    now = end;
  }
  // What was timed last is what the optimising compiler made.
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < width; c++) {
      let expected = 0;
      for (let k = 0; k < terms; k++) expected += values[r * terms + k]! * values[bAt / 4 + k * width + c]!;
      if (!(Math.abs(values[cAt / 4 + r * width + c]! - expected) <= tolerance * terms)) return 0;
    }
  }
  return gigaflopsIn(fastest);
}
