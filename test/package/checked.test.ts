/** @file Published functions check the types of their arguments, and say which part is wrong; see also `npm run reliability -- calls`. */
import { expect, test } from "vitest";
import { objective } from "../../src/entries/methods.ts";
import * as limbeck from "../../src/entries/index.ts";
import * as nn from "../../src/entries/nn.ts";
import * as tensor from "../../src/entries/tensor.ts";
import * as training from "../../src/entries/training.ts";
import { matmul } from "../../src/tensor/index.ts";

const wrong = <Value>(value: unknown) => value as Value;
const refusal = (message: string) => expect.objectContaining({ code: "ARGUMENT", message });

test("an argument of another type is refused in the name of the function", () => {
  expect(() => tensor.matmul(wrong(null), tensor.constant(1))).toThrow(
    refusal("matmul: a should be a tensor, got null"),
  );
  expect(() => nn.batchNorm2d(3, { scale: wrong(1) })).toThrow(
    refusal("batchNorm2d: options.scale should be true or false, got 1"),
  );
  const labels = wrong<Uint16Array>([0, 256]);
  expect(() => limbeck.splitOf({ pixels: new Uint8Array(24), labels })).toThrow(
    refusal("splitOf: images.labels should be a Uint8Array or a Uint16Array of classes, got a list of 2"),
  );
});

test("what a function is given in objects and lists is checked as far as it is used", () => {
  const split = limbeck.splitOf({ pixels: new Uint8Array(3), labels: new Uint8Array(1) });
  const source = { split, shape: [3, 1, 1] as const, table: new Float32Array(768) };
  const gather = (augment: object, turns: unknown) =>
    training.gatherViews(
      source,
      [0],
      { from: 0, to: 1 },
      wrong({ seed: 1, ...augment }),
      1,
      new Float32Array(3),
      wrong(turns),
    );
  expect(() => gather({}, [10n])).toThrow(refusal("gatherViews: turns 0 should be a whole number, got 10"));
  expect(() => gather({ crop: { padding: 1n } }, [0])).toThrow(
    refusal("gatherViews: augment.crop.padding should be a number, got 1"),
  );
  const { kd } = limbeck.methods;
  const option = { ...kd.options.temperature, default: () => 4 };
  expect(() => objective(wrong<typeof kd>({ ...kd, options: { temperature: option } }))).toThrow(
    refusal(
      "objective: method.options should be options by name, as option.weight and its kin make them, got an object, Object",
    ),
  );
  expect(() => objective({ ...kd, weights: () => wrong(undefined) })).toThrow(
    refusal("method kd: weights should be a function that gives weights by name, got undefined"),
  );
});

test("of a network, the innermost part that is wrong is named", () => {
  const broken = {
    children: { fc: { children: { bias: wrong<nn.Module>(undefined) }, forward: (x: tensor.Tensor) => x } },
  };
  expect(() => nn.countParameters({ ...broken, forward: (x) => x })).toThrow(
    expect.objectContaining({
      message: expect.stringMatching(/^countParameters: module\.children\.fc\.children\.bias should be a module/),
    }),
  );
});

test("what gives a promise rejects, and what works in steps at its first step", async () => {
  const evaluated = limbeck.evaluate(wrong({}));
  await expect(evaluated).rejects.toThrow(/evaluate: options\.engine should be an engine/);
  const steps = training.train(wrong({}));
  await expect(steps.next()).rejects.toThrow(/train: options\.engine should be an engine/);
});

test("inside, types hold, and nothing is checked twice", () => {
  expect(tensor.matmul).not.toBe(matmul);
  expect(() => matmul(wrong(null), tensor.constant(1))).toThrow(TypeError);
});
