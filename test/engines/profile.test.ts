/** @file What a profile says is possible: no level is faster than processors can be, however threads are scheduled. */
import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import { wasmEngine } from "../../src/entries/index.ts";
import { input, matmul } from "../../src/entries/tensor.ts";

/** GFLOP/s that no processor's one thread reaches. */
const impossible = 1000;

test.each([1, 2, 3, 8])("on %i threads", async (threads) => {
  const engine = await wasmEngine({ threads });
  const x = input("x", [256, 256]);
  let y = matmul(x, x);
  for (let i = 0; i < 5; i++) y = matmul(y, x);
  const program = await engine.compile({ outputs: { y }, updates: [] });
  const values = new Float32Array(x.size).fill(1 / 256);
  const speeds: number[] = [];
  let within = 0;
  const begin = performance.now();
  for (let run = 0; run < 50; run++) {
    const { outputs, levels } = await program.profile({ x: values });
    expect(outputs.y![0]).toBeCloseTo(1 / 256);
    for (const { kernels, milliseconds } of levels) {
      const flops = kernels.reduce((sum, kernel) => sum + kernel.flops, 0);
      if (flops > 0) speeds.push(flops / milliseconds / 1e6);
      within += milliseconds;
    }
  }
  const passed = performance.now() - begin;
  await engine.close();
  expect(speeds).toHaveLength(6 * 50);
  expect(Math.max(...speeds)).toBeLessThan(impossible * Math.min(threads, availableParallelism()));
  expect(within).toBeLessThan(passed);
});
