/** @file Groups of parameters: PyTorch's, and which pattern takes what. */
import { describe, expect, test } from "vitest";
import { referenceEngine } from "../engine/reference/index.ts";
import { input, state } from "../tensor/index.ts";
import { clipped, createScheduled, fits, scalarsAt, schedule, type Groups } from "./index.ts";
import golden from "./groups.golden.json" with { type: "json" };

const linear = schedule("linear", golden.learningRate, { steps: golden.steps, stepsPerEpoch: 1 });
const parameters = () =>
  new Map(Object.entries(golden.shapes).map(([name, shape]) => [name, { tensor: state(name, shape) }]));
type Values = Readonly<Record<string, readonly number[]>>;

describe.each(golden.cases.map((torch, i) => ({ ...torch, case: i + 1 })))("$optimiser, case $case", (torch) => {
  test("is PyTorch's with parameter groups, at every step", async () => {
    const engine = referenceEngine({ precision: "float64" });
    const options = { ...torch.options, weightDecay: golden.weightDecay };
    const optimiser = createScheduled(torch.optimiser, options, linear, torch.groups as Groups);
    const trained = parameters();
    const attached = optimiser.attach(trained);
    const gradients = [...trained].map(([name, { tensor }]) => input(`d ${name}`, tensor.shape));
    const program = await engine.compile({ outputs: {}, updates: attached.updates(gradients) });
    for (const [name, values] of Object.entries(golden.initial))
      await engine.write(trained.get(name)!.tensor, Float32Array.from(values));
    for (const [i, step] of golden.gradients.entries()) {
      const inputs = Object.entries(step).map(([name, values]) => [`d ${name}`, Float32Array.from(values)]);
      await program.run({ ...Object.fromEntries(inputs), ...scalarsAt(attached, i + 1) });
      for (const [name, values] of Object.entries(torch.after[i]! as Values)) {
        const found = await engine.read(trained.get(name)!.tensor);
        const isNear = (x: number, k: number): boolean => Math.abs(x - values[k]!) <= 3e-7 * Math.max(1, Math.abs(x));
        expect(found.every(isNear), `step ${i + 1} ${name}`).toBe(true);
      }
    }
  });
});

test("parameters of one group share their scalars, and slots keep their names", () => {
  const optimiser = createScheduled("sgd", { momentum: 0.9 }, linear, {
    groups: [{ parameters: "*.bias", learningRateFactor: 64 }],
  });
  const attached = optimiser.attach(parameters());
  expect(scalarsAt(attached, 3)).toEqual({
    "sgd 1 learning rate": Float32Array.of(0.025),
    "sgd 2 learning rate": Float32Array.of(1.6),
  });
  expect([...attached.slots.keys()].toSorted()).toEqual(
    Object.keys(golden.shapes)
      .map((name) => `${name}/momentum_buffer`)
      .toSorted(),
  );
});

test("DOT's momenta, clipping and the constant rate of a pre-training go with groups", () => {
  const grouped = createScheduled("sgd", { momentum: 0.9, momentumGap: 0.05 }, linear, {
    groups: [{ parameters: "head.*", learningRateFactor: 2 }],
  });
  const attached = clipped(grouped, 1).attach(parameters());
  expect(attached.needsPerLossGradients).toBe(true);
  const gradients = [...parameters()].map(([name, { tensor }]) => input(`d ${name}`, tensor.shape));
  const updates = attached.updates(gradients, { task: gradients, distillation: gradients.map(() => null) });
  expect(updates.map(({ state: { attributes } }) => (attributes as { name: string }).name)).toContain("head.bias");
  // Of a pre-training's parameters, those of the groups may not be any.
  const constant = grouped.withConstantRate(4).attach(new Map([["connector.weight", { tensor: state("c", [2, 2]) }]]));
  expect(scalarsAt(constant, 4)["sgd learning rate"]).toEqual(Float32Array.of(0.05));
});

test("a pattern that no parameter fits is refused, with the nearest name and those there are", () => {
  const optimiser = createScheduled("adam", {}, linear, { groups: [{ parameters: "head.wieght", weightDecay: 0 }] });
  expect(() => optimiser.attach(parameters())).toThrow(
    expect.objectContaining({
      code: "ARGUMENT",
      message: expect.stringMatching(
        /no parameter that is trained fits "head.wieght"; did you mean head.weight\?.*conv/,
      ),
    }),
  );
});

test.each([-1, Number.NaN, Infinity, 1e7])(
  "a factor or a decay of %d is refused, before there are parameters",
  (odd) => {
    for (const own of [{ learningRateFactor: odd }, { weightDecay: odd }])
      expect(() => createScheduled("adamw", {}, linear, { groups: [{ parameters: "*", ...own }] })).toThrow(
        expect.objectContaining({ code: "ARGUMENT" }),
      );
  },
);

test.each([
  ["*.bias", "norm.bias", true],
  ["*.bias", "bias", false],
  ["norm*", "norm1.weight", true],
  ["*norm*.bias", "layer1.norm2.bias", true],
  ["a*a", "a", false],
  ["*", "anything", true],
  ["a.b", "axb", false],
  ["*ab*b", "aab", false],
])("pattern %s and name %s: %s", (pattern, name, wanted) => {
  expect(fits(pattern, name)).toBe(wanted);
});
