/** @file Published settings, over the whole table of methods. */
import { describe, expect, test } from "vitest";
import { methods, objective, objectiveNamed, type AnyMethod } from "./index.ts";

const table: readonly AnyMethod[] = Object.values(methods);

describe.each(table.map((method) => ({ name: method.name, method })))("$name", ({ method }) => {
  const presets = Object.entries(method.presets ?? {});

  test("says whose its defaults are", () => {
    if (method.name === "ce") return expect(presets).toEqual([]);
    expect(presets.length).toBeGreaterThan(0);
    for (const [name, { source }] of presets) {
      // Its two losses were published apart.
      if (method.name === "embed" && name === "small") {
        expect(source).toMatch(/^chosen here: /);
        continue;
      }
      expect(name).toMatch(/^(tutorial|cifar|imagenet|standardised|views)$/);
      expect(source).toMatch(/^([\w-]+\/[\w-]+(,| for) .+|.+ et al\. \d{4}, section \d+.*|PyTorch's .+)$/);
    }
    expect(presets[0]![1].options, "the first is the defaults").toEqual({});
  });

  test.each(presets)("%s sets options that it has, to other values than the defaults", (name, { options }) => {
    const defaults = objective(method).options;
    const chosen = objective(method, {}, name);
    expect(chosen.preset).toBe(name);
    expect(chosen.options).toEqual({ ...defaults, ...options });
    if (name !== presets[0]![0]) expect(chosen.options).not.toEqual(defaults);
  });

  test("no two are the same", () => {
    const distinct = new Set(presets.map(([, { options }]) => JSON.stringify(options)));
    expect(distinct.size).toBe(presets.length);
  });
});

test("the values are those of the sources", () => {
  const chosen = (method: string, preset: string) => objectiveNamed(method, {}, preset).options;
  expect(chosen("kd", "tutorial")).toMatchObject({ temperature: 2, kdWeight: 0.25, ceWeight: 0.75 });
  expect(chosen("kd", "cifar")).toMatchObject({ temperature: 4, kdWeight: 0.9, ceWeight: 0.1, standardise: false });
  expect(chosen("kd", "imagenet")).toMatchObject({ temperature: 1, kdWeight: 0.5, ceWeight: 0.5 });
  expect(chosen("kd", "standardised")).toMatchObject({
    temperature: 2,
    kdWeight: 9,
    ceWeight: 0.1,
    standardise: true,
  });
  expect(chosen("dkd", "cifar")).toMatchObject({
    temperature: 4,
    targetWeight: 1,
    nonTargetWeight: 8,
    rampEpochs: 20,
  });
  expect(chosen("dkd", "imagenet")).toMatchObject({ temperature: 1, nonTargetWeight: 0.5, rampEpochs: 1 });
  expect(chosen("nkd", "cifar")).toMatchObject({ temperature: 3, targetWeight: 1, nonTargetWeight: 3.5 });
  expect(chosen("nkd", "imagenet")).toMatchObject({ temperature: 1, targetWeight: 1, nonTargetWeight: 1.5 });
  expect(chosen("wsld", "imagenet")).toMatchObject({ temperature: 2, softWeight: 2.5 });
  expect(chosen("dist", "imagenet")).toMatchObject({ temperature: 1, interWeight: 2, intraWeight: 2, ceWeight: 1 });
  expect(chosen("mlkd", "views")).toMatchObject({
    strongView: true,
    kdWeight: 0.45,
    strongKdWeight: 0.9,
    ceWeight: 0.1,
  });
  expect(chosen("crld", "cifar")).toMatchObject({
    temperature: 4,
    withinWeight: 2,
    crossWeight: 0.5,
    withinConfidence: 0.9,
    crossConfidence: 0.2,
    ceWeight: 1,
  });
  expect(chosen("crld", "imagenet")).toMatchObject({ temperature: 1, withinWeight: 2, ceWeight: 2 });
  expect(chosen("ttm", "cifar")).toMatchObject({ power: 0.1, ttmWeight: 45, ceWeight: 1 });
  expect(chosen("wttm", "cifar")).toMatchObject({ power: 0.2, wttmWeight: 4, ceWeight: 1 });
  expect(chosen("rld", "cifar")).toMatchObject({
    temperature: 4,
    confidenceTemperature: 4,
    confidenceWeight: 1,
    correlationWeight: 8,
    rampEpochs: 20,
    ceWeight: 1,
  });
  expect(chosen("rld", "imagenet")).toMatchObject({
    temperature: 1,
    confidenceTemperature: 1,
    confidenceWeight: 1,
    correlationWeight: 0.5,
    rampEpochs: 1,
  });
  expect(chosen("sdd", "cifar")).toMatchObject({
    temperature: 4,
    scales: [2, 4],
    complementaryWeight: 2,
    sddWeight: 0.9,
    ceWeight: 0.1,
  });
  expect(chosen("ctkd", "cifar")).toMatchObject({
    leastTemperature: 1,
    temperatureRange: 20,
    curriculumEpochs: 10,
    kdWeight: 0.9,
    ceWeight: 0.1,
  });
  expect(chosen("catkd", "cifar")).toMatchObject({ resolution: 2, normalise: true, attentionWeight: 400, ceWeight: 1 });
  expect(chosen("catkd", "imagenet")).toMatchObject({ resolution: 4, normalise: false, attentionWeight: 0.5 });
  expect(chosen("srd", "imagenet")).toMatchObject({ projectorWeight: 2, kdWeight: 1, temperature: 1, ceWeight: 1 });
  expect(chosen("srrl", "cifar")).toMatchObject({ featureWeight: 1, regressionWeight: 5 });
});

test("options go before a preset's, and of several methods each has it", () => {
  expect(objectiveNamed("kd", { temperature: 3 }, "cifar").weights).toEqual({ kd: 0.9, ce: 0.1 });
  expect(objectiveNamed("kd", { temperature: 3 }, "cifar").options).toMatchObject({ temperature: 3 });
  expect(objectiveNamed("nkd+dist", { "dist.temperature": 2 }, "cifar").options).toMatchObject({
    nkd: { temperature: 3 },
    dist: { temperature: 2 },
  });
  expect(objectiveNamed("kd").preset).toBeUndefined();
});

test("an unknown preset comes with those that the method has", () => {
  const refused = (code: string, message: RegExp) =>
    expect.objectContaining({ code, message: expect.stringMatching(message) });
  expect(() => objectiveNamed("kd", {}, "cifr")).toThrow(
    refused(
      "UNKNOWN_NAME",
      /preset of method kd "cifr"; did you mean cifar\? Known: tutorial, cifar, imagenet, standard/,
    ),
  );
  expect(() => objectiveNamed("kd+cosine", {}, "cifar")).toThrow(
    refused("UNKNOWN_NAME", /method cosine .* Known: tutorial/),
  );
  expect(() => objectiveNamed("kd", {}, "toString")).toThrow(refused("UNKNOWN_NAME", /Known: tutorial/));
  expect(() => objectiveNamed("ce", {}, "cifar")).toThrow(refused("ARGUMENT", /ce has no presets; leave/));
});
