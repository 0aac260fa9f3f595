import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { objectiveNamed } from "../distill/index.ts";
import { commandSettings } from "../experiment/config.ts";
import { settingsFromFlags } from "../experiment/settings/setting.ts";
import { factorFor, namedValue, numberFor } from "../experiment/settings/values.ts";
import { overridden, readConfigFile, readJsonFile, settingsOf } from "./settings.ts";

const folder = mkdtempSync(join(tmpdir(), "limbeck-settings-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const path = join(folder, "settings.json");
  writeFileSync(path, text);
  return path;
}

/** The settings that these flags give, each with its parts. */
function given(flags: Readonly<Record<string, readonly unknown[]>>): Record<string, unknown> {
  return settingsFromFlags(commandSettings.train, new Map(Object.entries(flags)));
}

describe("settings of wrong types in a file name their path, what was expected and what came", () => {
  test.each([
    ['{"model":5}', "  model: expected a string, got 5"],
    ['{"method":["ce"]}', "  method: expected a string, got a list"],
    ['{"augment":null}', "  augment: expected an object, got null"],
    ['{"augment":"crop"}', '  augment: expected an object, got "crop"'],
    ['{"augment":{"crop":1}}', "  augment.crop: expected an object, got 1"],
    ['{"optimiserOptions":7}', "  optimiserOptions: expected an object, got 7"],
    ['{"optimiserOptions":{"betas":{}}}', "  optimiserOptions.betas: expected a tuple, got an object"],
    ['{"schedule":0}', "  schedule: expected constant, step, cosine, linear, piecewise, one-cycle, got 0"],
    ['{"epochs":"3"}', '  epochs: expected a number, got "3"'],
    ['{"epohcs":3}', 'unknown key "epohcs"; did you mean epochs?'],
    ['{"optimiserOptions":{"bettas":[0.9,0.99]}}', 'optimiserOptions: adam: unknown key "bettas"; did you mean betas?'],
    ['{"scheduleOptions":{"milestones":[3]}}', 'scheduleOptions: constant: unknown key "milestones"; none is known'],
    ['{"__proto__":{"epochs":1}}', 'unknown key "__proto__"'],
    ['{"optimiserOptions":{"__proto__":{"eps":1}}}', "__proto__"],
    ['{"options":{"__proto__":{"smoothing":1}}}', "__proto__"],
  ])("%s", async (text, message) => {
    await expect(settingsOf("train", {}, file(text))).rejects.toMatchObject({
      code: "CONFIG",
      message: expect.stringContaining(message),
    });
  });

  test("a teacher that is no path", async () => {
    await expect(settingsOf("distill", {}, file('{"teacher":[5]}'))).rejects.toMatchObject({
      code: "CONFIG",
      message: expect.stringContaining("teacher.0: expected a string, got 5"),
    });
  });
});

test("rates and decays by names of parameters become groups, and a factor is said as one", async () => {
  const { config } = await settingsOf(
    "train",
    given({
      "--learning-rate-for": [factorFor("*.bias=64x")],
      "--weight-decay-for": [numberFor("a=b*=1e-3"), numberFor("*=0")],
    }),
  );
  expect(config.parameterGroups).toEqual([
    { parameters: "*.bias", learningRateFactor: 64 },
    { parameters: "a=b*", weightDecay: 1e-3 },
    { parameters: "*", weightDecay: 0 },
  ]);
  const none = await settingsOf("train", {
    recipe: "airbench94",
    ...given({ "--learning-rate-for": ["none"], "--freeze": ["none"], "--no-drop-last": [false] }),
  });
  expect(none.config).toMatchObject({ parameterGroups: [], freeze: [], dropLast: false, lookahead: 5 });
  for (const text of ["*.bias=64", "*.bias=x", "=2x", "*.bias=-1x", "64x", ""])
    expect(() => factorFor(text), text).toThrow(/PATTERN=/);
});

describe("names of Object.prototype are unknown names, and nothing is set on it", () => {
  test.each(["__proto__", "constructor", "toString", "hasOwnProperty"])("%s", async (name) => {
    const refused = { code: "UNKNOWN_NAME", message: expect.stringContaining(`"${name}"`) };
    for (const key of ["dataset", "model", "method", "recipe", "optimiser", "schedule"])
      await expect(settingsOf("train", { [key]: name }), key).rejects.toMatchObject(refused);
    for (const flags of [{ "--augment": [[name]] }, { "--augment-option": [namedValue(`${name}.x=1`)] }])
      await expect(settingsOf("train", given(flags))).rejects.toMatchObject(refused);
    const wrong = { code: expect.stringMatching(/^(CONFIG|ARGUMENT|UNKNOWN_NAME)$/) };
    for (const flag of ["--optimiser-option", "--schedule-option"])
      await expect(settingsOf("train", given({ [flag]: [namedValue(`${name}=1`)] })), flag).rejects.toMatchObject(
        wrong,
      );
    for (const key of [name, `kd.${name}`, `${name}.x`]) {
      expect(() => objectiveNamed("kd", namedValue(`${key}=1`)), key).toThrow(expect.objectContaining(wrong));
      expect(() => objectiveNamed("kd+at", namedValue(`${key}=1`)), key).toThrow(expect.objectContaining(wrong));
      expect(() => objectiveNamed("kd+at", namedValue(`${key}={"temperature":9}`)), key).toThrow(
        expect.objectContaining(wrong),
      );
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as { x?: number }).x).toBeUndefined();
  });
});

test("an unknown option of a method comes with the nearest one", () => {
  expect(() => objectiveNamed("kd", { temprature: 4 })).toThrow(/"temprature"; did you mean temperature\?/);
  expect(() => objectiveNamed("kd+at", { "kd.temprature": 4 })).toThrow(/"temprature"; did you mean temperature\?/);
});

describe("a folder of data without the name of a data set", () => {
  test("is recognised by its files, and by those of the folder that the archive makes", async () => {
    const hundred = join(folder, "hundred/cifar-100-binary");
    const ten = join(folder, "ten");
    for (const dir of [hundred, ten]) mkdirSync(dir, { recursive: true });
    writeFileSync(join(hundred, "test.bin"), "");
    writeFileSync(join(ten, "test_batch.bin"), "");
    const dataset = async (dataDir: string): Promise<unknown> =>
      (await settingsOf("train", { dataDir })).config.dataset;
    expect(await dataset(ten)).toBe("cifar10");
    expect(await dataset(hundred)).toBe("cifar100");
    expect(await dataset(join(folder, "hundred"))).toBe("cifar100");
  });

  test("is an error where it is not there, holds neither or both; beside shapes it is one too", async () => {
    const empty = join(folder, "empty");
    const both = join(folder, "both");
    for (const dir of [empty, both]) mkdirSync(dir);
    for (const name of ["test.bin", "test_batch.bin"]) writeFileSync(join(both, name), "");
    const failure = (dataDir: string, more: object = {}): unknown =>
      settingsOf("train", { dataDir, ...more }).catch((error: unknown) => error);
    expect(await failure(join(folder, "nowhere"))).toMatchObject({
      code: "DATA_MISSING",
      message: expect.stringMatching(/nowhere does not exist/),
    });
    expect(await failure(empty)).toMatchObject({
      code: "DATA_MISSING",
      message: expect.stringMatching(
        /should hold test_batch\.bin of CIFAR-10 or test\.bin of CIFAR-100.*holds nothing/,
      ),
    });
    expect(await failure(both)).toMatchObject({
      code: "ARGUMENT",
      message: expect.stringMatching(/cifar10 and cifar100/),
    });
    expect(await failure(empty, { dataset: "shapes" })).toMatchObject({
      code: "CONFIG",
      message: expect.stringMatching(/dataDir: shapes is drawn and has no files/),
    });
  });
});

const settings = { method: "kd", preset: "cifar", options: { temperature: 4, kdWeight: 0.9 }, epochs: 3 };

test("single options go before a file's of the same method and preset", () => {
  expect(overridden(settings, { options: { temperature: 2 }, preset: "cifar" })).toEqual({
    ...settings,
    options: { temperature: 2, kdWeight: 0.9 },
  });
});

test("another preset or method leaves the file's options, and another method its preset", () => {
  const network = { model: "airbench94", modelOptions: { widths: [8, 8, 8] } };
  expect(overridden(network, { modelOptions: { scale: 1 } })["modelOptions"]).toEqual({ widths: [8, 8, 8], scale: 1 });
  expect(overridden(network, { model: "LightNN" })).toEqual({ model: "LightNN" });
  expect(overridden(settings, { preset: "imagenet" })).toEqual({ method: "kd", preset: "imagenet", epochs: 3 });
  expect(overridden(settings, { preset: "imagenet", options: { kdWeight: 1 } })).toEqual({
    method: "kd",
    preset: "imagenet",
    options: { kdWeight: 1 },
    epochs: 3,
  });
  expect(overridden(settings, { method: "dkd" })).toEqual({ method: "dkd", epochs: 3 });
  expect(overridden(settings, { method: "nkd", preset: "cifar" })).toEqual({
    method: "nkd",
    preset: "cifar",
    epochs: 3,
  });
  const { preset: _, ...plain } = settings;
  expect(overridden(plain, { preset: "cifar" })).toEqual({ method: "kd", preset: "cifar", epochs: 3 });
});

test("a setting that a file has twice is refused: which of the two is meant?", async () => {
  const folder = mkdtempSync(join(tmpdir(), "limbeck-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const config = join(folder, "settings.json");
  writeFileSync(config, '{"epochs": 4, "seed": 1, "epochs": 40}');
  await expect(readConfigFile(config, "train")).rejects.toMatchObject({
    code: "CONFIG",
    message: expect.stringContaining("a key is there twice"),
  });
});

test("a file of a teacher's labels is an object or a list, one of settings an object; anything else is refused with an example", async () => {
  const read = (text: string) => readJsonFile(file(text), "the teacher's classes", '{"tabby cat": "cat"}');
  expect(await read('{"tabby": "cat"}')).toEqual({ tabby: "cat" });
  expect(await read('["tabby"]')).toEqual(["tabby"]);
  for (const text of ["null", "3"]) {
    await expect(read(text)).rejects.toMatchObject({
      code: "CONFIG",
      message: expect.stringContaining('should hold the teacher\'s classes, such as {"tabby cat": "cat"}'),
    });
  }
  for (const text of ["null", "3", "[4]"]) {
    await expect(readConfigFile(file(text), "train")).rejects.toMatchObject({
      code: "CONFIG",
      message: expect.stringContaining('should hold settings, such as {"epochs": 4}'),
    });
  }
  await expect(read("{")).rejects.toMatchObject({ code: "CONFIG", message: expect.stringContaining("as JSON") });
});
