/** @file Muon by its definition, on both engines, and what of a network it takes. */
import { describe, expect, test } from "vitest";
import { referenceEngine } from "../engine/reference/index.ts";
import { wasmEngine } from "../engine/wasm/index.ts";
import { torchRandom } from "../random/index.ts";
import { input, state } from "../tensor/index.ts";
import { methods, objective } from "../distill/index.ts";
import { learner } from "../distill/learner.ts";
import { planPhases } from "../train/plan.ts";
import { tinyDataset, tinyModel } from "../../test/experiment/tiny.ts";
import { clipped, createScheduled, muon, scalarsAt, schedule } from "./index.ts";
import { orthogonal } from "./muon.ts";
import golden from "./muon.golden.json" with { type: "json" };

type Values = Readonly<Record<string, readonly number[]>>;
const engines = { reference: async () => referenceEngine(), wasm: () => wasmEngine({ threads: 2 }) };
const parametersOf = () =>
  new Map(Object.entries(golden.shapes).map(([name, shape]) => [name, { tensor: state(name, shape) }]));

describe.each(golden.cases.map((each, i) => ({ ...each, case: i + 1 })))("case $case", ({ options, after }) => {
  test.each(Object.entries(engines))(
    "%s: filters by the definition, the rest by PyTorch's optimiser",
    async (_, open) => {
      const engine = await open();
      const parameters = parametersOf();
      const { learningRate, weightDecay } = golden;
      const attached = muon({ ...(options as object), learningRate, weightDecay }).attach(parameters);
      const gradients = [...parameters].map(([name, { tensor }]) => input(`d ${name}`, tensor.shape));
      const program = await engine.compile({ outputs: {}, updates: attached.updates(gradients) });
      for (const [name, values] of Object.entries(golden.initial))
        await engine.write(parameters.get(name)!.tensor, Float32Array.from(values));
      for (const [i, step] of golden.gradients.entries()) {
        const inputs = Object.entries(step).map(([name, values]) => [`d ${name}`, Float32Array.from(values)]);
        await program.run({ ...Object.fromEntries(inputs), ...scalarsAt(attached, i + 1) });
        for (const [name, expected] of Object.entries(after[i]! as Values)) {
          const found = await engine.read(parameters.get(name)!.tensor);
          for (const [k, value] of expected.entries()) expect(found[k], `step ${i + 1} ${name}`).toBeCloseTo(value, 5);
        }
      }
      await engine.close();
    },
  );
});

test.each([
  [5, 40],
  [40, 5],
  [12, 12],
])("a matrix of %d x %d comes to singular values near 1, whatever its scale", async (rows, columns) => {
  const engine = referenceEngine({ precision: "float64" });
  const matrix = input("matrix", [rows, columns]);
  const program = await engine.compile({ outputs: { o: orthogonal(matrix, 8) }, updates: [] });
  for (const scale of [1e-3, 1, 1e6]) {
    const { o } = await program.run({ matrix: torchRandom(rows).normal(rows * columns, 0, scale) });
    // The mean square of singular values is the trace of XXᵀ over the smaller side.
    const square = o!.reduce((sum, x) => sum + x * x, 0) / Math.min(rows, columns);
    expect(square).toBeGreaterThan(0.7 ** 2);
    expect(square).toBeLessThan(1.2 ** 2);
  }
  const { o } = await program.run({ matrix: new Float32Array(rows * columns) });
  expect([...o!].every((x) => x === 0)).toBe(true);
});

test("a schedule, groups and the constant rate of a pre-training reach filters and the rest", () => {
  const half = schedule("linear", 0.2, { steps: 4, stepsPerEpoch: 4 });
  const optimiser = createScheduled("muon", { othersFactor: 0.5, others: "sgd" }, half, {
    groups: [{ parameters: "*.bias", learningRateFactor: 10 }],
  });
  const rates = (step: number, of: typeof optimiser) =>
    Object.entries(scalarsAt(of.attach(parametersOf()), step)).filter(([name]) => name.endsWith("learning rate"));
  expect(rates(3, optimiser)).toEqual([
    ["muon 1 learning rate", Float32Array.of(0.1)],
    ["muon 1 others learning rate", Float32Array.of(0.05)],
    ["muon 2 others learning rate", Float32Array.of(0.5)],
  ]);
  const constant = optimiser.withConstantRate(4);
  expect(rates(3, constant)).toEqual(rates(1, optimiser));
});

test("options of the others that groups are for are refused, as are those that it has not", () => {
  expect(() => muon({ othersOptions: { learningRate: 1 } })).toThrow(
    /should leave learningRate out; give othersFactor/,
  );
  expect(() => muon({ others: "sgd", othersOptions: { betas: [0.9, 0.9] } })).toThrow(/sgd[^]*betas/);
  expect(() => muon({ momentum: 1 })).toThrow(/muon[^]*momentum/);
});

test("a matrix that no parameter of a training is called is refused there, wrapped or not", () => {
  const subject = learner(tinyModel(), objective(methods.ce));
  const names = (matrices: string[]) => ({
    learner: subject,
    dataset: tinyDataset({ train: 22 }),
    epochs: 1,
    optimiser: clipped(
      createScheduled("muon", { matrices }, schedule("linear", 0.2, { steps: 3, stepsPerEpoch: 3 }), {
        decayOn: "weights",
      }),
      1,
    ),
  });
  expect(() => planPhases(names(["clasifier.0.weight"]))).toThrow(
    /muon: no parameter that is trained fits .*did you mean classifier.0.weight/,
  );
  const [hidden] = planPhases(names(["classifier.0.*"]));
  expect([...hidden!.optimiser.slots.keys()]).toContain("classifier.0.weight/momentum_buffer");
});
