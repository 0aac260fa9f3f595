/** @file Networks of every family in whole numbers: the same bits by both modules, those of the interpreter, and about what the network says. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { splitOf } from "../../src/data/dataset.ts";
import type { Engine } from "../../src/engine/contract.ts";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { createModel } from "../../src/models/index.ts";
import { record } from "../../src/nn/index.ts";
import { calibrate } from "../../src/ship/calibrate.ts";
import { quantise } from "../../src/ship/quantise.ts";
import { moduleOf } from "../../src/engine/int8/module.ts";
import { input } from "../../src/tensor/index.ts";
import { drawn, uniform } from "../inference/drawn.ts";
import { tried } from "../models/tried.ts";
import { interpret } from "./interpreter.ts";
import { open, ways } from "./run-module.ts";

const classes = Array.from({ length: 10 }, (_, i) => `class ${i}`);
const [mean, std] = [
  [0.5, 0.5, 0.5],
  [0.3, 0.3, 0.3],
];

let engine: Engine;
beforeAll(async () => {
  engine = await wasmEngine({ threads: 1 });
});
afterAll(() => engine.close());

/** The root mean square of the difference, of that of the numbers. */
function distance(got: Float32Array, expected: Float32Array): number {
  const size = (values: Float32Array): number => Math.hypot(...values);
  return size(got.map((value, i) => value - expected[i]!)) / size(expected);
}

/** Most are within 0.05; random weights of narrow and depthwise layers make much of little differences. */
const coarse: Readonly<Record<string, number>> = {
  MobileNetV2: 0.4,
  mobilenet_v2: 0.4,
  ShuffleV1: 0.2,
  ShuffleV2: 0.4,
};

/** One of each kind; the interpreter takes long for the others, which are made of the same. */
const interpreted = new Set(["LightNN", "resnet8", "wrn_16_1", "MobileNetV2", "ShuffleV1", "ShuffleV2"]);

describe("networks of every family in whole numbers", () => {
  test.each(tried)("%s", { timeout: 120_000 }, async (name) => {
    // The tutorial's networks are made for 32x32; the others take small images, to be quick.
    const side = name.endsWith("NN") ? 32 : 16;
    const shape = [3, side, side] as const;
    // Whole numbers have no GELU.
    const own = name.startsWith("airbench") && { options: { activation: "relu" } };
    const network = drawn(createModel(name, { inputShape: shape, ...own }));
    const split = splitOf({ pixels: Uint8Array.from(uniform(1, 6 * side * side, 0, 256)), labels: new Uint8Array(2) });
    const dataset = { name: "noise", shape, classes, mean, std, train: split, test: split };
    const image = Float32Array.from(split.image(0), (value) => (value / 255 - mean[0]!) / std[0]!);
    const quantised = quantise(network, await calibrate(network, { engine, dataset }), { top: 127 });
    const [plain, ...relaxed] = await Promise.all(
      ways.map(async (way) => (await open(moduleOf(quantised, [way]), shape)).logits(image)),
    );
    for (const logits of relaxed) expect(logits).toEqual(plain);
    for (const [tensor, numbers] of network.values) await engine.write(tensor, numbers);
    const { output } = record(network.model.module, input("images", [1, ...shape]), { training: false });
    const program = await engine.compile({ outputs: { output }, updates: [] });
    const { output: expected } = await program.run({ images: image });
    program.close();
    await engine.free(network.values.keys());
    expect(distance(plain!, expected!)).toBeLessThan(coarse[name] ?? 0.1);
    if (interpreted.has(name)) expect(plain).toEqual(interpret(quantised, image));
  });
});
