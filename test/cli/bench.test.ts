import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { limbeck } from "./limbeck.ts";

const small = ["bench", "--model", "LightNN", "--batch-size", "8", "--repeats", "3"];

test("bench times a training step; a network of other widths is timed as such, and needs as many as it has", async () => {
  const widths = ["--model", "airbench_small", "--model-option", "widths=8,8,8"];
  const timed = await limbeck([...small, ...widths]);
  expect(timed.code).toBe(0);
  expect(timed.stdout).toMatch(
    /^airbench_small \(widths 8,8,8\), a training step on 8 images: .* ms, \d+ images a second \(median of 3, .* ms; wasm: \d+ threads?.*\)\n$/,
  );
  const { code, stderr } = await limbeck([...small, "--model-option", "widths=8,8,8"]);
  expect([code, stderr]).toEqual([2, expect.stringContaining("LightNN: option widths should be 2 whole numbers")]);
});

test("what only the wasm engine's programs can is not asked of others", async () => {
  const { code, stderr } = await limbeck(["bench", "--engine", "reference", "--profile"]);
  expect([code, stderr]).toEqual([2, expect.stringContaining("--profile takes the wasm engine's programs apart")]);
});

test("its profile has the share of every level and says what was computed together, how and why", async () => {
  const { stdout } = await limbeck([...small, "--method", "kd", "--teacher-model", "LightNN", "--profile", "--json"]);
  const { levels, groups } = JSON.parse(stdout);
  expect(levels.length).toBeGreaterThan(10);
  for (const { milliseconds, kernels } of levels) {
    expect(milliseconds).toBeGreaterThan(0);
    for (const { label, bytes } of kernels) expect([label, bytes > 0]).toEqual([expect.any(String), true]);
  }
  expect(groups.find(({ decision }: { decision?: object }) => decision)).toEqual({
    operations: ["conv2d [8, 16, 32, 32]", "relu [8, 16, 32, 32]"],
    kernels: [expect.any(String), expect.stringContaining("conv2d 8×3×32×32 → 16, 3×3")],
    decision: { algorithm: "direct", reason: "not by Winograd: 3 channels" },
  });
});

test("a forward pass in words, with rates", async () => {
  const { stdout } = await limbeck([...small, "--kind", "forward", "--profile"]);
  expect(stdout).toMatch(/\| Level \| +ms \| +% \| GFLOP\/s \| GB\/s \| Kernels/);
  expect(stdout).toMatch(/conv2d \+ relu \[8, 16, 32, 32\] +\| direct: not by Winograd: 3 channels/);
});

test("an unknown model is refused with the nearest known one", async () => {
  const { code, stderr } = await limbeck(["bench", "--model", "LigthNN"]);
  expect(code).toBe(2);
  expect(stderr).toContain("did you mean LightNN?");
});

test("the WebAssembly of a step is written, functions named by what they compute", async ({ onTestFinished }) => {
  const folder = await mkdtemp(join(tmpdir(), "limbeck-emit-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [binary, text] = [join(folder, "step.wasm"), join(folder, "step.wat")];
  expect((await limbeck([...small, "--emit", binary])).code).toBe(0);
  expect(WebAssembly.validate(await readFile(binary))).toBe(true);
  expect((await limbeck([...small, "--emit", text])).stdout).toBe(`Written: ${text}\n`);
  expect(await readFile(text, "utf8")).toMatch(/\(func \$conv2d_8_/);
  const { code, stderr } = await limbeck([...small, "--emit", join(folder, "step.txt")]);
  expect([code, stderr]).toEqual([2, expect.stringContaining("ending in .wasm or .wat")]);
});
