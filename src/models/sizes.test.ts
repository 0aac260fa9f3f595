/** @file Networks for images of other sizes and channels, and for other numbers of classes. */
import { describe, expect, test } from "vitest";
import { wasmEngine } from "../engine/wasm/index.ts";
import { countParameters, initialise, record } from "../nn/index.ts";
import { torchRandom } from "../random/index.ts";
import { input } from "../tensor/index.ts";
import { createModel, models, type ImageShape } from "./index.ts";

/** Side of a network's least images: DeepNN and LightNN halve twice, vgg three times before its last blocks, airbench three times after 2x2 patches. */
const leastSides = {
  DeepNN: 4,
  LightNN: 4,
  vgg8: 8,
  vgg11: 8,
  vgg13: 8,
  vgg16: 8,
  vgg19: 8,
  airbench94: 9,
  airbench93: 9,
  airbench_small: 9,
};
const leastSide = (name: string): number => (leastSides as Record<string, number>)[name] ?? 1;

const sides = [
  [32, 32],
  [40, 40],
  [64, 64],
  [48, 36],
] as const;

describe.each(Object.keys(models))("%s", (name) => {
  const least = leastSide(name);

  test.each<readonly [number, number]>([...sides, [least, least], [least, 33]])(
    "takes images of %ix%i",
    (height, width) => {
      for (const channels of [1, 3]) {
        for (const classes of [7, 1000]) {
          const inputShape = [channels, height, width] as const;
          const { module, features, ...model } = createModel(name, { classes, inputShape });
          expect([model.inputShape, model.classes]).toEqual([inputShape, classes]);
          const { outputs, output } = record(module, input("x", [2, ...inputShape]), { training: false });
          expect(output.shape).toEqual([2, classes]);
          const shapes = features!.map((place) => outputs.get(place.output)!.shape);
          // Maps that never grow, whose channels do not depend on the size of the image, then a vector.
          const usual = record(
            createModel(name, { inputShape: [channels, 32, 32] }).module,
            input("x", [2, channels, 32, 32]),
            { training: false },
          ).outputs;
          expect(shapes.map(([, width]) => width)).toEqual(features!.map((place) => usual.get(place.output)!.shape[1]));
          for (const axis of [2, 3]) {
            const lengths = [inputShape[axis - 1]!, ...shapes.slice(0, -1).map((shape) => shape[axis]!)];
            expect(lengths).toEqual(lengths.toSorted((a, b) => b - a));
          }
          expect(shapes.at(-1)).toHaveLength(2);
        }
      }
    },
  );

  test("has the same weights for every size of images", () => {
    const parameters = ([height, width]: readonly [number, number]) =>
      countParameters(createModel(name, { inputShape: [3, height, width] }).module);
    expect(new Set([...sides, [least, least] as const].map(parameters)).size).toBe(1);
  });

  test("is made again with the same images and classes", () => {
    const model = createModel(name, { classes: 7, inputShape: [1, 40, 48] });
    const { classes, inputShape, architecture } = model.recreate!();
    expect({ classes, inputShape }).toEqual({ classes: 7, inputShape: [1, 40, 48] });
    expect(architecture).toEqual({ kind: "model", name, classes: 7, inputShape: [1, 40, 48] });
  });

  test("refuses smaller images than it can halve, and says the least", () => {
    if (least === 1) return;
    expect(() => createModel(name, { inputShape: [3, 32, least - 1] })).toThrow(
      expect.objectContaining({
        code: "ARGUMENT",
        message: `${name}: images should be at least ${least}x${least}, because its pools halve them, got 32x${least - 1}`,
      }),
    );
    const { create } = models[name as keyof typeof models];
    const { module } = create({ classes: 7, inputShape: [3, 32, least - 1], dropout: 0 });
    expect(() => record(module, input("x", [1, 3, 32, least - 1]), { training: false })).toThrow(/SHAPE|should be/);
  });
});

test.each<[string, unknown, string]>([
  ["no list", 32, "32"],
  ["two sizes", [32, 32], "[32, 32]"],
  ["no channel", [0, 32, 32], "[0, 32, 32]"],
  ["half a pixel", [3, 32.5, 32], "[3, 32.5, 32]"],
  ["more pixels than any image has", [3, 65_536, 32], "[3, 65536, 32]"],
  ["text", [3, "32", 32], '[3, "32", 32]'],
])("an image shape that is %s is refused", (_, inputShape, got) => {
  expect(() => createModel("resnet8", { inputShape: inputShape as ImageShape })).toThrow(
    expect.objectContaining({
      code: "ARGUMENT",
      message: `resnet8: inputShape should be [channels, height, width], whole numbers from 1 to 65535, got ${got}`,
    }),
  );
});

test.each([1, 2.5, 65_536, "7"])("%s classes are refused", (classes) => {
  expect(() => createModel("resnet8", { classes: classes as number })).toThrow(
    expect.objectContaining({ code: "ARGUMENT", message: expect.stringMatching(/classes should be .* 2 to 65535/) }),
  );
});

test("a dropout that is no probability is refused by networks without dropout too", () => {
  expect(() => createModel("resnet8", { dropout: 1 })).toThrow(
    expect.objectContaining({ code: "ARGUMENT", message: expect.stringMatching(/less than 1, got 1$/) }),
  );
});

test.each<[string, ImageShape, number]>([
  ["DeepNN", [1, 40, 48], 7],
  ["LightNN", [4, 4, 4], 2],
  ["resnet8", [1, 1, 1], 65_535],
  ["vgg8", [3, 8, 64], 7],
  ["MobileNetV2", [1, 40, 20], 1000],
  ["ShuffleV1", [2, 9, 33], 7],
  ["ShuffleV2", [1, 64, 64], 7],
  ["wrn_16_1", [3, 21, 40], 7],
  ["airbench_small", [1, 9, 40], 7],
])("%s runs on images %j with %i classes", async (name, inputShape, classes) => {
  const engine = await wasmEngine({ threads: 2 });
  const { module } = createModel(name, { classes, inputShape });
  const random = torchRandom(1);
  for (const [tensor, values] of initialise(module, random)) await engine.write(tensor, values);
  const x = input("x", [2, ...inputShape]);
  const program = await engine.compile({ outputs: { y: record(module, x, { training: false }).output }, updates: [] });
  const { y } = await program.run({ x: random.normal(x.size, 0, 1) });
  await engine.close();
  expect(y).toHaveLength(2 * classes);
  expect(y!.every(Number.isFinite)).toBe(true);
  expect(new Set(y).size).toBeGreaterThan(classes / 2);
});
