import { describe, expect, test } from "vitest";
import { countParameters, namedParameters, record } from "../nn/index.ts";
import { input, topologicalOrder } from "../tensor/index.ts";
import { isMadeOf } from "../distill/index.ts";
import { observe } from "../distill/observe.ts";
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
    expect(keeps(0.25)).toEqual(["DeepNN", "LightNN", "mobilenet_v2"].includes(name) ? [0.75] : []);
    expect(keeps(0)).toEqual([]);
  });

  test.each([1, 2.5, Number.NaN])("refuses %s classes", (classes) => {
    expect(() => createModel(name, { classes })).toThrow(/classes should be a whole number from 2/);
  });
});

describe.each(Object.keys(models))("the places of %s where methods look", (name) => {
  const { module, features, classes } = createModel(name);
  const { outputs, output } = record(module, input("x", [2, 3, 32, 32]), { training: false });
  const found = features!.map((place) => [outputs.get(place.output), outputs.get(place.preActivation)] as const);

  test("are there, different from each other, in order, each shaped as it is before its activation", () => {
    const order = topologicalOrder([output]);
    const positions = found.map(([result]) => order.indexOf(result!));
    expect(positions.every((position, i) => position > (positions[i - 1] ?? -1))).toBe(true);
    for (const [result, before] of found) expect(before?.shape).toEqual(result!.shape);
  });

  test("are maps that never grow, then the vector that the classifier's last layer takes", () => {
    const shapes = found.map(([result]) => result!.shape);
    expect(shapes.map(({ length }) => length)).toEqual([...Array(shapes.length - 1).fill(4), 2]);
    const heights = shapes.slice(0, -1).map(([, , height]) => height!);
    expect(heights).toEqual(heights.toSorted((a, b) => b - a));
    const weights = [...namedParameters(module).values()].map(({ tensor }) => tensor.shape);
    expect(weights.findLast(({ length }) => length === 2)).toEqual([classes, shapes.at(-1)![1]]);
  });
});

test.each(Object.keys(models))("no stage of %s is another one without any parameter in between", (name) => {
  const model = createModel(name);
  const stages = observe(model, input("x", [1, ...model.inputShape]), false).stages;
  for (const [i, later] of stages.entries())
    for (const earlier of stages.slice(0, i))
      expect(isMadeOf(later.output, earlier.output), `${later.paths.output} of ${earlier.paths.output}`).toBe(false);
  const pooled = model.features!.find((place) => place.pooled !== undefined);
  expect(pooled !== undefined).toBe(["DeepNN", "LightNN"].includes(name));
});

test("a pooled, flattened or rectified map is made of the map alone; one behind a convolution or a norm is not", () => {
  const { outputs } = record(createModel("DeepNN").module, input("x", [1, 3, 32, 32]), { training: false });
  const isMade = (path: string, of: string) => isMadeOf(outputs.get(path)!, outputs.get(of)!);
  expect([isMade("features.9", "features.8"), isMade("flatten", "features.7")]).toEqual([true, true]);
  expect([isMade("features.5", "features.4"), isMade("features.8", "features.9")]).toEqual([false, false]);
});

test("an unknown model comes with the nearest known one", () => {
  expect(() => createModel("LihgtNN")).toThrow(
    'unknown model "LihgtNN"; did you mean LightNN? Known: DeepNN, LightNN, resnet8',
  );
  expect(() => createModel("toString")).toThrow(/^unknown model "toString"\. Known: DeepNN, LightNN, resnet8, /);
});
