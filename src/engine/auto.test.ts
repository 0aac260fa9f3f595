import { expect, onTestFinished, test, vi } from "vitest";
import { skipped } from "../../test/engines/tested.ts";
import { useSwiftShader, whyNoWebGpu } from "../../test/engines/swiftshader.ts";
import { input, mul, state } from "../tensor/index.ts";
import type { Engine } from "./contract.ts";
import { startEngine } from "./engines.ts";
import type { EngineChoice } from "./entry.ts";
import { fastest, sampleStep, timesInWords, timeStep } from "./fastest.ts";
import { referenceEngine } from "./reference/index.ts";
import { wasmEngine } from "./wasm/index.ts";

async function auto(environment: Readonly<Record<string, string>>): Promise<EngineChoice> {
  for (const [name, value] of Object.entries({ LIMBECK_ENGINE: "", VK_DRIVER_FILES: "", ...environment }))
    vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  let choice: EngineChoice | undefined;
  const engine = await startEngine("auto", { threads: 1, onChoice: (made) => (choice = made) });
  onTestFinished(() => engine.close());
  expect(choice).toMatchObject({ engine: engine.name, description: engine.description });
  return choice!;
}

test("auto takes what LIMBECK_ENGINE names", async () => {
  expect(await auto({ LIMBECK_ENGINE: "reference" })).toMatchObject({
    engine: "reference",
    reason: "LIMBECK_ENGINE names it",
  });
  vi.stubEnv("LIMBECK_ENGINE", "wsm");
  await expect(startEngine("auto")).rejects.toMatchObject({ code: "UNKNOWN_NAME" });
});

const software = "a driver that computes on the processor is no reason to leave wasm";
test.skipIf(whyNoWebGpu)(skipped(software, whyNoWebGpu), async () => {
  useSwiftShader();
  const choice = await auto({ VK_DRIVER_FILES: process.env["VK_DRIVER_FILES"]! });
  expect(choice).toMatchObject({ engine: "wasm", reason: expect.stringMatching(/swiftshader.* is no GPU/) });
  expect(choice.measured).toBeUndefined();
});

/** An engine that says when it is closed. */
const watched = (engine: Engine, closed: string[]) => ({
  name: engine.name,
  start: async () =>
    Object.assign(engine, {
      close: ((close) => async () => {
        closed.push(engine.name);
        await close();
      })(engine.close.bind(engine)),
    }),
});

test("of several, the one that makes a step in the least time is taken and the others are closed, in whatever order", async () => {
  for (const isFirst of [true, false]) {
    const closed: string[] = [];
    const both = [watched(await wasmEngine({ threads: 1 }), closed), watched(referenceEngine(), closed)];
    const weight = state("weight", [64, 64]);
    const step = {
      outputs: { y: mul(input("x", [64, 64]), weight) },
      updates: [{ state: weight, value: mul(weight, 2) }],
    };
    const { engine, measured } = await fastest(isFirst ? both : both.toReversed(), step);
    onTestFinished(() => engine.close());
    expect(measured.map(({ milliseconds }) => milliseconds)).toEqual(
      measured.map(({ milliseconds }) => milliseconds).toSorted((a, b) => a! - b!),
    );
    expect(engine.name).toBe(measured[0]!.name);
    expect(closed).toEqual([measured[1]!.name]);
    expect([...(await engine.read(weight))].every((value) => value === 0)).toBe(true);
  }
});

test("one that fails is out, with what it said; the first one's error is told where all do", async () => {
  const failing = { name: "webgpu", start: () => Promise.reject(new Error("out of memory")) };
  const { engine, measured } = await fastest(
    [failing, { name: "wasm", start: () => wasmEngine({ threads: 1 }) }],
    sampleStep(),
  );
  onTestFinished(() => engine.close());
  expect([engine.name, measured]).toEqual([
    "wasm",
    [
      { name: "wasm", milliseconds: expect.any(Number) },
      { name: "webgpu", problem: "out of memory" },
    ],
  ]);
  await expect(fastest([failing], sampleStep())).rejects.toThrow("out of memory");
});

test("a step is timed in milliseconds", async () => {
  const engine = referenceEngine();
  const x = input("x", [1]);
  expect(await timeStep(engine, { outputs: { y: mul(x, 2) }, updates: [] })).toBeLessThan(100);
});

test("what was measured, in words", () => {
  const measured = [
    { name: "webgpu", milliseconds: 3.14 },
    { name: "wasm", milliseconds: 1761.7 },
  ];
  expect(timesInWords(measured)).toBe("a step takes 3.1 ms, on wasm 1762 ms");
  const failed = [
    { name: "wasm", milliseconds: 12 },
    { name: "webgpu", problem: "the device was lost" },
  ];
  expect(timesInWords(failed)).toBe("a step takes 12 ms, on webgpu it fails: the device was lost");
});
