/** @file What training and evaluation refuse, and what they say. */
import { expect, test } from "vitest";
import type { Dataset } from "../../src/data/dataset.ts";
import { findMethod, objective, type Method } from "../../src/distill/index.ts";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { sgd } from "../../src/optim/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import { log, mean, sub } from "../../src/tensor/index.ts";
import type { Checkpoint } from "../../src/train/checkpoint.ts";
import { evaluate } from "../../src/train/evaluate.ts";
import { learner, type Learner } from "../../src/train/learner.ts";
import { result } from "../../src/train/progress.ts";
import { train, type TrainOptions } from "../../src/train/train.ts";
import { begin, tinyDataset, tinyModel } from "./tiny.ts";

const dataset = tinyDataset();
const ce = objective(findMethod("ce"));

async function options(student: Learner, others: Partial<TrainOptions> = {}): Promise<TrainOptions> {
  const engine = referenceEngine();
  const random = torchRandom(42);
  await begin(engine, student, random);
  return {
    engine,
    learner: student,
    dataset,
    optimiser: sgd({ learningRate: 0.1 }),
    epochs: 2,
    batchSize: 8,
    random,
    ...others,
  };
}

test("a loss that is no number ends training, naming step, epoch, term and method, and saves nothing", async () => {
  const broken: Method<unknown> = {
    ...findMethod("ce"),
    name: "broken",
    losses: ({ student }) => ({ fine: mean(student.logits), odd: log(sub(mean(student.logits), 1e9)) }),
    weights: () => ({ fine: 1, odd: 1 }),
  };
  const saved: Checkpoint[] = [];
  const checkpoints = { due: () => true, save: async (checkpoint: Checkpoint) => void saved.push(checkpoint) };
  const work = train(await options(learner(tinyModel(), objective(broken)), { checkpoints }));
  await expect(result(work)).rejects.toMatchObject({
    code: "NOT_FINITE",
    message: expect.stringMatching(/step 1 \(epoch 1\): loss odd of method broken became NaN; lower/),
  });
  expect(saved).toEqual([]);
});

test("a training that diverges is noticed at the step", async () => {
  const work = train(await options(learner(tinyModel(), ce), { optimiser: sgd({ learningRate: 1e30 }), epochs: 5 }));
  await expect(result(work)).rejects.toMatchObject({
    code: "NOT_FINITE",
    message: expect.stringMatching(/loss ce of method ce/),
  });
});

test.each<[string, Learner, Dataset]>([
  ["logits for other classes", learner(tinyModel({ classes: 4 }), ce), dataset],
  ["images of another shape", learner(tinyModel(), ce), { ...dataset, shape: [2, 8, 2] }],
  ["a teacher of other classes", learner(tinyModel(), objective(findMethod("kd")), tinyModel({ classes: 5 })), dataset],
])("%s are refused before the first step", async (_, student, dataset) => {
  const work = train(await options(student, { dataset }));
  await expect(work.next()).rejects.toMatchObject({ code: "SHAPE" });
});

test("a loss without a weight is the method's mistake, and is named", async () => {
  const broken: Method<unknown> = { ...findMethod("ce"), weights: () => ({ cross: 1 }) };
  const work = train(await options(learner(tinyModel(), objective(broken))));
  await expect(work.next()).rejects.toMatchObject({
    code: "ARGUMENT",
    message: expect.stringMatching(/ce has no weight.*cross/),
  });
});

test.each([0, 1.5, -1, Number.NaN])("%d epochs are refused", async (epochs) => {
  await expect(train(await options(learner(tinyModel(), ce), { epochs })).next()).rejects.toMatchObject({
    code: "ARGUMENT",
  });
});

test("a checkpoint of another model or batch size is refused with what differs, and nothing is overwritten", async () => {
  let saved: Checkpoint | undefined;
  const checkpoints = { due: () => true, save: async (checkpoint: Checkpoint) => void (saved = checkpoint) };
  await result(train(await options(learner(tinyModel(), ce), { checkpoints, epochs: 1 })));
  const wider = await options(learner(tinyModel({ channels: 3 }), ce), { resume: saved! });
  const before = await evaluate({ ...wider, model: wider.learner.model, split: dataset.test });
  await expect(train(wider).next()).rejects.toMatchObject({
    code: "WEIGHTS",
    message: expect.stringMatching(/features\.0\.weight/),
  });
  expect(await evaluate({ ...wider, model: wider.learner.model, split: dataset.test })).toEqual(before);
  const other = train(await options(learner(tinyModel(), ce), { resume: saved!, batchSize: 4 }));
  await expect(other.next()).rejects.toMatchObject({
    code: "WEIGHTS",
    message: expect.stringMatching(/batches of 8, not 22 in batches of 4/),
  });
});

test("an evaluation of damaged weights is an error, not an accuracy", async () => {
  const { engine, learner: student } = await options(learner(tinyModel(), ce));
  const { tensor } = student.model.module.children!["classifier"]!.children!["3"]!.parameters!["bias"]!;
  await engine.write(tensor, Float32Array.of(Number.NaN, 0, 0));
  const evaluation = evaluate({ engine, model: student.model, dataset, split: dataset.test });
  await expect(evaluation).rejects.toMatchObject({ code: "NOT_FINITE", message: expect.stringMatching(/image 0/) });
});

test("an evaluation moves the stream on as PyTorch's loader does", async () => {
  const { engine, learner: student } = await options(learner(tinyModel(), ce));
  const [random, expected] = [torchRandom(9), torchRandom(9)];
  await evaluate({ engine, model: student.model, dataset, split: dataset.test, random });
  expected.int64();
  expect(random.state()).toEqual(expected.state());
});
