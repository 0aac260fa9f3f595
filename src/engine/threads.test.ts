/** @file The number of threads of long work: timed where nobody gives it, and said. */
import { expect, onTestFinished, test } from "vitest";
import { startEngine } from "./engines.ts";
import type { StartOptions } from "./entry.ts";
import { input, matmul, state } from "../tensor/index.ts";
import { wasmEngine, type WasmEngine } from "./wasm/index.ts";

/** A product of matrices, after which the state is another. */
function step() {
  const [x, weight] = [input("x", [64, 64]), state("weight", [64, 64])];
  const product = matmul(x, weight);
  return { outputs: { product }, updates: [{ state: weight, value: product }] };
}

/** The threads taken, and what was said of them. */
async function started(options: StartOptions): Promise<{ threads: number; said: readonly string[] }> {
  const said: string[] = [];
  const engine = await startEngine("wasm", { ...options, onThreads: (text) => void said.push(text) });
  onTestFinished(() => engine.close());
  return { threads: (engine as WasmEngine).threads, said };
}

test("long work has all cores or half of them, and the times of both are said", async () => {
  const all = await wasmEngine();
  onTestFinished(() => all.close());
  const { threads, said } = await started({ isLong: true, step });
  const half = Math.ceil(all.threads / 2);
  expect([all.threads, half]).toContain(threads);
  if (all.threads === 1) expect(said).toEqual([]);
  else
    expect(said).toEqual([expect.stringMatching(/^\d+ threads?: a step takes [\d.]+ ms, on \d+ threads? [\d.]+ ms$/)]);
  if (said[0] !== undefined) expect(Number.parseInt(said[0], 10)).toBe(threads);
});

test("a number that is given is taken without timing, and short work has all cores", async () => {
  const all = await wasmEngine();
  onTestFinished(() => all.close());
  const neverAsked = () => expect.unreachable("no step is to be timed");
  expect(await started({ isLong: true, threads: 1, step: neverAsked })).toEqual({ threads: 1, said: [] });
  expect(await started({ step: neverAsked })).toEqual({ threads: all.threads, said: [] });
});
