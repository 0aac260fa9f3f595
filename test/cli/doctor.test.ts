import { expect, test } from "vitest";
import { skipped } from "../engines/tested.ts";
import { useSwiftShader, whyNoWebGpu } from "../engines/swiftshader.ts";
import { limbeck } from "./limbeck.ts";

test("doctor says what computes here and how fast, for people and for machines", async () => {
  const [words, json] = await Promise.all([limbeck(["doctor"]), limbeck(["doctor", "--json"])]);
  expect([words.code, json.code]).toEqual([0, 0]);
  expect(words.stdout).toMatch(/Engine +wasm: \d+ thread/);
  expect(words.stdout).toMatch(/Kernel .*GFLOP\/s a thread, in use/);
  expect(words.stdout).toMatch(
    /wasm +[\d.,]+ GFLOP\/s in a product; LightNN's step [\d.]+ ms, [\d,]+ images a second\n/,
  );
  expect(words.stdout).toMatch(/auto +takes wasm: LIMBECK_ENGINE names it\n/);
  expect(words.stdout).toMatch(/shapes +drawn when needed\n/);
  const { choice, threads, advice, speeds, memory, auto } = JSON.parse(json.stdout);
  expect(threads).toBeGreaterThanOrEqual(1);
  expect(choice.gigaflops).toBeGreaterThan(0);
  expect(choice.tried).toContainEqual({ tile: choice.tile, wide: choice.wide, gigaflops: choice.gigaflops });
  expect(advice.every((line: string) => line.endsWith("."))).toBe(true);
  expect(memory.total).toBeGreaterThanOrEqual(memory.available);
  expect(auto).toEqual({ engine: "wasm", reason: "LIMBECK_ENGINE names it" });
  const [wasm, , reference] = speeds;
  expect([wasm.engine, reference.engine]).toEqual(["wasm", "reference"]);
  expect(wasm.step.images / wasm.step.milliseconds).toBeGreaterThan(
    reference.step.images / reference.step.milliseconds,
  );
});

const software = "doctor tells a driver that computes on the processor from a GPU";
test.skipIf(whyNoWebGpu)(skipped(software, whyNoWebGpu), async () => {
  useSwiftShader();
  const env = { LIMBECK_ENGINE: "auto", VK_DRIVER_FILES: process.env["VK_DRIVER_FILES"]!, XDG_RUNTIME_DIR: "/tmp" };
  const { stdout } = await limbeck(["doctor"], { env });
  expect(stdout).toMatch(/GPU +.*swiftshader.* \(software: the processor computes\)\n/);
  expect(stdout).toMatch(/Buffers +[\d.]+ [MG]B at most, \d+ in a shader\n/);
  expect(stdout).toMatch(/webgpu +not timed, /);
  expect(stdout).toMatch(/auto +takes wasm: .*swiftshader.* is no GPU\n/);
});
