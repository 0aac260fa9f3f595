import { expect, test } from "vitest";
import { countParameters, namedStates, record } from "../nn/index.ts";
import { input, topologicalOrder } from "../tensor/index.ts";
import { createModel } from "./index.ts";

test("options make another network, and are recorded as they were given", () => {
  const options = { widths: [8, 12, 16], activation: "relu", scale: 0.5 };
  const model = createModel("airbench94", { options });
  expect(namedStates(model.module).get("3.conv1.weight")!.shape).toEqual([12, 8, 3, 3]);
  expect(model.architecture).toMatchObject({ name: "airbench94", options });
  expect(countParameters(model.recreate!({ classes: 3 }).module)).toBe(countParameters(model.module) - 7 * 16);
  expect(createModel("airbench94", { options: {} }).architecture).toEqual(createModel("airbench94").architecture);
});

test.each<[string, Record<string, unknown>, Record<string, readonly number[]>]>([
  [
    "DeepNN",
    { widths: [8, 7, 6, 5], hidden: 9 },
    { "features.7.weight": [5, 6, 3, 3], "classifier.0.weight": [9, 320] },
  ],
  ["LightNN", { widths: [4, 6], hidden: 32 }, { "features.3.weight": [6, 4, 3, 3], "classifier.3.weight": [10, 32] }],
  [
    "resnet8",
    { widths: [4, 6, 8, 10], blocks: [2, 1, 1] },
    { "layer1.1.conv2.weight": [6, 6, 3, 3], "fc.weight": [10, 10] },
  ],
  [
    "wrn_16_1",
    { widths: [4, 6, 8], blocks: [1, 1, 3] },
    { "block3.layer.2.conv2.weight": [8, 8, 3, 3], "fc.weight": [10, 8] },
  ],
  [
    "vgg8",
    { widths: [4, 5, 6, 7, 8], blocks: [1, 2, 1, 1, 1] },
    { "block1.3.weight": [5, 5, 3, 3], "classifier.weight": [10, 8] },
  ],
])("%s with %j is as wide and as deep as that, and its places are there", (name, options, expected) => {
  for (const activation of ["relu", "gelu", "leaky-relu"]) {
    const { module, features, inputShape } = createModel(name, { options: { ...options, activation } });
    const states = namedStates(module);
    for (const [path, shape] of Object.entries(expected)) expect(states.get(path)?.shape, path).toEqual(shape);
    const { outputs, output } = record(module, input("x", [2, ...inputShape]), { training: true });
    for (const place of features!)
      expect(outputs.get(place.preActivation)!.shape).toEqual(outputs.get(place.output)!.shape);
    const used = new Set(topologicalOrder([output]).map(({ op }) => op.name));
    expect(used.has("gelu")).toBe(activation === "gelu");
    expect(used.has("relu")).toBe(activation !== "gelu");
  }
});

test("a head of largest numbers takes no means", () => {
  for (const name of ["resnet8", "wrn_16_1", "vgg8"]) {
    const used = (head: string) => {
      const { module } = createModel(name, { options: { head } });
      const { output } = record(module, input("x", [2, 3, 32, 32]), { training: false });
      return topologicalOrder([output]).map(({ op }) => op.name);
    };
    expect([used("mean").includes("avgPool2d"), used("max").includes("avgPool2d")]).toEqual([true, false]);
    expect(used("max")).toContain("maxPool2d");
  }
});

test.each<[string, unknown, string]>([
  [
    "airbench94",
    { width: [1, 2, 3] },
    'unknown option "width"; did you mean widths? Known: widths, activation, head, scale',
  ],
  ["airbench94", { widths: [1, 2] }, "option widths should be 3 whole numbers from 1 to 65535, got [1, 2]"],
  ["airbench94", { widths: "64,256" }, 'option widths should be 3 whole numbers from 1 to 65535, got "64,256"'],
  ["airbench94", { widths: [1, 2, 0.5] }, "option widths should be 3 whole numbers from 1 to 65535, got [1, 2, 0.5]"],
  ["airbench94", { activation: "toString" }, 'option activation should be relu, gelu, or leaky-relu, got "toString"'],
  ["airbench94", { scale: 0 }, "option scale should be a number above 0, got 0"],
  ["MobileNetV2", { widths: [1] }, 'unknown option "widths". Known: none'],
  ["airbench94", { constructor: 1 }, 'unknown option "constructor". Known: widths, activation, head, scale'],
])("%s refuses %j", (name, options, message) => {
  expect(() => createModel(name, { options: options as Record<string, unknown> })).toThrow(
    expect.objectContaining({ code: "ARGUMENT", message: `${name}: ${message}` }),
  );
});
