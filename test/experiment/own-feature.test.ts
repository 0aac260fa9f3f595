/** @file A feature of training from outside the project's folders: one file and a row, and nothing else knows of it. */
import { expect, test } from "vitest";
import {
  decodeCheckpoint,
  encodeCheckpoint,
  learner,
  result,
  sgd,
  train,
  type Checkpoint,
  type Feature,
  type MakeFeature,
} from "../../src/entries/training.ts";
import { methods, objective } from "../../src/distill/index.ts";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { namedParameters } from "../../src/nn/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import { add, input, mul, state, sub } from "../../src/tensor/index.ts";
import { begin, tinyDataset, tinyModel } from "./tiny.ts";

/** Stochastic weight averaging: from a step on, the plain mean of the weights after each. Izmailov et al., 2018. */
const averagedFrom =
  (start: number): MakeFeature =>
  ({ options, pretraining }): Feature | undefined => {
    if (pretraining) return undefined;
    const share = input("swa share", []);
    const parameters = [...namedParameters(options.learner.model.module)];
    const averages = new Map(parameters.map(([name, { tensor }]) => [name, state(`${name}/swa`, tensor.shape)]));
    return {
      states: new Map(Array.from(averages, ([name, average]) => [`swa ${name}`, average])),
      scalars: [{ symbol: share, at: (step) => (step <= start ? 1 : 1 / (step - start + 1)) }],
      updates: (updates) =>
        parameters.flatMap(([name, { tensor }]) => {
          const value = updates.find((update) => update.state === tensor)?.value;
          const average = averages.get(name);
          return value && average ? [{ state: average, value: add(average, mul(sub(value, average), share)) }] : [];
        }),
      async finish(engine) {
        for (const [name, { tensor }] of parameters) {
          const average = averages.get(name);
          if (average) await engine.write(tensor, await engine.read(average));
        }
      },
    };
  };

const dataset = tinyDataset({ train: 22 });

/** The last values by name, and the checkpoint after each step, as files hold them. */
async function trained(resume?: Checkpoint) {
  const engine = referenceEngine();
  const model = tinyModel({ norm: true });
  const subject = learner(model, objective(methods.ce));
  const random = torchRandom(3);
  await begin(engine, subject, random);
  const saved: Uint8Array[] = [];
  const save = async (checkpoint: Checkpoint) => void saved.push(await encodeCheckpoint(checkpoint));
  const optimiser = sgd({ learningRate: 0.05, momentum: 0.9 });
  const how = { engine, learner: subject, random, dataset, optimiser, epochs: 3, batchSize: 8, accumulate: 2 };
  const features = [averagedFrom(4)];
  await result(train({ ...how, features, checkpoints: { due: () => true, save }, ...(resume && { resume }) }));
  const values = new Map<string, readonly number[]>();
  for (const [name, { tensor }] of namedParameters(model.module)) values.set(name, [...(await engine.read(tensor))]);
  await engine.close();
  return { values, saved };
}

test("stochastic weight averaging, added by a file: the mean of the weights is taken, and a killed training resumes to the same bits", async () => {
  const whole = await trained();
  const checkpoints = await Promise.all(whole.saved.map((bytes) => decodeCheckpoint(bytes)));
  // After steps 4 to 9: epochs of three steps, each also saved at its end.
  const after = checkpoints.filter(({ meter, epochs }) => epochs.length * 3 + meter.batches >= 4);
  const last = new Map(after.map((each) => [each.epochs.length * 3 + each.meter.batches, each]));
  expect(last.size).toBe(6);
  for (const [name, values] of whole.values)
    for (const [i, value] of values.entries()) {
      const each = [...last.values()].map(({ states }) => states.get(`parameter ${name}`)!.values[i]!);
      expect(value).toBeCloseTo(each.reduce((sum, x) => sum + x, 0) / each.length, 5);
    }
  expect(last.get(9)!.states.has("swa features.0.weight")).toBe(true);
  for (const resume of checkpoints) expect((await trained(resume)).values).toEqual(whole.values);
});

test("a checkpoint of a training without the feature is refused by name", async () => {
  const { saved } = await trained();
  const checkpoint = await decodeCheckpoint(saved[0]!);
  const states = new Map([...checkpoint.states].filter(([name]) => name !== "swa features.0.weight"));
  await expect(trained({ ...checkpoint, states })).rejects.toMatchObject({
    code: "WEIGHTS",
    message: expect.stringContaining("swa features.0.weight is missing"),
  });
});
