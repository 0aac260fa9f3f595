/** @file What studies describe, run by run, before anything is trained. */
import { globSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseConfig, trainingKeys, type Config } from "../../src/experiment/config.ts";
import { tutorialPlans } from "../../src/experiment/command-plans.ts";
import { expandStudy, type DescribedRun } from "../../src/study/expand.ts";
import { studyJsonSchema, type MethodDescription } from "../../src/study/index.ts";
import { planStudy, readStudy, Shared } from "../../src/study/node/index.ts";
import { repository } from "../package/install.ts";

/** The whole configuration of a run, as a worker has it. */
function configOf({ command, settings }: DescribedRun): Config<"train"> | Config<"distill"> {
  return parseConfig(command, command === "distill" ? { teacher: ["teacher"], ...settings } : settings);
}

test.each(globSync("{examples,bench/experiments}/*.yaml", { cwd: repository }))("%s describes runs", async (file) => {
  const runs = expandStudy(await readStudy(join(repository, file)));
  expect(runs.length).toBeGreaterThan(1);
  for (const run of runs) expect(configOf(run)).toMatchObject({ seed: run.seed });
});

/** What a run is, in the words that a tutorial and a study share. Networks of a study are not timed. */
function described(config: Config<"tutorial"> | Config<"train"> | Config<"distill">) {
  return Object.fromEntries(Object.entries(config).filter(([key]) => trainingKeys.includes(key) && key !== "latency"));
}

test("examples/tutorial.yaml describes the runs of limbeck tutorial", async () => {
  const config = parseConfig("tutorial", { dataset: "cifar10" });
  const tutorial = tutorialPlans(config, { classes: 10, shape: [3, 32, 32], images: 50_000 }).map((plan) => {
    const { model, objective } = plan.learner;
    return { ...described(config), model: model.name, method: objective.name, options: objective.options };
  });
  const study = expandStudy(await readStudy(join(repository, "examples/tutorial.yaml")))
    .filter(({ seed }) => seed === config.seed)
    .map((run) => {
      const resolved = configOf(run);
      const model = "student" in resolved ? resolved.student : resolved.model;
      return { ...described(resolved), model, method: resolved.method, options: resolved.options };
    });
  expect(tutorial.map(({ model, method }) => `${model} ${method}`)).toEqual([
    "DeepNN ce",
    "LightNN ce",
    "LightNN kd",
    "LightNN cosine",
    "LightNN regressor",
  ]);
  expect(study).toEqual(tutorial);
});

describe("a preset", () => {
  const planned = async (...methods: MethodDescription[]) => {
    const study = { data: { dataset: "shapes", limit: 8 }, teachers: { train: { model: "resnet8" } }, methods };
    const { runs } = await planStudy(study, { shared: new Shared("none"), folder: "none" });
    return runs.filter(({ role }) => role === "taught").map(({ title, identity }) => ({ title, identity }));
  };

  test("names the same run as its options, and its own are before it", async () => {
    const cifar = { temperature: 4, kdWeight: 0.9, ceWeight: 0.1 };
    const [named, spelled] = await planned({ kd: { preset: "cifar" } }, { kd: cifar });
    expect(named).toEqual({ title: "kd, preset=cifar, seed 1", identity: spelled!.identity });
    const [warm, warmer] = await planned(
      { kd: { preset: "cifar", temperature: 8 } },
      { kd: { ...cifar, temperature: 8 } },
    );
    expect(warm!.identity).toBe(warmer!.identity);
    expect(warm!.identity).not.toBe(named!.identity);
  });

  test("of several, each is tried; several methods share one", async () => {
    expect(
      (await planned({ kd: { preset: ["cifar", "imagenet"] } }, { "kd+at": { preset: "cifar" } })).map(
        ({ title }) => title,
      ),
    ).toEqual(["kd, preset=cifar, seed 1", "kd, preset=imagenet, seed 1", "kd+at, preset=cifar, seed 1"]);
  });

  test("that the method does not have is refused, with the nearest that it has", async () => {
    await expect(planned({ kd: { preset: "cifr" } })).rejects.toThrow(
      /kd, preset=cifr, seed 1: unknown preset of method kd "cifr"; did you mean cifar\?/,
    );
    const schema = JSON.stringify(studyJsonSchema());
    expect(schema).toContain('{"type":"object","properties":{"preset":{"anyOf":[{"type":"string"}');
  });
});

test("networks are compared without a teacher by methods: ce alone", () => {
  expect(expandStudy({ methods: "ce", seeds: 2 }).map(({ title }) => title)).toEqual([
    "student alone, seed 1",
    "student alone, seed 2",
  ]);
  expect(() => expandStudy({ methods: ["ce", "kd"] })).toThrow(/no teachers for kd; add teachers/);
});
