import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { shapes } from "../data/shapes.ts";
import { wasmEngine } from "../engine/wasm/index.ts";
import { parseConfig } from "./config.ts";
import { recipeResults } from "./recipe-results.ts";
import { recipes, type Recipe, type RecipeName } from "./recipes.ts";
import { createTrainer } from "./trainer.ts";

const names = Object.keys(recipes) as RecipeName[];
const distilled = { dataset: "cifar10", teacher: "a.safetensors" };

describe.each(names)("recipe %s", (recipe) => {
  test("is a whole configuration of each command, which means the same when it is read again", () => {
    const alone = parseConfig("train", { recipe, dataset: "cifar10" });
    const taught = parseConfig("distill", { recipe, ...distilled });
    expect(parseConfig("train", JSON.parse(JSON.stringify(alone)))).toEqual(alone);
    expect(parseConfig("distill", JSON.parse(JSON.stringify(taught)))).toEqual(taught);
    expect(parseConfig("tutorial", { recipe, dataset: "cifar10" }).recipe).toBe(recipe);
  });

  test("gives way to every setting", () => {
    const { recipe: _, ...others } = parseConfig("distill", {
      ...distilled,
      student: "resnet8",
      epochs: 3,
      optimiser: "adam",
      schedule: "constant",
      method: "kd",
      dropout: 0.3,
      teacherViews: "view",
      batchSize: 32,
      learningRate: 0.01,
      augment: {},
      dropLast: false,
      labelSmoothing: 0,
      parameterGroups: [],
      freeze: [],
      lookahead: 0,
      tta: "none",
      decayOn: "all",
    });
    expect(parseConfig("distill", { recipe, ...others })).toEqual({ recipe, ...others });
  });

  test("claims no result that its record does not hold", () => {
    for (const { record, run, n, seconds, augmented, ...plain } of recipeResults[recipe] ?? []) {
      expect(existsSync(record)).toBe(true);
      const { runs, results } = JSON.parse(readFileSync(record, "utf8"));
      const found = runs.find(({ name }: { name: string }) => name === run);
      const held = ({ mean, deviation }: { mean: number; deviation?: number }) => ({
        accuracy: +mean.toFixed(2),
        ...(deviation !== undefined && { deviation: +deviation.toFixed(2) }),
      });
      expect(plain).toMatchObject(held(found));
      expect(augmented).toEqual(found.augmented && held(found.augmented));
      expect(n).toBe(found.accuracies.length);
      const times: number[] = results.map(
        (each: { runs: { name: string; seconds: number }[] }) => each.runs.find(({ name }) => name === run)!.seconds,
      );
      expect(seconds).toBe(Math.round(times.reduce((a, b) => a + b) / n));
    }
  });
});

test("airbench's steps are those of its sums: rate and decay of one image, norms' biases 64 times as fast and as slowly decayed", () => {
  // As published: lr / (1024 · gain) for the sum of the losses, decay · batch / (1024 · gain) off each weight in a step.
  const gain = 1 + 1 / (1 - 0.85);
  for (const batchSize of [1024, 256]) {
    const { learningRate, optimiserOptions, parameterGroups } = parseConfig("train", {
      recipe: "airbench94",
      batchSize,
    });
    expect(learningRate / batchSize).toBeCloseTo(11.5 / (1024 * gain), 12);
    const decay = (0.0153 * batchSize) / (1024 * gain);
    expect(learningRate * (optimiserOptions["weightDecay"] as number)).toBeCloseTo(decay, 12);
    const [biases] = parameterGroups;
    expect(biases!.parameters).toBe("*norm*.bias");
    expect(biases!.learningRateFactor).toBe(64);
    expect(learningRate * 64 * biases!.weightDecay!).toBeCloseTo(decay, 12);
  }
});

test("the recipe for its students is one, too", () => {
  for (const { students } of Object.values<Recipe>(recipes))
    if (students !== undefined) expect(names).toContain(students);
});

test("a recipe's network and method are those of its commands; what belongs to another is left out", () => {
  expect(parseConfig("train", { recipe: "light-30" })).toMatchObject({ model: "LightNN", dropout: 0, epochs: 30 });
  expect(parseConfig("distill", { recipe: "light-10", ...distilled })).toMatchObject({
    student: "LightNN",
    method: "dist",
    teacherViews: "mean",
    batchSize: 64,
  });
  expect(parseConfig("train", { recipe: "airbench93", model: "airbench_small" })).toMatchObject({
    model: "airbench_small",
    tta: "flip+shift",
    lookahead: 5,
    freeze: [{ parameters: "0.bias", afterEpochs: 3 }],
    dropLast: true,
  });
});

test.each([
  ["airbench94", "airbench_small", { widths: [8, 12, 12] }],
  ["light-10", "LightNN", {}],
  ["small-40", "airbench_small", { widths: [8, 8, 8] }],
] as const)("losses fall by %s", async (recipe, model, modelOptions) => {
  const engine = await wasmEngine({ threads: 1 });
  const losses: number[] = [];
  const trainer = await createTrainer({
    dataset: shapes({ train: 128, test: 10 }),
    engine,
    onEvent: (event) => event.kind === "epoch" && losses.push(event.loss),
  });
  await trainer.train(model, { recipe, modelOptions, batchSize: 32, epochs: 6 });
  await engine.close();
  expect(losses).toHaveLength(6);
  expect(losses.at(-1)!).toBeLessThan(losses[0]! - 0.01);
});

test("the tutorial takes a part of the embedded images, whose first result is soon there, and all photographs", () => {
  expect(parseConfig("tutorial", {})).toMatchObject({ limit: 2400, epochs: 2, batchSize: 16 });
  expect(parseConfig("tutorial", { limit: 64, batchSize: 8 })).toMatchObject({ limit: 64, batchSize: 8 });
  expect(parseConfig("tutorial", { dataset: "cifar10" })).toMatchObject({ epochs: 10, batchSize: 128 });
  for (const settings of [{ dataset: "cifar10" }, { recipe: "best" }])
    expect(parseConfig("tutorial", settings).limit).toBeUndefined();
  expect(parseConfig("train", {})).toMatchObject({ epochs: 4, batchSize: 128 });
  expect(parseConfig("tutorial", { recipe: "best" })).toMatchObject({ dropout: 0, teacherViews: "mean" });
});
