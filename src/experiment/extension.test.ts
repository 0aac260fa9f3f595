import { expect, test } from "vitest";
import { parseConfig, type ConfigInput } from "./config.ts";
import { checkExtension } from "./extension.ts";

test.each<[string, ConfigInput<"train">, RegExp]>([
  ["cosine", { schedule: "cosine" }, /schedule cosine spreads over all epochs/],
  ["linear", { schedule: "linear" }, /schedule linear/],
  ["one-cycle", { schedule: "one-cycle", optimiser: "sgd" }, /schedule one-cycle/],
  ["piecewise by shares", { schedule: "piecewise" }, /schedule piecewise/],
  ["lookahead", { lookahead: 2 }, /lookahead follows/],
  ["int8", { quantize: "int8" }, /int8/],
  ["a part of an epoch", { epochs: 1.5 }, /ends within an epoch \(1.5\)/],
  ["fewer", { epochs: 3 }, /would be fewer/],
])("refused: %s", (_, settings, message) => {
  const config = parseConfig("train", { epochs: 1, ...settings });
  expect(() => checkExtension("train", config, 2)).toThrow(message);
});

test("refused: the tutorial, whose runs share a random stream, and a chain of assistants", () => {
  expect(() => checkExtension("tutorial", parseConfig("tutorial", { epochs: 1 }), 2)).toThrow(/random stream/);
  const chain = parseConfig("distill", { teacher: ["a"], assistants: ["resnet8"], epochs: 1 });
  expect(() => checkExtension("distill", chain, 2)).toThrow(/assistant/);
});

test.each<[string, ConfigInput<"train">]>([
  ["constant", {}],
  ["step", { schedule: "step" }],
  ["piecewise by epochs", { schedule: "piecewise", scheduleOptions: { unit: "epochs", at: [0, 4], factors: [1, 0] } }],
  ["as many", { schedule: "cosine", epochs: 2 }],
])("allowed: %s", (_, settings) => {
  expect(() => checkExtension("train", parseConfig("train", { epochs: 1, ...settings }), 2)).not.toThrow();
});
