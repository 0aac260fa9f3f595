import { expect, test } from "vitest";
import { countParameters, namedStates } from "../nn/index.ts";
import { createModel } from "./index.ts";

test("options make another network, and are recorded as they were given", () => {
  const options = { widths: [8, 12, 16], activation: "relu", scale: 0.5 };
  const model = createModel("airbench94", { options });
  expect(namedStates(model.module).get("3.conv1.weight")!.shape).toEqual([12, 8, 3, 3]);
  expect(model.architecture).toMatchObject({ name: "airbench94", options });
  expect(countParameters(model.recreate!({ classes: 3 }).module)).toBe(countParameters(model.module) - 7 * 16);
  expect(createModel("airbench94", { options: {} }).architecture).toEqual(createModel("airbench94").architecture);
});

test.each<[string, unknown, string]>([
  ["airbench94", { width: [1, 2, 3] }, 'unknown option "width"; did you mean widths? Known: widths, activation, scale'],
  ["airbench94", { widths: [1, 2] }, "option widths should be 3 whole numbers from 1 to 65535, got [1, 2]"],
  ["airbench94", { widths: "64,256" }, 'option widths should be 3 whole numbers from 1 to 65535, got "64,256"'],
  ["airbench94", { widths: [1, 2, 0.5] }, "option widths should be 3 whole numbers from 1 to 65535, got [1, 2, 0.5]"],
  ["airbench94", { activation: "toString" }, 'option activation should be relu, gelu, or leaky-relu, got "toString"'],
  ["airbench94", { scale: 0 }, "option scale should be a number above 0, got 0"],
  ["MobileNetV2", { widths: [1] }, 'unknown option "widths". Known: none'],
  ["airbench94", { constructor: 1 }, 'unknown option "constructor". Known: widths, activation, scale'],
])("%s refuses %j", (name, options, message) => {
  expect(() => createModel(name, { options: options as Record<string, unknown> })).toThrow(
    expect.objectContaining({ code: "ARGUMENT", message: `${name}: ${message}` }),
  );
});
