/** @file The whole tutorial in its folder, beside PyTorch's own run of it on three pictures or photographs. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ExperimentEvent } from "../../src/experiment/events.ts";
import { openExperiment } from "../../src/experiment/node/open.ts";
import type { Results, RunRecord } from "../../src/experiment/record.ts";
import { readSafetensors } from "../../src/weights/index.ts";
import { describeWithSamePhotographs, photographs } from "../photographs.ts";
import golden from "./tutorial.golden.json" with { type: "json" };

const names = ["teacher", "student-ce", "student-kd", "student-cosine", "student-regressor"];

type Images =
  | { readonly dataset: "shapes"; readonly engine: "wasm" }
  | { readonly dataset: "cifar10"; readonly dataDir: string; readonly engine: "reference" };

describe("the tutorial on embedded pictures", () => runs({ dataset: "shapes", engine: "wasm" }));
describeWithSamePhotographs("the tutorial on photographs", () =>
  runs({ dataset: "cifar10", dataDir: photographs!, engine: "reference" }),
);

function runs(images: Images): void {
  let out: string;
  const events: ExperimentEvent[] = [];

  beforeAll(async () => {
    out = await mkdtemp(join(tmpdir(), "limbeck-tutorial-"));
    const config = { ...images, limit: 3, epochs: 2, latency: false } as const;
    const experiment = await openExperiment("tutorial", config, { out });
    try {
      for await (const event of experiment.run()) events.push(event);
    } finally {
      await experiment.close();
    }
  }, 300_000);
  afterAll(() => rm(out, { recursive: true }));

  const json = async (path: string) => JSON.parse(await readFile(join(out, path), "utf8"));

  test("every run takes PyTorch's steps: the random stream flows as in the script", async () => {
    for (const [name, losses] of Object.entries(golden.steps[images.dataset])) {
      const lines = (await readFile(join(out, name, "steps.jsonl"), "utf8")).trimEnd().split("\n");
      const steps = lines.map((line) => JSON.parse(line));
      expect(steps.map(({ step, epoch }) => [step, epoch])).toEqual([
        [1, 1],
        [2, 2],
      ]);
      for (const [i, loss] of losses.entries()) expect(Math.abs(steps[i].loss / loss - 1), name).toBeLessThan(2e-6);
    }
  });

  test("results.json compares the five runs", async () => {
    const results = (await json("results.json")) as Results;
    expect(results.runs.map(({ name }) => name)).toEqual(names);
    expect(results.runs.map(({ method }) => method)).toEqual(["ce", "ce", "kd", "cosine", "regressor"]);
    expect(results.parameters).toEqual({ DeepNN: 1_186_986, LightNN: 267_738 });
    expect(results.firstLayerNorm["LightNN"]).toBe(golden.firstLayerNorm);
    expect(events.at(-1)).toMatchObject({ kind: "end", results });
    for (const { name, epochLosses } of results.runs) expect(epochLosses, name).toHaveLength(2);
  });

  test("a student's file holds the student alone", async () => {
    const { tensors } = readSafetensors(await readFile(join(out, "student-regressor", "model.safetensors")));
    expect([...tensors.keys()]).toEqual(
      ["features.0", "features.3", "classifier.0", "classifier.3"].flatMap((path) => [
        `${path}.weight`,
        `${path}.bias`,
      ]),
    );
    const record = (await json("student-regressor/run.json")) as RunRecord;
    expect(record).toMatchObject({ parameters: 267_738, auxiliaryParameters: 4640 });
  });

  test("the teacher is asked once for all students, before the first that needs it", () => {
    const kinds = events.map((event) => ("run" in event ? `${event.kind} ${event.run}` : event.kind));
    const asked = kinds.flatMap((kind, i) => (kind === "teacher-outputs" ? [i] : []));
    expect(asked).toEqual([kinds.indexOf("run-start student-kd") - 1]);
  });

  test("an experiment that is over can be resumed: nothing is trained again", async () => {
    const experiment = await openExperiment("tutorial", {}, { out, resume: true });
    try {
      const again: ExperimentEvent[] = [];
      for await (const event of experiment.run()) again.push(event);
      expect(again.map(({ kind }) => kind)).toEqual([...names.map(() => "run-end"), "end"]);
    } finally {
      await experiment.close();
    }
  });

  test("a folder that holds an experiment is not taken for another", async () => {
    const before = await json("results.json");
    const refused = openExperiment("tutorial", { engine: images.engine, limit: 3 }, { out });
    await expect(refused).rejects.toMatchObject({ code: "OUTPUT", message: expect.stringContaining("resume") });
    expect(await json("results.json")).toEqual(before);
  });
}
