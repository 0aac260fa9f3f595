import { describe, expect, test } from "vitest";
import { countParameters, namedParameters, record } from "../nn/index.ts";
import { input } from "../tensor/index.ts";
import { createModel, models } from "./index.ts";

describe.each([
  ["DeepNN", 1_186_986, ["features.0", "features.2", "features.5", "features.7", "classifier.0", "classifier.3"]],
  ["LightNN", 267_738, ["features.0", "features.3", "classifier.0", "classifier.3"]],
])("%s", (name, parameters, layers) => {
  test("has the tutorial's number of parameters", () => {
    expect(countParameters(createModel(name).module)).toBe(parameters);
  });

  test("names them as PyTorch's state dict does", () => {
    const paths = [...namedParameters(createModel(name).module).keys()];
    expect(paths).toEqual(layers.flatMap((layer) => [`${layer}.weight`, `${layer}.bias`]));
  });
});

test("the features that the distillations compare have the tutorial's shapes", () => {
  const shapes = (name: string) => {
    const { outputs } = record(createModel(name).module, input("x", [2, 3, 32, 32]), { training: false });
    return ["features", "flatten", ""].map((path) => outputs.get(path)!.shape);
  };
  expect(shapes("DeepNN")).toEqual([
    [2, 32, 8, 8],
    [2, 2048],
    [2, 10],
  ]);
  expect(shapes("LightNN")).toEqual([
    [2, 16, 8, 8],
    [2, 1024],
    [2, 10],
  ]);
});

describe.each(Object.keys(models))("every model takes the same options: %s", (name) => {
  test("says its name, its input and its classes, and keeps to them", () => {
    const { module, inputShape, classes, name: itself } = createModel(name, { classes: 7 });
    expect([itself, classes]).toEqual([name, 7]);
    expect(record(module, input("x", [1, ...inputShape]), { training: false }).output.shape).toEqual([1, 7]);
  });

  test("drops out as often as it is told, if it drops out at all", () => {
    const keeps = (dropout: number) =>
      record(createModel(name, { dropout }).module, input("x", [2, 3, 32, 32]), { training: true }).masks.map(
        ({ keep }) => keep,
      );
    expect(keeps(0.25)).toEqual(["DeepNN", "LightNN"].includes(name) ? [0.75] : []);
    expect(keeps(0)).toEqual([]);
  });

  test.each([1, 2.5, Number.NaN])("refuses %s classes", (classes) => {
    expect(() => createModel(name, { classes })).toThrow(/classes should be a whole number from 2/);
  });
});

test("an unknown model comes with the nearest known one", () => {
  expect(() => createModel("LihgtNN")).toThrow(
    'unknown model "LihgtNN"; did you mean LightNN? Known: DeepNN, LightNN, resnet8',
  );
  expect(() => createModel("toString")).toThrow(/^unknown model "toString"\. Known: DeepNN, LightNN, resnet8, /);
});
