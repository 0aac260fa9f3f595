/** @file Trainings that end within an epoch, or leave the short last batch out: their steps, events and checkpoints. */
import { describe, expect, test } from "vitest";
import { methods, objective } from "../distill/index.ts";
import { referenceEngine } from "../engine/reference/index.ts";
import { namedStates } from "../nn/index.ts";
import { sgd } from "../optim/index.ts";
import { torchRandom } from "../random/index.ts";
import { begin, tinyDataset, tinyModel } from "../../test/experiment/tiny.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { TrainEvent } from "./events.ts";
import { learner } from "../distill/learner.ts";
import { countSteps, epochBatches, epochsBegun, stepsOfEpoch } from "./length.ts";
import type { TrainOptions } from "./options.ts";
import { planPhases } from "./plan.ts";
import { train } from "./train.ts";

const dataset = tinyDataset({ train: 22 });
const settings = { dataset, batchSize: 8, optimiser: sgd({ learningRate: 0.05, momentum: 0.9 }) };

test.each([
  [9.9, 48, 476, 10],
  [10, 48, 480, 10],
  [0.1, 30, 3, 1],
  [0.7, 10, 7, 1],
  [2.0000001, 10, 20, 2],
  [0.001, 5, 1, 1],
  [1e6, 7, 7e6, 1e6],
])("%d epochs of %d steps are %d steps, in %d epochs", (epochs, stepsPerEpoch, steps, begun) => {
  expect(countSteps(epochs, stepsPerEpoch)).toBe(steps);
  expect(epochsBegun(epochs)).toBe(begun);
  expect(Math.ceil(steps / stepsPerEpoch)).toBe(begun);
});

test("an epoch without its short last batch has whole batches alone, and one at least", () => {
  for (const images of [8, 15, 16, 50_000]) {
    const ranges = epochBatches(images, { batchSize: 8, dropLast: true });
    expect(ranges.every(({ from, to }, i) => from === 8 * i && to === 8 * (i + 1))).toBe(true);
    expect(ranges).toHaveLength(stepsOfEpoch(images, { batchSize: 8, dropLast: true }));
  }
  expect(() => epochBatches(7, { batchSize: 8, dropLast: true })).toThrow(
    expect.objectContaining({
      code: "ARGUMENT",
      message: expect.stringMatching(/fill no batch of 8.*leave dropLast out/),
    }),
  );
});

/** A training's events, the network's values and checkpoints after each step and epoch. */
async function trained(options: Partial<TrainOptions>) {
  const engine = referenceEngine();
  const subject = learner(tinyModel({ norm: true }), objective(methods.ce));
  const random = torchRandom(3);
  await begin(engine, subject, random);
  const saved: Checkpoint[] = [];
  const checkpoints = { due: () => true, save: async (checkpoint: Checkpoint) => void saved.push(checkpoint) };
  const events: TrainEvent[] = [];
  const work = train({ ...settings, epochs: 1, engine, learner: subject, random, checkpoints, ...options });
  for await (const event of work) events.push(event);
  const values = await Promise.all([...namedStates(subject.model.module).values()].map((x) => engine.read(x)));
  const steps = events.flatMap((event) => (event.kind === "step" ? [event] : []));
  const epochs = events.flatMap((event) => (event.kind === "epoch" ? [event] : []));
  return { events, steps, epochs, values, saved };
}

describe("a training of 1.4 epochs", () => {
  test("is the beginning of one of two, and tells how far its last epoch came", async () => {
    const [part, whole] = [await trained({ epochs: 1.4 }), await trained({ epochs: 2 })];
    expect(part.steps.map(({ step, steps, epoch, stepInEpoch }) => [step, steps, epoch, stepInEpoch])).toEqual([
      [1, 5, 1, 1],
      [2, 5, 1, 2],
      [3, 5, 1, 3],
      [4, 5, 2, 1],
      [5, 5, 2, 2],
    ]);
    expect(part.steps.map(({ loss }) => loss)).toEqual(whole.steps.slice(0, 5).map(({ loss }) => loss));
    const [{ loss: a }, { loss: b }] = [part.steps[3]!, part.steps[4]!];
    expect(part.epochs.map(({ epoch, epochs }) => [epoch, epochs])).toEqual([
      [1, 2],
      [2, 2],
    ]);
    expect(part.epochs[1]!.loss).toBeCloseTo((a + b) / 2, 6);
    const after = whole.saved.find(({ epochs, meter }) => epochs.length === 1 && meter.batches === 2)!;
    const named = [...after.states].filter(([name]) => /^(parameter|buffer) /.test(name));
    expect(named.map(([, { values }]) => [...values]).toSorted()).toEqual(part.values.map((x) => [...x]).toSorted());
  });

  test("ends in the same bits, wherever it was stopped", async () => {
    const whole = await trained({ epochs: 1.4 });
    for (const resume of whole.saved) expect((await trained({ epochs: 1.4, resume })).values).toEqual(whole.values);
  });
});

test("without the short last batch an epoch has two steps, and each has the order's images", async () => {
  const { steps } = await trained({ epochs: 2, dropLast: true });
  expect(steps.map(({ step, stepsPerEpoch }) => [step, stepsPerEpoch])).toEqual([1, 2, 3, 4].map((step) => [step, 2]));
  const whole = await trained({ epochs: 1 });
  expect(steps.slice(0, 2).map(({ loss }) => loss)).toEqual(whole.steps.slice(0, 2).map(({ loss }) => loss));
});

test.each([0, -1, 1e-4, 2e6, Number.NaN, Infinity])("%d epochs are refused", (epochs) => {
  const options = { ...settings, learner: learner(tinyModel(), objective(methods.ce)), epochs };
  expect(() => planPhases(options)).toThrow(expect.objectContaining({ code: "ARGUMENT" }));
});
