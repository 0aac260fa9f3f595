/** @file Parameters that are frozen from an epoch on: what stays, what goes on, and that a resumed training ends in the same bits. */
import { describe, expect, test } from "vitest";
import { methods, objective } from "../../distill/index.ts";
import { referenceEngine } from "../../engine/reference/index.ts";
import { namedParameters, namedStates } from "../../nn/index.ts";
import { adamW, clipped, sgd } from "../../optim/index.ts";
import { torchRandom } from "../../random/index.ts";
import { topologicalOrder } from "../../tensor/index.ts";
import { ops } from "../../tensor/ops/index.ts";
import { begin, tinyDataset, tinyModel } from "../../../test/experiment/tiny.ts";
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from "../checkpoint.ts";
import { result } from "../events.ts";
import { learner } from "../../distill/learner.ts";
import type { TrainOptions } from "../options.ts";
import { rangesOf } from "../quantise/rounding.ts";
import { frozenAfter } from "./freeze.ts";
import { planPhases } from "../plan.ts";
import { train } from "../train.ts";

const dataset = tinyDataset({ train: 22 });
const settings = { dataset, batchSize: 8, optimiser: sgd({ learningRate: 0.05, momentum: 0.9, weightDecay: 0.1 }) };
const freeze = [
  { parameters: "features.0.*", afterEpochs: 1 },
  { parameters: "*.bias", afterEpochs: 2 },
];
const bias = "classifier.3.bias";

/** A training's last values by name, and its checkpoints, by the epochs and steps that are done. */
async function trained(options: Partial<TrainOptions>) {
  const engine = referenceEngine();
  const subject = learner(tinyModel({ norm: true }), objective(methods.ce));
  const random = torchRandom(3);
  await begin(engine, subject, random);
  const saved = new Map<string, Checkpoint>();
  const save = async (checkpoint: Checkpoint) =>
    void saved.set(
      `${checkpoint.epochs.length}.${checkpoint.meter.batches}`,
      await decodeCheckpoint(await encodeCheckpoint(checkpoint)),
    );
  const checkpoints = { due: () => true, save };
  await result(train({ ...settings, epochs: 3, engine, learner: subject, random, checkpoints, ...options }));
  const values = new Map<string, readonly number[]>();
  for (const [name, tensor] of namedStates(subject.model.module)) values.set(name, [...(await engine.read(tensor))]);
  return { values, saved };
}

const state = ({ saved }: Awaited<ReturnType<typeof trained>>, at: string, name: string): readonly number[] => [
  ...saved.get(at)!.states.get(name)!.values,
];

test("segments begin where something changes, and hold what is frozen by then", () => {
  const names = ["features.0.weight", "features.0.bias", bias, "classifier.3.weight"];
  expect([0, 1, 2].map((done) => [...frozenAfter(done, freeze, names)])).toEqual([
    [],
    ["features.0.weight", "features.0.bias"],
    ["features.0.weight", "features.0.bias", bias],
  ]);
  const model = tinyModel();
  const options = { ...settings, learner: learner(model, objective(methods.ce)), epochs: 5 };
  const begins = (more: Partial<TrainOptions>): number[] =>
    planPhases({ ...options, ...more })[0]!.segments.map(({ from }) => from);
  const quantize = { epochs: 2, ranges: rangesOf(model, 127) };
  expect(begins({ freeze, quantize })).toEqual([0, 1, 2, 3]);
  expect(begins({ freeze: [{ parameters: bias, afterEpochs: 5 }] })).toEqual([0]);
  expect(begins({ freeze: [{ parameters: bias, afterEpochs: 0 }] })).toEqual([0]);
});

test("what is frozen stays as it is, its momentum too, without decay; the rest is trained, and norms follow the batches", async () => {
  const run = await trained({ freeze });
  for (const kind of ["parameter features.0.weight", "optimiser features.0.weight/momentum_buffer"]) {
    expect(state(run, "0.2", kind)).not.toEqual(state(run, "1.0", kind));
    for (const at of ["1.1", "1.2", "2.1", "3.0"]) expect(state(run, at, kind), at).toEqual(state(run, "1.0", kind));
  }
  expect(state(run, "2.0", `parameter ${bias}`)).not.toEqual(state(run, "1.0", `parameter ${bias}`));
  expect(state(run, "3.0", `parameter ${bias}`)).toEqual(state(run, "2.0", `parameter ${bias}`));
  for (const name of ["parameter features.1.weight", "buffer features.1.running_mean"])
    expect(state(run, "3.0", name)).not.toEqual(state(run, "2.0", name));
});

test("up to the freeze, and with one that is never reached, the training is the same as without", async () => {
  const [plain, frozen] = [await trained({}), await trained({ freeze })];
  for (const [name, { values }] of frozen.saved.get("1.0")!.states)
    expect(values).toEqual(plain.saved.get("1.0")!.states.get(name)!.values);
  expect((await trained({ freeze: [{ parameters: "*", afterEpochs: 3 }] })).values).toEqual(plain.values);
  expect(frozen.values).not.toEqual(plain.values);
});

describe("a training with a freeze that goes on after any step ends in the same bits", () => {
  const ways: Readonly<Record<string, Partial<TrainOptions>>> = {
    plainly: {},
    "with averages, parts and clipping": {
      emaDecay: 0.7,
      accumulate: 2,
      optimiser: clipped(adamW({ learningRate: 0.01 }), 0.5),
    },
    "with DOT's momentum of each loss": { optimiser: sgd({ learningRate: 0.05, momentum: 0.5, momentumGap: 0.3 }) },
  };
  test.each(Object.entries(ways))("%s", async (_, options) => {
    const whole = await trained({ freeze, ...options });
    for (const resume of whole.saved.values())
      expect((await trained({ freeze, ...options, resume })).values).toEqual(whole.values);
  });
});

test("an average goes on to the value that its parameter was frozen at", async () => {
  const run = await trained({ freeze, emaDecay: 0.5, epochs: 8 });
  const [average, value] = [`average ${bias}`, `parameter ${bias}`].map((name) => state(run, "8.0", name));
  expect(state(run, "2.0", `average ${bias}`)).not.toEqual(average);
  for (const [i, x] of value!.entries()) expect(average![i]).toBeCloseTo(x, 5);
});

test("no gradient is computed for what is frozen", () => {
  const subject = learner(tinyModel(), objective(methods.ce));
  const options = { ...settings, learner: subject, epochs: 3 };
  const { segments } = planPhases({ ...options, freeze: [{ parameters: "features.*", afterEpochs: 1 }] })[0]!;
  const gradients = segments.map(({ steps }) =>
    topologicalOrder(steps.graphs[0]!.updates.map(({ value }) => value)).filter(
      ({ op }) => op === ops.conv2dWeightGrad,
    ),
  );
  expect(gradients.map(({ length }) => length)).toEqual([1, 0]);
});

test.each([
  [
    [{ parameters: "feature.0.weight", afterEpochs: 1 }],
    /no parameter that is trained fits.*did you mean features.0.weight/,
  ],
  [[{ parameters: "*", afterEpochs: 1 }], /after 1 of 3 epochs nothing is left to train/],
  [[{ parameters: "*.bias", afterEpochs: 1.5 }], /whole number of epochs/],
])("%j is refused", (given, message) => {
  const options = { ...settings, learner: learner(tinyModel(), objective(methods.ce)), epochs: 3, freeze: given };
  expect([...namedParameters(options.learner.model.module).keys()]).toContain("features.0.weight");
  expect(() => planPhases(options)).toThrow(
    expect.objectContaining({ code: "ARGUMENT", message: expect.stringMatching(message) }),
  );
});
