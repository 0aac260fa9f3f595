import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import type { Precision } from "../engine/reference/index.ts";
import { referenceEngine } from "../engine/reference/index.ts";
import { input, state, type Graph, type Tensor } from "../tensor/index.ts";
import {
  adam,
  clipped,
  createOptimiser,
  createScheduled,
  optimisers,
  scalarsAt,
  schedule,
  sgd,
  type Optimiser,
} from "./index.ts";
import golden from "./optim.golden.json" with { type: "json" };

type Values = Readonly<Record<string, readonly number[]>>;

const shapes = { weight: [2, 3], bias: [2] };

describe.each(golden.cases.map((torch, i) => ({ ...torch, case: i + 1 })))("$optimiser, case $case", (torch) => {
  const { halving, clip, ...options } = torch.options as { halving?: boolean; clip?: number; learningRate?: number };
  const schedule = halving && { learningRate: (step: number) => options.learningRate! / 2 ** (step - 1) };
  const optimiser = () => {
    const plain = createOptimiser(torch.optimiser, { ...options, ...schedule });
    return clip === undefined ? plain : clipped(plain, clip);
  };

  // NOTE: parameters are read and scalars are given as float32, in the float64 engine too.
  test.each<[Precision, number]>([
    ["float64", 1.5e-7],
    ["float32", 5e-7],
  ])("is PyTorch's, five steps in %s", async (precision, tolerance) => {
    const steps = await run(optimiser(), precision);
    expect(steps).toHaveLength(torch[precision].length);
    for (const [step, expected] of torch[precision].entries()) expectClose(steps[step]!, expected, tolerance);
  });

  test("goes on from its slots as if it had not stopped", async () => {
    const whole = await run(optimiser(), "float32");
    expect(await run(optimiser(), "float32", { restartAfter: 2 })).toEqual(whole);
  });
});

test("slots have PyTorch's names, and only those that the options need", () => {
  const parameters = new Map([["features.0.weight", { tensor: state("weight", [2]) }]]);
  const names = (optimiser: Optimiser) => [...optimiser.attach(parameters).slots.keys()];
  expect(names(adam())).toEqual(["features.0.weight/exp_avg", "features.0.weight/exp_avg_sq"]);
  expect(names(sgd({ momentum: 0.9 }))).toEqual(["features.0.weight/momentum_buffer"]);
  expect(names(sgd())).toEqual([]);
});

test.each(Object.entries(optimisers))("%s describes every option", (_, { options }) => {
  for (const option of Object.values(options.shape)) expect(z.globalRegistry.get(option)?.description).toBeTruthy();
});

test("every problem of the options is listed", () => {
  const wrong = () => createOptimiser("adam", { learningRate: -1, betas: [0.9, 1], momentum: 0.9 });
  expect(wrong).toThrow(/learningRate[^]*betas\.1[^]*momentum/);
  expect(wrong).toThrow(expect.objectContaining({ code: "ARGUMENT" }));
});

test.each([
  ["adam", { learningRate: 1e308 }],
  ["adam", { eps: 1e300 }],
  ["adamw", { weightDecay: 1e308 }],
  ["sgd", { learningRate: 1e31 }],
  ["sgd", { momentum: 1e300 }],
  ["sgd", { dampening: -1e300 }],
  ["sgd", { weightDecay: 1e39 }],
])("%s: numbers that float32 cannot hold are refused: %j", (name, options) => {
  const [option] = Object.keys(options);
  expect(() => createOptimiser(name, options)).toThrow(expect.objectContaining({ code: "ARGUMENT" }));
  expect(() => createOptimiser(name, options)).toThrow(new RegExp(`${option}: expected a number of at (least|most) `));
});

test.each([Number.NaN, Infinity, -1, 1e308])("a schedule that gives %d is noticed at its step", (value) => {
  const attached = sgd({ learningRate: (step: number) => (step < 3 ? 0.1 : value) }).attach(new Map());
  expect(scalarsAt(attached, 2)["sgd learning rate"]![0]).toBeCloseTo(0.1);
  expect(() => scalarsAt(attached, 3)).toThrow(/number from 0 to 1e\+30 for step 3, got/);
  expect(() => scalarsAt(attached, 3)).toThrow(expect.objectContaining({ code: "ARGUMENT" }));
});

test("nesterov without momentum, or with dampening, is refused as in PyTorch", () => {
  expect(() => sgd({ nesterov: true })).toThrow(/nesterov: needs a momentum/);
  expect(() => sgd({ nesterov: true, momentum: 0.9, dampening: 0.1 })).toThrow(/no dampening/);
});

test.each([0, -1, Number.NaN, Infinity, 1e308])("gradients cannot be clipped to a length of %o", (norm) => {
  expect(() => clipped(sgd(), norm)).toThrow(expect.objectContaining({ code: "ARGUMENT" }));
});

test("a momentum gap is no more than the momentum, and goes with plain momentum alone", () => {
  expect(() => sgd({ momentumGap: 0.1 })).toThrow(/momentumGap: should be no more/);
  expect(() => sgd({ momentum: 0.9, momentumGap: 0.1 })).toThrow(/momentumGap: should leave the momentum below 1/);
  expect(() =>
    createScheduled("sgd", { momentumGap: 0.075 }, schedule("one-cycle", 0.1, { steps: 10, stepsPerEpoch: 5 })),
  ).toThrow(/momentumGap: should leave the momentum below 1/);
  const late = sgd({ momentum: (step: number) => (step < 3 ? 0.8 : 0.95), momentumGap: 0.075 }).attach(new Map());
  expect(scalarsAt(late, 2)["sgd momentum"]).toEqual(Float32Array.of(0.8));
  expect(() => scalarsAt(late, 3)).toThrow(
    /at step 3 the momentum 0.95 and its gap of 0.075 leave the range from 0 to below 1/,
  );
  expect(() => sgd({ momentum: 0.9, momentumGap: 0.05, nesterov: true })).toThrow(/neither nesterov nor dampening/);
});

test("an unknown optimiser comes with the nearest known one", () => {
  expect(() => createOptimiser("adma")).toThrow(/unknown optimiser "adma"; did you mean adam\?/);
});

/** The parameters after each step. A restart hands parameters and slots over to another engine and a new optimiser. */
async function run(
  optimiser: Optimiser,
  precision: Precision,
  { restartAfter }: { readonly restartAfter?: number } = {},
): Promise<Values[]> {
  let current = await prepare(optimiser, precision, new Map(Object.entries(golden.initial)));
  const after: Values[] = [];
  for (const [i, gradients] of golden.gradients.entries()) {
    if (i === restartAfter) {
      const saved = new Map<string, readonly number[]>();
      for (const [name, tensor] of current.states) saved.set(name, [...(await current.engine.read(tensor))]);
      current = await prepare(optimiser, precision, saved);
    }
    const inputs = Object.entries(gradients).map(([name, values]) => [`d ${name}`, Float32Array.from(values)]);
    await current.program.run({ ...Object.fromEntries(inputs), ...scalarsAt(current.attached, i + 1) });
    const values: Record<string, number[]> = {};
    for (const name of Object.keys(shapes)) values[name] = [...(await current.engine.read(current.states.get(name)!))];
    after.push(values);
  }
  return after;
}

async function prepare(optimiser: Optimiser, precision: Precision, values: ReadonlyMap<string, readonly number[]>) {
  const engine = referenceEngine({ precision });
  const parameters = new Map(Object.entries(shapes).map(([name, shape]) => [name, { tensor: state(name, shape) }]));
  const attached = optimiser.attach(parameters);
  const gradients = Object.entries(shapes).map(([name, shape]) => input(`d ${name}`, shape));
  const graph: Graph = { outputs: {}, updates: attached.updates(gradients) };
  const states = new Map<string, Tensor>([...parameters].map(([name, { tensor }]) => [name, tensor]));
  for (const [name, slot] of attached.slots) states.set(name, slot);
  for (const [name, initial] of values) await engine.write(states.get(name)!, Float32Array.from(initial));
  return { engine, attached, states, program: await engine.compile(graph) };
}

function expectClose(actual: Values, expected: Values, tolerance: number): void {
  for (const [name, values] of Object.entries(expected)) {
    for (const [i, value] of values.entries()) {
      expect(Math.abs(actual[name]![i]! - value)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(value)));
    }
  }
}
