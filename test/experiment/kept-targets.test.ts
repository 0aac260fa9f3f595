/** @file What a teacher said beforehand, for images that are varied: which target goes with which view, and when there is none. */
import { describe, expect, onTestFinished, test } from "vitest";
import { augmentOptions, type Augment, type AugmentInput } from "../../src/data/augment-options.ts";
import { gatherViews } from "../../src/data/augment.ts";
import { batches, normaliser } from "../../src/data/loader.ts";
import { asIs, gatherShifted, mirrored } from "../../src/data/shift.ts";
import { findMethod, objective } from "../../src/distill/index.ts";
import type { Engine } from "../../src/engine/contract.ts";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { namedStates } from "../../src/nn/index.ts";
import { sgd } from "../../src/optim/index.ts";
import { loaderOrder, torchRandom } from "../../src/random/index.ts";
import { input } from "../../src/tensor/index.ts";
import type { Checkpoint } from "../../src/train/checkpoint.ts";
import { result } from "../../src/train/events.ts";
import { learner } from "../../src/distill/learner.ts";
import { observe } from "../../src/distill/observe.ts";
import type { TrainOptions } from "../../src/train/options.ts";
import { cacheTeacherOutputs } from "../../src/entries/training.ts";
import { cachedInput } from "../../src/train/step-input.ts";
import type { TeacherViews } from "../../src/train/teacher-cache.ts";
import { train } from "../../src/train/train.ts";
import { begin, tinyDataset, tinyModel } from "./tiny.ts";

const dataset = tinyDataset();
const { count } = dataset.train;
const engines = { reference: async (): Promise<Engine> => referenceEngine(), wasm: () => wasmEngine({ threads: 2 }) };
const augment = (given: AugmentInput): Augment => ({ ...augmentOptions.parse(given), seed: 3 });
const flips = augment({ flip: {} });
const views = augment({ crop: { padding: 1 }, flip: {} });

async function scene(method = "kd", open: () => Promise<Engine> = engines.reference) {
  const engine = await open();
  onTestFinished(() => engine.close());
  const teacher = tinyModel({ channels: 8, name: "TinyTeacher" });
  await begin(engine, { model: teacher, auxiliaries: {} }, torchRandom(1));
  const student = learner(tinyModel({ channels: 4, norm: true }), objective(findMethod(method)), teacher);
  const random = torchRandom(42);
  await begin(engine, student, random);
  const optimiser = sgd({ learningRate: 0.1 });
  const kept = async (views: TeacherViews) =>
    (await result(cacheTeacherOutputs({ engine, model: teacher, dataset, views, batchSize: 5 }, [student])))[0]!;
  return {
    engine,
    teacher,
    student,
    kept,
    options: { engine, learner: student, dataset, random, batchSize: 8, epochs: 3, optimiser },
  };
}

async function trained(options: TrainOptions) {
  const epochs = await result(train(options));
  const {
    engine,
    learner: { model },
  } = options;
  const states = [...namedStates(model.module)].map(
    async ([name, state]) => [name, [...(await engine.read(state))]] as const,
  );
  return { losses: epochs.map(({ terms }) => terms), values: Object.fromEntries(await Promise.all(states)) };
}

/** What the teacher says of each image in one view, asked anew. */
async function asked({ engine, teacher }: Awaited<ReturnType<typeof scene>>, view: typeof asIs) {
  const images = new Float32Array(count * 32);
  gatherShifted(dataset.train, dataset.shape, normaliser(dataset), { from: 0, to: count }, view, images);
  const { logits } = observe(teacher, input("images", [count, 2, 4, 4]), false);
  const program = await engine.compile({ outputs: { logits }, updates: [] });
  onTestFinished(() => program.close());
  return (await program.run({ images })).logits!;
}

describe.each(Object.entries(engines))("on %s", (_, open) => {
  test.each([
    ["kd", "random", flips],
    ["fitnet", "random", flips],
    ["kd", "alternating", augment({ flip: { alternating: true } })],
  ])(
    "%s by both sides of images that are mirrored, %s, has the bits of asking in each step",
    async (method, _, augment) => {
      const [first, second] = [await scene(method, open), await scene(method, open)];
      const online = await trained({ ...first.options, augment });
      const cached = await trained({ ...second.options, augment, teacherCache: await second.kept("flip") });
      expect(cached).toEqual(online);
    },
  );
});

test("a target lies beside its image's view, whatever the order and the epoch", async () => {
  const { kept } = await scene();
  const { logits } = await kept("flip");
  const table = normaliser(dataset);
  const source = { split: dataset.train, shape: dataset.shape, table };
  const [plain, other] = [asIs, mirrored].map((view) => {
    const images = new Float32Array(count * 32);
    gatherShifted(source.split, source.shape, table, { from: 0, to: count }, view, images);
    return images;
  });
  const row = (values: Float32Array, i: number, size: number) => values.slice(i * size, (i + 1) * size);
  const sides = new Set<string>();
  const random = torchRandom(9);
  for (let epoch = 1; epoch <= 4; epoch++) {
    const order = loaderOrder(random, count, { shuffle: true });
    for (const range of batches(count, 8)) {
      const n = range.to - range.from;
      const [images, targets] = [new Float32Array(n * 32), new Float32Array(n * 3)];
      gatherViews(source, order, range, flips, epoch, images);
      cachedInput(n, "logits", logits!.shape).fill(targets, {
        order,
        range,
        epoch,
        augment: flips,
        phaseEpoch: 1,
        step: 1,
        random,
        source,
        teacherCache: { logits: logits! },
      });
      for (let i = 0; i < n; i++) {
        const image = order[range.from + i]!;
        const isMirrored = row(images, i, 32).every((value, at) => value === row(other!, image, 32)[at]);
        expect(row(images, i, 32)).toEqual(row(isMirrored ? other! : plain!, image, 32));
        expect(row(targets, i, 3)).toEqual(row(isMirrored ? logits!.mirrored! : logits!.values, image, 3));
        sides.add(`${isMirrored}`);
      }
    }
  }
  expect(sides.size).toBe(2);
});

test("what is kept is what the teacher says of each side, and their mean", async () => {
  const subject = await scene();
  const [plain, other] = [await asked(subject, asIs), await asked(subject, mirrored)];
  const [image, flip, mean] = [await subject.kept("image"), await subject.kept("flip"), await subject.kept("mean")];
  expect(image["logits"]!.mirrored).toBe(undefined);
  expect([image["logits"]!.values, flip["logits"]!.values]).toEqual([plain, plain]);
  expect(flip["logits"]!.mirrored).toEqual(other);
  expect(plain).not.toEqual(other);
  expect(mean["logits"]).toEqual({ shape: [3], values: plain.map((value, i) => (value + other[i]!) / 2) });
});

test.each(["flip", "mean"] as const)(
  "a training by %s under crops and flips goes on to the same bits from any step",
  async (teacherViews) => {
    const whole = await scene();
    const saved: Checkpoint[] = [];
    const checkpoints = { due: () => true, save: async (checkpoint: Checkpoint) => void saved.push(checkpoint) };
    const fixed = async ({ kept }: typeof whole) => ({
      augment: views,
      isTeacherFixed: true,
      teacherCache: await kept(teacherViews),
    });
    const expected = await trained({ ...whole.options, ...(await fixed(whole)), checkpoints });
    for (const at of [0, 2, 5, 7]) {
      const again = await scene();
      const resumed = await trained({
        ...again.options,
        ...(await fixed(again)),
        random: torchRandom(5),
        resume: saved[at]!,
      });
      expect(resumed).toEqual(expected);
    }
    const online = await scene();
    expect((await trained({ ...online.options, augment: views })).values).not.toEqual(expected.values);
  },
);

test("what stands for other views is said to, is no map, and mixed images have none", async () => {
  const refused = (message: RegExp) =>
    expect.objectContaining({ code: "ARGUMENT", message: expect.stringMatching(message) });
  const { options, kept } = await scene();
  const both = await kept("flip");
  await expect(trained({ ...options, augment: views, teacherCache: both })).rejects.toThrow(refused(/isTeacherFixed/));
  await expect(trained({ ...options, augment: flips, teacherCache: await kept("mean") })).rejects.toThrow(
    refused(/isTeacherFixed/),
  );
  const mixed = augment({ flip: {}, mixup: {} });
  await expect(trained({ ...options, augment: mixed, teacherCache: both, isTeacherFixed: true })).rejects.toThrow(
    refused(/mixed/),
  );
  const maps = await scene("fitnet");
  const fixed = { augment: views, isTeacherFixed: true, teacherCache: await maps.kept("flip") };
  await expect(trained({ ...maps.options, ...fixed })).rejects.toThrow(
    refused(/^method fitnet compares .* of the teacher TinyTeacher by place/),
  );
  await expect(maps.kept("mean")).rejects.toThrow(refused(/^method fitnet .* the mean of both sides/));
  await expect(maps.kept("both" as TeacherViews)).rejects.toThrow(refused(/"image" or "flip" or "mean"/));
});
