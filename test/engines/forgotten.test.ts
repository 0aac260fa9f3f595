/** @file What is closed is let go of: nothing of an engine, a trainer or an experiment stays, nor of its data set. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { script } from "./script.ts";
import { environmentOfSwiftShader, whyNoWebGpu } from "./swiftshader.ts";
import { skipped } from "./tested.ts";

vi.setConfig({ testTimeout: 180_000 });

const rounds = 20;
/** After these, what is loaded once is there. */
const first = 5;
/** More than a process grows by itself, beside other work 76; what each round holds makes 120 MiB and more in the rounds that are left. */
const mebibytes = 100;

/** Runs `round`, which gives what should be let go of, again and again; how much of it is left, and by how many MiB the process grew. */
async function afterRounds(round: string, under: readonly string[] = []): Promise<{ left: number; grown: number }> {
  const { stdout, stderr, code } = await script(
    `const seen = [];
    const round = async (i) => { ${round} };
    const collect = async () => {
      for (let i = 0; i < 5; i++) {
        await new Promise((next) => setTimeout(next, 50));
        globalThis.gc();
      }
      return process.memoryUsage().rss / 2 ** 20;
    };
    let before;
    for (let i = 0; i < ${rounds}; i++) {
      seen.push(...(await round(i)).map((one) => new WeakRef(one)));
      if (i + 1 === ${first}) before = await collect();
    }
    const grown = await collect() - before;
    console.log(JSON.stringify({ left: seen.filter((one) => one.deref()).length, grown }));
    process.exit();`,
    under,
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as { left: number; grown: number };
}

/** Has an engine hold 8 MiB, and runs a program that is left open. */
const use = `
  const { add, input, state } = limbeck;
  const held = state("held", [2 ** 21]);
  await engine.write(held, new Float32Array(held.size).fill(i));
  const x = input("x", [2 ** 21]);
  const program = await engine.compile({ outputs: { y: add(x, held) }, updates: [] });
  await program.run({ x: new Float32Array(x.size) });`;

test.each([1, 2])("engines on %i threads", async (threads) => {
  const { left, grown } = await afterRounds(
    `const engine = await limbeck.wasmEngine({ threads: ${threads} });${use}
    await engine.close();
    return [engine, program];`,
  );
  expect(left).toBe(0);
  expect(grown).toBeLessThan(mebibytes);
});

test("engines that nobody closed", async () => {
  const { left } = await afterRounds(`const engine = await limbeck.wasmEngine({ threads: 2 });${use}
    program.close();
    return [engine, program];`);
  expect(left).toBe(0);
});

test.skipIf(whyNoWebGpu)(skipped("WebGPU's engines", whyNoWebGpu), async () => {
  const variables = Object.entries(environmentOfSwiftShader).map(([name, value]) => `${name}=${value}`);
  const { left, grown } = await afterRounds(
    `const engine = await limbeck.webGpuEngine();${use}
    await engine.close();
    return [engine, program];`,
    ["env", ...variables],
  );
  expect(left).toBe(0);
  expect(grown).toBeLessThan(mebibytes);
});

test("trainers with their data sets and networks", async () => {
  const { left, grown } = await afterRounds(
    `const dataset = await limbeck.loadDataset("shapes", { limit: 64 });
    const pixels = new Uint8Array(16 * 2 ** 20).fill(i);
    const trainer = await limbeck.createTrainer({ dataset: { ...dataset, pixels }, engine: "wasm", epochs: 1 });
    const model = await trainer.train("LightNN");
    await trainer.close();
    return [trainer, trainer.engine, trainer.dataset, pixels, model];`,
  );
  expect(left).toBe(0);
  expect(grown).toBeLessThan(mebibytes);
});

test("experiments with their data sets", async () => {
  const folder = mkdtempSync(join(tmpdir(), "limbeck-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { left, grown } = await afterRounds(
    `const settings = { dataset: "shapes", model: "LightNN", epochs: 1, limit: 16, engine: "wasm", latency: false };
    const experiment = await limbeck.openExperiment("train", settings, { out: ${JSON.stringify(folder)} + "/" + i });
    let results;
    const runs = experiment.run();
    for (let next = await runs.next(); !results; next = await runs.next()) results = next.done ? next.value : undefined;
    await experiment.close();
    return [experiment, experiment.dataset, results];`,
  );
  expect(left).toBe(0);
  expect(grown).toBeLessThan(mebibytes);
});
