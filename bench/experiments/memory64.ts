/**
 * @file What addresses of 64 bits cost (WebAssembly's memory64): `node bench/experiments/memory64.ts`, a minute.
 *
 * The same loops with addresses of 32 and of 64 bits, in turn, on one thread: a sum, which waits for loads, and products as the
 * engine's kernels multiply matrices, 6 rows of sums in registers. The least of many short samples, since whatever else the
 * machine does makes samples longer and none shorter.
 */
import v8 from "node:v8";
import { table } from "../../src/cli/output.ts";
import { add, compiled, get, load, loadSplat, multiplyAdd, seq, set, type Loop, type Run } from "./memory64-module.ts";

/** What the first-level cache holds. */
const bytes = 16 * 1024;
const rows = 6;
/** Runs of a loop in a sample: a few milliseconds. */
const turns = 2000;
const samples = 300;

const loops: readonly Loop[] = [
  {
    name: "sum",
    bytes,
    steps: [128, 0],
    sums: 8,
    others: 0,
    body: (first) => seq(...range(8, (i) => set(first + i, add(get(first + i), load(0, 16 * i))))),
    flops: bytes / 4,
  },
  product(2), // its sums fit the registers of 128 bits
  product(4), // and those of 256 bits
];

/** The product of a column of 6 numbers and a row of so many vectors, added to the sums, and so on. */
function product(vectors: number): Loop {
  return {
    name: `product, ${rows}x${4 * vectors}`,
    bytes,
    steps: [16 * vectors, 4 * rows],
    sums: rows * vectors,
    others: vectors + 1,
    body(first) {
      const row = first + rows * vectors;
      const factor = row + vectors;
      const products = range(rows, (r) => [
        set(factor, loadSplat(1, 4 * r)),
        ...range(vectors, (v) => {
          const sum = first + r * vectors + v;
          return set(sum, multiplyAdd(get(factor), get(row + v), get(sum)));
        }),
      ]);
      return seq(...range(vectors, (v) => set(row + v, load(0, 16 * v))), ...products.flat());
    },
    flops: (bytes / (16 * vectors)) * rows * vectors * 8,
  };
}

function range<Item>(count: number, make: (i: number) => Item): Item[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

/** The least milliseconds of each, in turn. */
function least(runs: readonly Run[]): number[] {
  const times = runs.map(() => Infinity);
  for (let sample = 0; sample < samples; sample++) {
    for (const [i, run] of runs.entries()) {
      const before = performance.now();
      run(turns);
      times[i] = Math.min(times[i]!, performance.now() - before);
    }
  }
  return times;
}

/** Pages of 4 GiB. */
const most = 65_536;
const lines: string[][] = [];
for (const vectors of ["128 bits", "256 bits (V8's pairs)"]) {
  if (vectors.startsWith("256")) v8.setFlagsFromString("--experimental-wasm-revectorize");
  for (const loop of loops) {
    const made = [
      compiled(loop, 32, most, vectors),
      compiled(loop, 64, most, vectors),
      compiled(loop, 64, 4 * most, vectors),
    ];
    const speeds = least(made).map((time) => ((loop.flops * turns) / time / 1e6).toFixed(1));
    lines.push([loop.name, vectors, ...speeds]);
  }
}
const heads = ["GFLOP/s", "Vectors", "32 bits", "64 bits, up to 4 GiB", "64 bits, up to 16 GiB"];
process.stdout.write(`${table(heads, lines)}\n\nThe least of ${samples} samples; Node ${process.versions.node}.\n`);
