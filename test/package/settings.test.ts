/** @file A setting is one row: its check, its help, the printed command, the JSON Schema and the page of settings come from it. */
import { readFileSync } from "node:fs";
import { Command } from "commander";
import { expect, test } from "vitest";
import * as z from "zod/mini";
import { addSettings, parsedOptions } from "../../src/cli/options.ts";
import { commandSettings, parseConfig } from "../../src/experiment/config.ts";
import { parseWith } from "../../src/parse-with.ts";
import { flagName, jsonSchemaOf, shapeOf, wordsFor, type Settings } from "../../src/experiment/settings/setting.ts";
import { whole } from "../../src/experiment/settings/values.ts";
import { page, rewritten } from "./settings-page.ts";

const columns = { helpWidth: 1000 };

/** What a command with these rows makes of a command line. */
function given(rows: Settings, words: readonly string[]) {
  const command = addSettings(new Command("test"), rows)
    .exitOverride()
    .configureOutput({ writeErr() {} });
  command.parse([...words], { from: "user" });
  return parsedOptions(command, rows).settings;
}

test("a row more is in the check, the help, the printed command, the JSON Schema and the page", () => {
  const rows: Settings = {
    ...commandSettings.train,
    patience: {
      schema: z._default(z.int().check(z.positive()), 7),
      group: "Training",
      help: "epochs without a better one after which a training ends",
      flags: [{ usage: "--patience <n>", parse: whole(1) }],
    },
  };
  const schema = z.strictObject(shapeOf(rows));
  expect(parseWith(schema, {}, "CONFIG", "settings")).toMatchObject({ patience: 7 });
  expect(() => parseWith(schema, { patience: "often" }, "CONFIG", "settings")).toThrow(/patience: expected a number/);
  const help = addSettings(new Command("test"), rows).configureOutput({ getOutHelpWidth: () => columns.helpWidth });
  expect(help.helpInformation()).toMatch(/--patience <n> +epochs without a better one .*\(default: 7\)/);
  expect(given(rows, ["--patience", "3"])).toEqual({ patience: 3 });
  expect(() => given(rows, ["--patience", "0"])).toThrow(/'--patience <n>'.*whole number from 1/);
  expect(wordsFor("patience", rows["patience"], 3)).toEqual(["--patience", "3"]);
  expect(jsonSchemaOf(rows)).toMatchObject({
    properties: { patience: { type: "integer", default: 7, description: expect.stringContaining("a better one") } },
    additionalProperties: false,
  });
  expect(rewritten(readFileSync(page, "utf8"), rows)).toContain("| `patience` | `--patience <n>` | epochs without");
});

test("docs/settings.md is that of the rows; `npm run settings` writes it again", () => {
  const text = readFileSync(page, "utf8");
  // The formatter aligns the columns.
  const plain = (table: string): string => table.replaceAll(/ +\|/g, " |").replaceAll(/-{3,}/g, "---");
  expect(plain(rewritten(text))).toBe(plain(text));
});

/** One configuration that sets everything, and the words that give it. */
const everything = {
  tutorial: { teacher: "deep.safetensors" },
  train: { model: "resnet8", modelOptions: { head: "x" }, method: "ls", options: { smoothing: 0.2 } },
  distill: {
    teacher: ["a.safetensors", "b.safetensors"],
    teacherModel: ["DeepNN", "resnet20"],
    teacherModelOptions: { widths: [8, 8, 8] },
    teacherWeight: [2, 1],
    teacherOptions: { resize: 256, mean: "0.5,0.4,0.3", layout: "NHWC" },
    teacherLogits: "logits.safetensors",
    assistants: ["resnet14", "./net.ts"],
    studentOptions: { widths: [4, 4, 4], activation: "relu" },
    method: "kd+at",
    options: { temperature: 4, name: "4", pairs: [{ teacher: "layer2", student: "features.4" }] },
    preset: "cifar",
    baseline: false,
    seeds: [1, 2, 5],
  },
} as const;
const shared = {
  dataDir: "my photos",
  limit: 500,
  engine: "wasm",
  latency: false,
  size: 32,
  channels: 1,
  test: "10%",
  skipBroken: true,
  exif: false,
  unlabelled: true,
  mean: [0.5, 0.25],
  std: [0.5],
  recipe: "benchmark",
  epochs: 9.9,
  batchSize: 64,
  balance: "weights",
  dropLast: false,
  accumulate: 2,
  seed: 7,
  dropout: 0.2,
  optimiser: "sgd",
  learningRate: 1e-3,
  optimiserOptions: { momentum: 0.9, nesterov: true, betas: [0.9, 0.99] },
  parameterGroups: [
    { parameters: "*.bias", learningRateFactor: 64 },
    { parameters: "head", weightDecay: 0 },
  ],
  decayOn: "weights",
  freeze: [{ parameters: "conv1.*", afterEpochs: 3 }],
  schedule: "step",
  scheduleOptions: { milestones: [3, 4], gamma: 0.1 },
  warmUp: 1,
  labelSmoothing: 0.1,
  clip: 5,
  lookahead: 5,
  ema: 0.99,
  quantize: "int8",
  quantizeEpochs: 2,
  quantizeFor: "onnx",
  augment: { crop: { padding: 2, border: "black" }, flip: {} },
  validation: "10%",
  keep: "best",
  tested: false,
  trainAccuracy: true,
  tta: "flip",
  teacherViews: "mean",
  teacherMemory: 10,
  force: true,
  weights: "start.safetensors",
  extendable: true,
  tensorboard: true,
};

test.each(["train", "distill"] as const)(
  "%s: what a printed command says is what was set, for every setting",
  (name) => {
    const rows: Settings = commandSettings[name];
    const settings: Readonly<Record<string, unknown>> = { ...shared, ...everything[name] };
    const words = Object.entries(settings).flatMap(([key, value]) => wordsFor(key, rows[key], value));
    expect(given(rows, words)).toEqual(settings);
    // The others: threads change no result, a data set is the argument, modules and the file of labels are paths.
    const left = Object.keys(rows).filter((key) => !Object.hasOwn(settings, key) && rows[key]!.flags.length > 0);
    expect(left.filter((key) => !["threads", "student", "teacherLabels", "preset"].includes(key))).toEqual([]);
  },
);

test("empty lists and whatever the recipe has are said too", () => {
  const rows = commandSettings.train;
  const settings = { parameterGroups: [], freeze: [], augment: {}, dropLast: true };
  const words = Object.entries(settings).flatMap(([key, value]) =>
    wordsFor(key, rows[key as keyof typeof rows], value),
  );
  expect(words).toEqual(["--learning-rate-for", "none", "--freeze", "none", "--augment", "none", "--drop-last"]);
  expect(given(rows, words)).toEqual(settings);
  expect(parseConfig("train", given(rows, words))).toMatchObject({ dropLast: true, freeze: [], parameterGroups: [] });
});

test("no two settings of a command share a flag, and every flag is read", () => {
  for (const [name, rows] of Object.entries<Settings>(commandSettings)) {
    const flags = Object.values(rows).flatMap((setting) => setting.flags.map(flagName));
    expect(new Set(flags).size, name).toBe(flags.length);
  }
});
