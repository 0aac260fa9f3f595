/** @file A second, strong view of each image: what is drawn, what sees it, and who is refused it. */
import { expect, test } from "vitest";
import { augmentOptions } from "../data/augment-options.ts";
import { methods, objective, type AnyMethod } from "../distill/index.ts";
import { referenceEngine } from "../engine/reference/index.ts";
import { namedParameters, namedStates } from "../nn/index.ts";
import { sgd } from "../optim/index.ts";
import { torchRandom } from "../random/index.ts";
import { topologicalOrder } from "../tensor/index.ts";
import { fewImages, smallStudent, smallTeacher, writeValues } from "../../test/distill/small.ts";
import { recordBatch } from "./batch.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { learner } from "../distill/learner.ts";
import { result } from "./events.ts";
import type { TrainOptions } from "./options.ts";
import { trainingStep } from "./step.ts";
import { train } from "./train.ts";

const dataset = fewImages(10);
const augment = { seed: 3, ...augmentOptions.parse({ crop: { padding: 3 }, flip: {} }) };

/** Two epochs of three steps, perhaps from a checkpoint on; every state at the end, and the checkpoint after each step. */
async function trained(given: Partial<Pick<TrainOptions, "augment" | "resume">>, seed = 7) {
  const engine = referenceEngine();
  const subject = learner(smallStudent(), objective(methods.crld), smallTeacher());
  await writeValues(engine, subject);
  const saved: Checkpoint[] = [];
  const checkpoints = { due: () => true, save: async (checkpoint: Checkpoint) => void saved.push(checkpoint) };
  const optimiser = sgd({ learningRate: 0.02, momentum: 0.9 });
  const random = torchRandom(seed);
  const epochs = await result(
    train({ engine, learner: subject, dataset, optimiser, epochs: 2, batchSize: 4, random, checkpoints, ...given }),
  );
  const states = [...namedStates(subject.model.module)];
  const values = await Promise.all(states.map(async ([name, tensor]) => [name, await engine.read(tensor)] as const));
  return { values: Object.fromEntries(values), terms: epochs.map(({ terms }) => terms), saved };
}

test("a run is the same again from its seed, and from any step on that it was stopped at", async () => {
  const whole = await trained({ augment });
  const again = await trained({ augment });
  expect(again.values).toEqual(whole.values);
  expect(whole.terms[0]).toHaveProperty("strongCe");
  for (const at of [0, 3]) {
    const resumed = await trained({ augment, resume: whole.saved[at]! });
    expect(resumed.values).toEqual(whole.values);
    expect(resumed.terms).toEqual(whole.terms);
  }
  // The weak views are those of the augmentation's seed; the strong ones are the stream's.
  expect((await trained({ augment }, 8)).values).not.toEqual(whole.values);
});

test("the student's norms see the weak view and then the strong one; the teacher's outputs for it are no part of what is cached", () => {
  const subject = learner(smallStudent(), objective(methods.crld), smallTeacher());
  const optimiser = sgd({ learningRate: 0.1 }).attach(namedParameters(subject.model.module));
  const teacherCache = { logits: { shape: [4], values: new Float32Array(40) } };
  const { graph, inputs } = trainingStep(subject, 4, optimiser, { teacherCache });
  expect(inputs.map(({ symbol }) => symbol.attributes.name).slice(0, 4)).toEqual([
    "images",
    "labels",
    "indices",
    "strong images",
  ]);
  const average = namedStates(subject.model.module).get("bn1.running_mean")!;
  const next = graph.updates.find(({ state }) => state === average)!.value;
  const seen = topologicalOrder([next]);
  const named = (name: string) => inputs.find(({ symbol }) => symbol.attributes.name === name)!.symbol;
  expect([named("images"), named("strong images")].every((symbol) => seen.includes(symbol))).toBe(true);
  const teacherWeight = namedParameters(subject.teacher!.module).get("conv1.weight")!.tensor;
  const losses = topologicalOrder(Object.values(graph.outputs));
  expect(losses.includes(teacherWeight)).toBe(true);
});

test("mlkd's preset for views: the strong view's loss is the weak one's where both are alike, and the labels count for either", async () => {
  const subject = learner(smallStudent(), objective(methods.mlkd, {}, "views"), smallTeacher());
  const { weights } = subject.objective;
  expect(weights).toMatchObject({ kd: 0.45, strongKd: 0.9, strongCe: 0.1, ce: 0.1 });
  const engine = referenceEngine();
  await writeValues(engine, subject);
  const { batch } = recordBatch(subject, 4, {});
  const { kd, strongKd, ce, strongCe } = subject.objective.losses(batch);
  const outputs = { kd: kd!, strongKd: strongKd!, ce: ce!, strongCe: strongCe! };
  const program = await engine.compile({ outputs, updates: [] });
  const [one, other] = [torchRandom(1).normal(4 * 3072, 0, 1), torchRandom(2).normal(4 * 3072, 0, 1)];
  const of = async (strong: Float32Array) => {
    const found = await program.run({ images: one, "strong images": strong, labels: Int32Array.of(0, 1, 2, 3) });
    return Object.fromEntries(Object.entries(found).map(([name, values]) => [name, values[0]!]));
  };
  const alike = await of(one);
  expect(alike["kd"]).toBeGreaterThan(0);
  expect([alike["strongKd"], alike["strongCe"]]).toEqual([alike["kd"], alike["ce"]]);
  const unlike = await of(other);
  expect([unlike["kd"], unlike["ce"]]).toEqual([alike["kd"], alike["ce"]]);
  expect(unlike["strongKd"]).not.toBe(unlike["kd"]);
});

test("mixed images have no strong view, and a method that uses one has to ask for it", async () => {
  const refused = (message: RegExp) =>
    expect.objectContaining({ code: "ARGUMENT", message: expect.stringMatching(message) });
  await expect(trained({ augment: { ...augment, mixup: { alpha: 1 } } })).rejects.toThrow(
    refused(/^method crld .*leave mixup out/),
  );
  const { needs: _, ...greedy } = methods.crld as unknown as AnyMethod;
  const subject = learner(smallStudent(), objective(greedy), smallTeacher());
  expect(() => subject.objective.losses(recordBatch(subject, 2, {}).batch)).toThrow(
    refused(/^method crld uses a strong view without asking for it; return strongView/),
  );
  const plain = learner(smallStudent(), objective(methods.mlkd), smallTeacher());
  expect(plain.objective.needs).toEqual({ strongView: false });
  expect(learner(smallStudent(), objective(methods.mlkd, {}, "views"), smallTeacher()).objective.needs).toEqual({
    strongView: true,
  });
});
