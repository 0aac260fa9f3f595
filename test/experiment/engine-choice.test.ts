/** @file Which engine an experiment takes: told, kept in its folder, and the same when it goes on. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { openExperiment } from "../../src/experiment/node/open.ts";
import { limbeck } from "../cli/limbeck.ts";
import { skipped } from "../engines/tested.ts";
import { useSwiftShader, whyNoWebGpu } from "../engines/swiftshader.ts";

afterEach(() => void vi.unstubAllEnvs());

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "limbeck-engine-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** Begins a training in this folder and leaves it before its first step; what it took, and what it tells first. */
async function begun(out: string, engine?: "webgpu") {
  const settings = { dataset: "shapes", limit: 4, batchSize: 4, epochs: 1, latency: false, ...(engine && { engine }) };
  const experiment = await openExperiment("train", settings, { out });
  const work = experiment.run();
  try {
    const { value: first } = await work.next();
    return { taken: experiment.engine, asked: experiment.config.engine, first };
  } finally {
    await work.return(undefined as never);
    await experiment.close();
  }
}

const kept = async (out: string): Promise<unknown> =>
  JSON.parse(await readFile(join(out, "config.json"), "utf8")).engine;

test("what auto takes is told with the reason, and is what the folder says", async () => {
  vi.stubEnv("LIMBECK_ENGINE", "reference");
  const out = await emptyFolder();
  expect(await begun(out)).toEqual({
    taken: "reference",
    asked: "auto",
    first: { kind: "note", text: "reference: plain loops in float32, 1 thread (auto: LIMBECK_ENGINE names it)" },
  });
  expect(await kept(out)).toBe("reference");
  vi.stubEnv("LIMBECK_ENGINE", "wasm");
  const again = await openExperiment("train", undefined, { out, resume: true });
  onTestFinished(() => again.close());
  expect(again.engine).toBe("reference");
});

const gone = "an experiment that was begun on an engine that is not here says so when it should go on";
test.skipIf(whyNoWebGpu)(skipped(gone, whyNoWebGpu), async () => {
  useSwiftShader();
  const out = await emptyFolder();
  expect(await begun(out, "webgpu")).toMatchObject({ taken: "webgpu", asked: "webgpu" });
  expect(await kept(out)).toBe("webgpu");
  const { code, stderr } = await limbeck(["train", "--resume", out], { env: { VK_DRIVER_FILES: "/nowhere" } });
  expect([code, stderr]).toEqual([
    1,
    expect.stringContaining(
      "error ENGINE: this experiment was begun on the engine webgpu, and goes on where that is: webgpu: no adapter was found",
    ),
  ]);
});
