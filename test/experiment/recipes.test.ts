/** @file Trainings by recipes, through the public functions, on a tiny model: views, mixed images, averages, validation, momentum apart. */
import { describe, expect, onTestFinished, test } from "vitest";
import { augmentOptions } from "../../src/data/augment-options.ts";
import { gatherViews } from "../../src/data/augment.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { normaliser } from "../../src/data/loader.ts";
import { batchMixing, mix } from "../../src/data/mixup.ts";
import { crossEntropy, findMethod, objective } from "../../src/distill/index.ts";
import type { Engine } from "../../src/engine/contract.ts";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { namedBuffers, namedParameters } from "../../src/nn/index.ts";
import { adam, clipped, createScheduled, schedule, sgd, warmedUp } from "../../src/optim/index.ts";
import { loaderOrder, torchRandom } from "../../src/random/index.ts";
import { input } from "../../src/tensor/index.ts";
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from "../../src/train/checkpoint.ts";
import { evaluate } from "../../src/train/evaluate/evaluate.ts";
import type { TrainEvent } from "../../src/train/events.ts";
import { learner } from "../../src/distill/learner.ts";
import { observe } from "../../src/distill/observe.ts";
import { result } from "../../src/train/events.ts";
import { cacheTeacherOutputs } from "../../src/train/teacher-cache.ts";
import type { TrainOptions } from "../../src/train/options.ts";
import { train } from "../../src/train/train.ts";
import { begin, tinyDataset, tinyModel } from "./tiny.ts";

const dataset: Dataset = { ...tinyDataset(), validation: tinyDataset({ train: 9, seed: 8 }).train };
const engines = {
  reference: async (): Promise<Engine> => referenceEngine(),
  wasm: (): Promise<Engine> => wasmEngine({ threads: 2 }),
};
const views = { ...augmentOptions.parse({ crop: { padding: 1 }, flip: {}, cutout: { size: 2 }, mixup: {} }), seed: 3 };

const features = [
  { output: "features", preActivation: "features" },
  { output: "classifier.1", preActivation: "classifier.0" },
];

/** A fresh student of a fixed teacher; each call makes the same ones. */
async function scene(open: () => Promise<Engine> = engines.reference, method = "kd") {
  const engine = await open();
  onTestFinished(() => engine.close());
  const teacher = { ...tinyModel({ channels: 8, name: "TinyTeacher" }), features };
  await begin(engine, { model: teacher, auxiliaries: {} }, torchRandom(1));
  const images = { images: dataset.train.count };
  const student = learner(
    { ...tinyModel({ channels: 4, norm: true }), features },
    objective(findMethod(method)),
    teacher,
    images,
  );
  const random = torchRandom(42);
  await begin(engine, student, random);
  const options = {
    engine,
    learner: student,
    dataset,
    random,
    batchSize: 8,
    epochs: 3,
    optimiser: sgd({ learningRate: 0.1 }),
  };
  return { engine, teacher, student, options };
}

async function run(options: TrainOptions) {
  const events: TrainEvent[] = [];
  for await (const event of train(options)) events.push(event);
  return { events, ...(await ending(options)) };
}

/** What a training leaves: the model's values, and the stream. */
async function ending({ engine, learner: { model }, random }: TrainOptions) {
  const states = [...namedParameters(model.module), ...namedBuffers(model.module)];
  const values = states.map(async ([name, { tensor }]) => [name, [...(await engine.read(tensor))]] as const);
  return { values: Object.fromEntries(await Promise.all(values)), random: random.state() };
}

const losses = (events: readonly TrainEvent[]): unknown[] =>
  events.flatMap((event): unknown[] => {
    if (event.kind === "step") return [event.loss];
    return event.kind === "epoch" ? [[event.loss, event.validationAccuracy]] : [];
  });

const oneCycle = warmedUp(schedule("one-cycle", 0.05, { steps: 7, stepsPerEpoch: 3 }), 2);
const everything = {
  augment: views,
  emaDecay: 0.7,
  keep: "best" as const,
  optimiser: clipped(createScheduled("adamw", { weightDecay: 0.1 }, oneCycle), 0.5),
};

describe.each(Object.entries(engines))("%s", (_, open) => {
  test("a training by all of it, stopped after any step or amid a validation, goes on to the same bits", async () => {
    const whole = await run({ ...(await scene(open)).options, ...everything });
    const count = whole.events.filter(({ kind }) => kind !== "epoch").length;
    for (let stop = 1; stop <= count; stop++) {
      let saved: Uint8Array | undefined;
      const { options } = await scene(open);
      const abort = new AbortController();
      const checkpoints = {
        due: () => false,
        save: async (checkpoint: Checkpoint) => void (saved = await encodeCheckpoint(checkpoint)),
      };
      const events: TrainEvent[] = [];
      const stopped = async () => {
        let seen = 0;
        for await (const event of train({ ...options, ...everything, checkpoints, signal: abort.signal })) {
          events.push(event);
          if (event.kind !== "epoch" && ++seen === stop) abort.abort();
        }
      };
      await expect(stopped()).rejects.toMatchObject({ code: "ABORTED" });
      const again = { ...(await scene(open)).options, ...everything, random: torchRandom(9) };
      const rest = await run({ ...again, resume: await decodeCheckpoint(saved!) });
      expect(losses([...events, ...rest.events]), `stop ${stop}`).toEqual(losses(whole.events));
      expect(rest.values).toEqual(whole.values);
      expect(rest.random).toEqual(whole.random);
    }
  }, 120_000);

  test.each(["mixup", "cutmix"])(
    "%s: mixed images have the share's mean of both labels' losses; what labels do not touch is as it was",
    async (name) => {
      const { engine, student, teacher, options } = await scene(open);
      const augment = { [name]: { alpha: 1 }, seed: 5 };
      const events = train({ ...options, augment });
      const n = 8;
      const order = loaderOrder(torchRandomAt(options.random.state()), dataset.train.count, { shuffle: true });
      const mixing = batchMixing(augment, 1, 0, n, { width: 4, height: 4 })!;
      const { share, partners } = mixing;
      const images = new Float32Array(n * 32);
      const table = normaliser(dataset);
      gatherViews({ split: dataset.train, shape: dataset.shape, table }, order, { from: 0, to: n }, augment, 1, images);
      mix(images, mixing, 32, new Float32Array(n * 32));
      const x = input("images", [n, 2, 4, 4]);
      const [own, others] = [input("own", [n], "int32"), input("others", [n], "int32")];
      // The mask that the step will draw, of its dropout, taken as it draws it.
      const { pass, logits } = observe(student.model, x, true);
      const masks = pass.masks.map((mask) => ({ ...mask, values: new Float32Array(mask.input.size) }));
      const stream = torchRandomAt(options.random.state());
      loaderOrder(stream, dataset.train.count, { shuffle: true });
      for (const { values, keep } of masks) stream.bernoulli(values, keep);
      const outputs = {
        own: crossEntropy(logits, own),
        others: crossEntropy(logits, others),
        teacher: observe(teacher, x, false).logits,
      };
      const program = await engine.compile({ outputs, updates: [] });
      const labels = Int32Array.from({ length: n }, (_, i) => dataset.train.labels[order[i]!]!);
      const computed = await program.run({
        images,
        own: labels,
        others: Int32Array.from(partners, (partner) => labels[partner]!),
        ...Object.fromEntries(masks.map(({ input, values }) => [input.attributes.name, values])),
      });
      const first = await events.next();
      await events.return([]);
      const event = first.value as Extract<TrainEvent, { kind: "step" }>;
      const wanted = share * computed["own"]![0]! + (1 - share) * computed["others"]![0]!;
      expect(event.terms["ce"]).toBeCloseTo(wanted, 5);
      expect(computed["own"]![0]).not.toBeCloseTo(computed["others"]![0]!, 3);
    },
  );

  test("momentum that is hardly apart is plain momentum; far apart it is another", async () => {
    const by = async (momentumGap: number) => {
      const optimiser = sgd({ learningRate: 0.05, momentum: 0.9, weightDecay: 0.01, momentumGap });
      return run({ ...(await scene(open)).options, optimiser });
    };
    const [plain, near, far] = [await by(0), await by(1e-12), await by(0.09)];
    const flat = ({ values }: { values: Readonly<Record<string, readonly number[]>> }) => Object.values(values).flat();
    for (const [i, value] of flat(near).entries()) expect(Math.abs(value - flat(plain)[i]!)).toBeLessThan(2e-5);
    expect(Math.max(...flat(far).map((value, i) => Math.abs(value - flat(plain)[i]!)))).toBeGreaterThan(1e-3);
  });
});

test("averages are those of the values after each step, buffers too, and are left in the engine", async () => {
  const states: Checkpoint[] = [];
  const { options } = await scene();
  const checkpoints = { due: () => true, save: async (checkpoint: Checkpoint) => void states.push(checkpoint) };
  const { values } = await run({ ...options, emaDecay: 0.8, checkpoints });
  expect(states).toHaveLength(9);
  for (const kind of ["parameter", "buffer"]) {
    const names = [...states[0]!.states.keys()].filter((name) => name.startsWith(`${kind} `));
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      let average = [...states[0]!.states.get(name)!.values];
      for (const { states: after } of states.slice(1)) {
        average = average.map((value, i) => 0.8 * value + 0.2 * after.get(name)!.values[i]!);
      }
      for (const [i, value] of values[name.slice(kind.length + 1)]!.entries())
        expect(value).toBeCloseTo(average[i]!, 5);
    }
  }
  const plain = await run((await scene()).options);
  expect(plain.values).not.toEqual(values);
  const last = states.at(-1)!.states;
  for (const [name, value] of Object.entries(plain.values)) {
    expect([...(last.get(`parameter ${name}`) ?? last.get(`buffer ${name}`))!.values]).toEqual(value);
  }
});

test("validation changes nothing but what is known: the same bits without", async () => {
  const { validation: _, ...without } = dataset;
  const [with_, plain] = [
    await run((await scene()).options),
    await run({ ...(await scene()).options, dataset: without }),
  ];
  expect(with_.values).toEqual(plain.values);
  expect(with_.random).toEqual(plain.random);
  expect(with_.events.some(({ kind }) => kind === "validation")).toBe(true);
  expect(plain.events.some(({ kind }) => kind === "validation")).toBe(false);
});

test("the best epoch's weights are kept, those of the first among equals", async () => {
  const saved: Checkpoint[] = [];
  const { options, engine, student } = await scene();
  const checkpoints = {
    due: ({ kind }: { readonly kind: string }) => kind === "epoch",
    save: async (checkpoint: Checkpoint) => void saved.push(checkpoint),
  };
  // So long a step that the last epoch is not the best.
  const { events, values } = await run({
    ...options,
    epochs: 8,
    keep: "best",
    optimiser: adam({ learningRate: 0.3 }),
    checkpoints,
  });
  const accuracies = events.filter((event) => event.kind === "epoch").map((event) => event.validationAccuracy!);
  const best = accuracies.indexOf(Math.max(...accuracies));
  expect(best).toBeLessThan(7);
  const after = saved[best]!.states;
  for (const [name, kept] of Object.entries(values)) {
    expect([...(after.get(`parameter ${name}`) ?? after.get(`buffer ${name}`))!.values]).toEqual(kept);
  }
  const { accuracy } = await evaluate({ engine, model: student.model, dataset, split: dataset.validation! });
  expect(accuracy).toBe(accuracies[best]);
});

test("the best cannot be kept without validation images", async () => {
  const { validation: _, ...without } = dataset;
  const options = { ...(await scene()).options, dataset: without, keep: "best" as const };
  await expect(run(options)).rejects.toMatchObject({ code: "ARGUMENT", message: expect.stringContaining("holdOut") });
});

test("cached outputs of a teacher do not go with views, which it has to see itself", async () => {
  const { options, engine, teacher, student } = await scene();
  const [teacherCache] = await result(cacheTeacherOutputs({ engine, model: teacher, dataset }, [student]));
  await expect(run({ ...options, teacherCache: teacherCache!, augment: views })).rejects.toMatchObject({
    code: "ARGUMENT",
  });
});

test("a method that tells images apart cannot learn from mixed ones, and says so", async () => {
  const { options } = await scene(engines.reference, "crd");
  const message = expect.stringMatching(/method crd .* mixed images.*leave mixup out/);
  await expect(run({ ...options, augment: views })).rejects.toMatchObject({ code: "ARGUMENT", message });
  const { mixup: _, ...unmixed } = views;
  expect((await run({ ...(await scene(engines.reference, "crd")).options, augment: unmixed })).events).not.toHaveLength(
    0,
  );
});

/** A stream that stands there. */
function torchRandomAt(state: Checkpoint["random"]["now"]) {
  const random = torchRandom(0);
  random.restore(state);
  return random;
}
