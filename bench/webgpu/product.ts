/** @file A large matrix product on an engine: how long it takes, and whether it is right. */
import type { Engine } from "../../src/engine/contract.ts";
import { LimbeckError } from "../../src/errors.ts";
import { torchRandom } from "../../src/random/index.ts";
import { matmul, state } from "../../src/tensor/index.ts";

/** Elements that are compared with float64 sums, and how far they may be, of numbers near 1. */
const [compared, tolerance] = [100, 1e-4];

/**
 * Milliseconds of one product of size×size matrices, a sample the mean of `runs` that are not waited for one by one. NOTE: storing the result
 * where the next product reads it is a copy, and counts. Throws ENGINE where the first product is wrong.
 */
export async function timeProducts(
  engine: Engine,
  { size, runs, repeats }: { readonly size: number; readonly runs: number; readonly repeats: number },
): Promise<readonly number[]> {
  const random = torchRandom(42);
  const [a, b] = [state("a", [size, size]), state("b", [size, size])];
  const [valuesOfA, valuesOfB] = [random.normal(size * size, 0, 1), random.normal(size * size, 0, size ** -0.5)];
  await engine.write(a, valuesOfA);
  await engine.write(b, valuesOfB);
  // With a state that changes, nothing of it can be computed once for all runs.
  const program = await engine.compile({ outputs: {}, updates: [{ state: a, value: matmul(a, b) }] });
  await program.run();
  check(await engine.read(a), valuesOfA, valuesOfB, size);
  const samples: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    await engine.write(a, valuesOfA);
    await program.run();
    const started = performance.now();
    await Promise.all(Array.from({ length: runs }, () => program.run()));
    samples.push((performance.now() - started) / runs);
  }
  program.close();
  await engine.free([a, b]);
  return samples;
}

function check(got: Float32Array, a: Float32Array, b: Float32Array, size: number): void {
  for (let i = 0; i < compared; i++) {
    const [row, column] = [(i * 7919) % size, (i * 104_729) % size];
    let sum = 0;
    for (let k = 0; k < size; k++) sum += a[row * size + k]! * b[k * size + column]!;
    const value = got[row * size + column]!;
    if (Math.abs(value - sum) < tolerance) continue;
    throw new LimbeckError("ENGINE", `the product's element [${row}, ${column}] should be ${sum}, got ${value}`);
  }
}
