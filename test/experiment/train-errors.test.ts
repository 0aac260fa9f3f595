/** @file What training and evaluation refuse, and what they say. */
import { expect, onTestFinished, test } from "vitest";
import type { Dataset } from "../../src/data/dataset.ts";
import { mixing } from "../../src/data/mixup.ts";
import type { Augment } from "../../src/data/augment-options.ts";
import { crossEntropy, findMethod, objective, type AnyMethod, type Batch } from "../../src/distill/index.ts";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { ensemble } from "../../src/models/index.ts";
import {
  batchNorm2d,
  initialise,
  linear,
  namedBuffers,
  namedStates,
  sequential,
  type Module,
} from "../../src/nn/index.ts";
import { adam, schedule, sgd } from "../../src/optim/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import { log, mean, sub } from "../../src/tensor/index.ts";
import type { Checkpoint } from "../../src/train/checkpoint.ts";
import { evaluate } from "../../src/train/evaluate/evaluate.ts";
import { learner, type Learner } from "../../src/distill/learner.ts";
import { result } from "../../src/train/events.ts";
import { cacheTeacherOutputs } from "../../src/train/teacher-cache.ts";
import type { TrainOptions } from "../../src/train/options.ts";
import { train } from "../../src/train/train.ts";
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
  const broken: AnyMethod = {
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

test("a schedule that leaves float32's range is said before the first step", async () => {
  const steep = schedule("step", 1e30, { steps: 6, stepsPerEpoch: 3 }, { milestones: [1], gamma: 1e9 });
  const optimisers = [sgd(steep), adam({ learningRate: 1e30, betas: [1 - 1e-15, 0.999] })];
  for (const optimiser of optimisers) {
    const work = train(await options(learner(tinyModel(), ce), { optimiser }));
    await expect(work.next()).rejects.toMatchObject({ code: "ARGUMENT" });
  }
  await expect(train(await options(learner(tinyModel(), ce), { epochs: 1e15 })).next()).rejects.toMatchObject({
    code: "ARGUMENT",
  });
});

test("an evaluation takes no more room than its images, whatever the batch size", async () => {
  const { engine, learner: student } = await options(learner(tinyModel(), ce));
  const sweep = { engine, model: student.model, dataset, split: dataset.test };
  expect(await evaluate({ ...sweep, batchSize: 1e15 })).toEqual(await evaluate(sweep));
});

test("weights that the last step makes no numbers are noticed, though its loss was one", async () => {
  const [student, steps] = [learner(tinyModel(), ce), 3];
  const learningRate = (step: number) => (step < steps ? 0 : 1e30);
  const optimiser = sgd({ learningRate, momentum: 0.9, dampening: -1e6, weightDecay: 1e6 });
  const work = train(await options(student, { optimiser, epochs: 1 }));
  await expect(result(work)).rejects.toMatchObject({
    code: "NOT_FINITE",
    message: expect.stringMatching(/features\.0\.weight.*Tiny.*after the last step/),
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

test.each<[string, Partial<Dataset>, string, RegExp]>([
  [
    "a label above the classes",
    { train: { ...dataset.train, labels: new Uint8Array(22).fill(3) } },
    "DATA_FORMAT",
    /one of 3, got 3/,
  ],
  ["pixels of another shape", { shape: [2, 4, 5] }, "SHAPE", /\[2, 4, 5\]/],
  ["a deviation of 0", { std: [0.25, 0] }, "ARGUMENT", /channel 1/],
])("%s is said before the first step", async (_, more, code, message) => {
  const work = train(await options(learner(tinyModel(), ce), { dataset: { ...dataset, ...more } }));
  await expect(work.next()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});

test.each([Number.NaN, 0, -1, 1000, 1e308])("images cannot be mixed with alpha %d", async (alpha) => {
  const work = train(await options(learner(tinyModel(), ce), { augment: { seed: 1, mixup: { alpha } } }));
  await expect(work.next()).rejects.toMatchObject({ code: "ARGUMENT", message: expect.stringMatching(/mixup\.alpha/) });
  expect(() => mixing(alpha, 1, 1, 0, 8)).toThrow(expect.objectContaining({ code: "ARGUMENT" }));
});

test("views need a whole seed and options within their ranges", async () => {
  const crop = (padding: number): Augment => ({ seed: 1, crop: { padding, border: "reflect" } });
  const wrong: readonly Augment[] = [{ seed: Number.NaN }, crop(Number.NaN), crop(32)];
  for (const augment of wrong) {
    const work = train(await options(learner(tinyModel(), ce), { augment }));
    await expect(work.next()).rejects.toMatchObject({ code: "ARGUMENT" });
  }
});

test("a last batch of one that a norm cannot take is said before the pre-training of a method begins", async () => {
  const teacher = tinyModel({ channels: 8, name: "TinyTeacher" });
  const late: AnyMethod = {
    ...findMethod("ce"),
    needsTeacher: true,
    auxiliaries: () => ({ head: { module: sequential([linear(3, 4), batchNorm2d(4)]) } }),
    pretraining: () => [
      {
        name: "first",
        title: "First",
        epochs: 1,
        trains: ["student"],
        losses: ({ student, labels }) => ({ ce: crossEntropy(student.logits, labels) }),
        weights: { ce: 1 },
      },
    ],
    losses: ({ student, auxiliary }) => ({
      head: mean(auxiliary("head", student.logits)),
    }),
    weights: () => ({ head: 1 }),
  };
  const student = learner(tinyModel(), objective(late), teacher);
  const given = await options(student, { batchSize: 7 });
  await begin(given.engine, { model: teacher, auxiliaries: {} }, torchRandom(1));
  const work = train(given);
  await expect(work.next()).rejects.toMatchObject({
    code: "SHAPE",
    message: expect.stringMatching(/more than one number a channel.*leaves no single image over/),
  });
});

test.each(["reference", "wasm"])("networks that were never given values are no networks: %s", async (name) => {
  const engine = name === "wasm" ? await wasmEngine({ threads: 2 }) : referenceEngine();
  onTestFinished(() => engine.close());
  const teacher = tinyModel({ channels: 8, name: "TinyTeacher", norm: true });
  const student = learner(tinyModel({ norm: true }), objective(findMethod("regressor")), teacher);
  const given = { engine, learner: student, dataset, optimiser: sgd(), epochs: 1, random: torchRandom(1) };
  const values = [
    ...initialise(teacher.module, torchRandom(1)),
    ...initialise(student.model.module, torchRandom(2), Object.values(student.auxiliaries)),
  ];
  const isOf = (module: Module) => new Set(namedStates(module).values());
  const parts = {
    "the teacher TinyTeacher has no values": isOf(teacher.module),
    "the student Tiny has no values": isOf(student.model.module),
    "regressor, trained beside Tiny, has no values": isOf(student.auxiliaries["regressor"]!.module),
    "running_var and the rest": new Set([...namedBuffers(teacher.module).values()].map(({ tensor }) => tensor)),
  };
  for (const [message, left] of Object.entries(parts)) {
    for (const [tensor, x] of values) await engine.write(tensor, left.has(tensor) ? new Float32Array(x.length) : x);
    const error = { code: "WEIGHTS", message: expect.stringContaining(message) };
    await expect(train(given).next()).rejects.toMatchObject(error);
    if (message.includes("TinyTeacher")) {
      await expect(result(cacheTeacherOutputs({ engine, model: teacher, dataset }, [student]))).rejects.toMatchObject(
        error,
      );
    }
  }
  for (const [tensor, x] of values) await engine.write(tensor, x);
  expect((await train(given).next()).value).toMatchObject({ kind: "step" });
  await expect(
    evaluate({ engine, model: tinyModel({ name: "Never" }), dataset, split: dataset.test }),
  ).rejects.toMatchObject({ code: "WEIGHTS", message: expect.stringMatching(/^Never has no values/) });
  const together = ensemble([teacher, tinyModel({ name: "Never" })]);
  await expect(evaluate({ engine, model: together, dataset, split: dataset.test })).rejects.toThrow(/^Never has/);
});

test("a loss without a weight is the method's mistake, and is named", async () => {
  const losses = ({ student }: Batch) => ({ size: mean(student.logits) });
  const broken: AnyMethod = { ...findMethod("ce"), losses, weights: () => ({ cross: 1 }) };
  const work = train(await options(learner(tinyModel(), objective(broken))));
  await expect(work.next()).rejects.toMatchObject({
    code: "ARGUMENT",
    message: expect.stringMatching(/size has no weight.*cross/),
  });
});

test.each([0, 1e-9, -1, Number.NaN])("%d epochs are refused", async (epochs) => {
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
