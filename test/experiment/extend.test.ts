/** @file A finished training that goes on for more epochs is, bit for bit, the one that had them from the start; else it is refused by name. */
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ConfigInput } from "../../src/experiment/config.ts";
import { experimentState } from "../../src/experiment/node/experiment-state.ts";
import { openExperiment } from "../../src/experiment/node/open.ts";
import type { TrainingCommand } from "../../src/experiment/node/resolve-config.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "limbeck-extend-"));
});
afterAll(() => rm(root, { recursive: true }));

const tiny = { dataset: "shapes", limit: 40, batchSize: 16, engine: "wasm", threads: 1, latency: false } as const;

async function run<C extends TrainingCommand>(
  command: C,
  input: ConfigInput<C>,
  folder: string,
  { resume = false, stopAfter = Infinity } = {},
): Promise<void> {
  const abort = new AbortController();
  const out = join(root, folder);
  const experiment = await openExperiment<C>(command, input, { out, resume, signal: abort.signal });
  try {
    let steps = 0;
    for await (const { kind } of experiment.run()) if (kind === "step" && ++steps === stopAfter) abort.abort();
  } finally {
    await experiment.close();
  }
}

/** Everything that a run leaves but for times. */
async function left(folder: string, name: string): Promise<Record<string, unknown>> {
  const read = (file: string) => readFile(join(root, folder, name, file));
  const {
    seconds: _,
    teacherSeconds: __,
    epochs,
    ...record
  } = JSON.parse(String(await read("run.json"))) as {
    epochs: { seconds: number }[];
  } & Record<string, unknown>;
  const weights = await read("model.safetensors");
  return {
    record,
    epochs: epochs.map((epoch) => ({ ...epoch, seconds: undefined })),
    weights: Buffer.from(weights).toString("base64"),
    random: String(await read("random.json")),
    steps: String(await read("steps.jsonl")),
  };
}

const trained: Record<string, ConfigInput<"train">> = {
  adam: { model: "LightNN" },
  "sgd with momentum, steps, a warm-up, an average and the best epoch": {
    model: "resnet8",
    optimiser: "sgd",
    optimiserOptions: { momentum: 0.9 },
    schedule: "step",
    scheduleOptions: { milestones: [1, 3] },
    warmUp: 1,
    ema: 0.9,
    validation: 10,
    keep: "best",
    augment: { flip: {} },
  },
  "piecewise by epochs, frozen parameters": {
    model: "LightNN",
    schedule: "piecewise",
    scheduleOptions: { unit: "epochs", at: [0, 1, 4], factors: [0.5, 1, 0.1] },
    freeze: [{ parameters: "features.0.*", afterEpochs: 3 }],
  },
};

describe("train", () => {
  test.each(Object.entries(trained))("%s", async (title, settings) => {
    const config = { ...tiny, ...settings, extendable: true };
    const [whole, extended] = [`${title}/whole`, `${title}/extended`];
    await run("train", { ...config, epochs: 4 }, whole);
    await run("train", { ...config, epochs: 2 }, extended);
    const before = await left(extended, "model");
    await cp(join(root, extended), join(root, `${title}/stopped`), { recursive: true });
    await run("train", { epochs: 4 }, extended, { resume: true });
    expect(await left(extended, "model")).toEqual(await left(whole, "model"));
    const resumed = run("train", { epochs: 4 }, `${title}/stopped`, { resume: true, stopAfter: 2 });
    await expect(resumed).rejects.toMatchObject({ code: "ABORTED" });
    expect({ ...(await left(`${title}/stopped`, "model")), steps: before["steps"] }).toEqual(before);
    expect(await experimentState(join(root, `${title}/stopped`))).toMatchObject({ state: "stopped" });
    await run("train", {}, `${title}/stopped`, { resume: true });
    expect(await left(`${title}/stopped`, "model")).toEqual(await left(whole, "model"));
  });

  test("a training that stopped goes on for longer without a kept checkpoint", async () => {
    const stopped = run("train", { ...tiny, epochs: 2 }, "early", { stopAfter: 2 });
    await expect(stopped).rejects.toMatchObject({ code: "ABORTED" });
    await run("train", { epochs: 3 }, "early", { resume: true });
    await run("train", { ...tiny, epochs: 3 }, "long");
    expect((await left("early", "model"))["weights"]).toBe((await left("long", "model"))["weights"]);
  });

  test("without its last checkpoint a finished training is refused, and stays as it is", async () => {
    await run("train", { ...tiny, epochs: 1 }, "plain");
    const before = await readFile(join(root, "plain/config.json"), "utf8");
    await expect(run("train", { epochs: 2 }, "plain", { resume: true })).rejects.toThrow(
      /finished after 1 epochs, and its last checkpoint was not kept, as --extendable/,
    );
    expect(await readFile(join(root, "plain/config.json"), "utf8")).toBe(before);
    await run("train", {}, "plain", { resume: true });
  });
});

test("distill: the student alone and those of several methods, their teacher as it was", async () => {
  await run("train", { ...tiny, model: "LightNN", epochs: 2 }, "teacher");
  const teacher = join(root, "teacher/model/model.safetensors");
  const config = { ...tiny, teacher: [teacher], teacherModel: ["LightNN"], force: true };
  const settings = { ...config, method: "kd,dist", extendable: true };
  await run("distill", { ...settings, epochs: 2 }, "whole");
  await run("distill", { ...settings, epochs: 1 }, "extended");
  const before = await left("extended", "student-kd");
  await run("distill", { epochs: 2 }, "extended", { resume: true });
  for (const name of ["student-ce", "student-kd", "student-dist"])
    expect(await left("extended", name), name).toEqual(await left("whole", name));
  expect(before["weights"]).not.toBe((await left("extended", "student-kd"))["weights"]);
}, 120_000);
