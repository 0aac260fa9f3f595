/** @file Short programs of an engine with one thread: run on the caller's own, which all else keeps its turns of. */
import { expect, onTestFinished, test } from "vitest";
import { wasmEngine, type WasmEngine } from "../../src/engine/wasm/index.ts";
import type { Program } from "../../src/engine/contract.ts";
import { add, input, matmul, state } from "../../src/tensor/index.ts";

async function opened(threads: number): Promise<WasmEngine> {
  const engine = await wasmEngine({ threads });
  onTestFinished(() => engine.close());
  return engine;
}

const square = (side: number): Float32Array => new Float32Array(side * side).fill(1 / side);

async function productOf(engine: WasmEngine, side: number): Promise<Program> {
  const x = input("x", [side, side]);
  return engine.compile({ outputs: { y: matmul(x, x) }, updates: [] });
}

/** Whether a run is done before any event, message or timer is looked at. */
async function isDoneAtOnce(program: Program, side: number): Promise<boolean> {
  let isDone = false;
  const running = program.run({ x: square(side) }).then(({ y }) => {
    expect(y![0]).toBeCloseTo(1 / side);
    isDone = true;
  });
  for (let i = 0; i < 100; i++) await Promise.resolve();
  const atOnce = isDone;
  await running;
  return atOnce;
}

test.each([
  [1, 16, true],
  [1, 256, false],
  [2, 16, false],
])("with %i threads, a product of matrices of %i rows is done at once: %s", async (threads, side, expected) => {
  const program = await productOf(await opened(threads), side);
  // Events have their turn first, so that the caller's has only begun.
  await new Promise((resolve) => setImmediate(resolve));
  expect(await isDoneAtOnce(program, side)).toBe(expected);
});

test("short runs in a row leave timers their turn", async () => {
  const program = await productOf(await opened(1), 16);
  const fired: number[] = [];
  const timer = setInterval(() => fired.push(performance.now()), 1);
  onTestFinished(() => clearInterval(timer));
  const start = performance.now();
  while (fired.length < 3 && performance.now() - start < 10_000) await program.run({ x: square(16) });
  expect(fired.length).toBeGreaterThanOrEqual(3);
});

test("long and short programs of one engine see each other's states in the order of their runs", async () => {
  const engine = await opened(1);
  const [s, big] = [state("s", [1]), state("big", [512, 512])];
  const long = await engine.compile({
    outputs: {},
    updates: [
      { state: s, value: add(s, 1) },
      { state: big, value: matmul(big, big) },
    ],
  });
  const short = await engine.compile({ outputs: { s }, updates: [] });
  const seen: number[] = [];
  await Promise.all(
    [long, short, long, short, short, long, short].map(async (program) => {
      const { s } = await program.run();
      if (s) seen.push(s[0]!);
    }),
  );
  expect(seen).toEqual([1, 2, 2, 3]);
});
