/** @file Training in few lines: what it means in the long form, and what it refuses. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import {
  createModel,
  createTrainer,
  loadDataset,
  loadModel,
  methods,
  models,
  shapes,
  wasmEngine,
  type Engine,
  type Model,
  type Trainer,
  type TrainerOptions,
} from "../../src/entries/index.ts";
import { forwarding } from "../../src/engine/forwarding.ts";
import { openExperiment } from "../../src/entries/node.ts";
import { torchRandom } from "../../src/entries/nn.ts";
import * as nn from "../../src/entries/nn.ts";
import { objectiveNamed } from "../../src/entries/methods.ts";
import { adam, learner, result, sgd, train, type EpochEvent } from "../../src/entries/training.ts";

const dataset = shapes({ train: 96, test: 60 });
const engine = await wasmEngine({ threads: 1 });
afterAll(() => engine.close());

const open = (options: Partial<TrainerOptions> = {}): Promise<Trainer> =>
  createTrainer({ dataset, engine, epochs: 1, batchSize: 32, ...options });

async function valuesOf({ module }: Model, from: Engine = engine): Promise<Record<string, Float32Array>> {
  const states = [...nn.namedStates(module)];
  return Object.fromEntries(await Promise.all(states.map(async ([path, state]) => [path, await from.read(state)])));
}

describe("a trainer does what the long form does, to the bit:", () => {
  test("with a network and a method of one's own", async () => {
    const trainer = await open();
    const teacher = await trainer.train("resnet8");
    const model = createModel({ name: "mine", create: models.LightNN.create });
    const distilled = await trainer.distill(model, { teacher, method: { ...methods.kd, name: "own" }, force: true });
    expect(distilled.name).toBe("mine");
    expect(distilled.architecture).toBeUndefined();
    expect(await valuesOf(distilled)).toEqual(await valuesOf(await longForm("kd", teacher)));
  });

  async function longForm(method: string, teacher?: Model): Promise<Model> {
    const [model, random] = [createModel("LightNN"), torchRandom(42)];
    const taught = learner(model, objectiveNamed(method), teacher, { images: dataset.train.count });
    const drawn = nn.initialise(taught.model.module, random, Object.values(taught.auxiliaries));
    for (const [tensor, values] of drawn) await engine.write(tensor, values);
    await result(train({ engine, learner: taught, dataset, optimiser: adam(), epochs: 1, batchSize: 32, random }));
    return taught.model;
  }

  test("on the labels", async () => {
    const trainer = await open();
    expect(await valuesOf(await trainer.train("LightNN"))).toEqual(await valuesOf(await longForm("ce")));
    expect(await valuesOf(await trainer.train(createModel("LightNN")))).toEqual(await valuesOf(await longForm("ce")));
  });

  test.each(["kd", "regressor", "crd", "simkd"])("with a teacher, by %s", async (method) => {
    const trainer = await open();
    const teacher = await trainer.train("resnet8");
    const distilled = await trainer.distill("LightNN", { teacher, method, force: true });
    expect(await valuesOf(distilled)).toEqual(await valuesOf(await longForm(method, teacher)));
  });

  test("by options and presets of the method", async () => {
    const trainer = await open();
    const teacher = await trainer.train("LightNN");
    const by = async (settings: object): Promise<unknown> =>
      valuesOf(await trainer.distill("LightNN", { teacher, force: true, ...settings }));
    expect(await by({ preset: "cifar" })).toEqual(
      await by({ options: { temperature: 4, kdWeight: 0.9, ceWeight: 0.1 } }),
    );
    expect(await by({ options: { temperature: 4 } })).not.toEqual(await by({}));
  });
});

test("a trainer's network is that of an experiment, its file to the byte: kd, and int8 with ranges", async () => {
  const folder = await mkdtemp(join(tmpdir(), "limbeck-trainer-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const small = { epochs: 2, batchSize: 32, quantize: "int8", quantizeEpochs: 1, seed: 7 } as const;
  const data = await loadDataset("shapes", { limit: 96 });
  const trainer = await createTrainer({ dataset: data, engine, ...small });
  const teacher = await trainer.train("LightNN");
  const student = await trainer.distill("resnet8", { teacher, force: true });

  const run = async (experiment: { run(): AsyncGenerator<unknown, unknown>; close(): Promise<void> }) => {
    await result(experiment.run());
    await experiment.close();
  };
  const common = { ...small, dataset: "shapes", limit: 96, engine: "wasm", threads: 1, latency: false } as const;
  await run(await openExperiment("train", { ...common, model: "LightNN" }, { out: join(folder, "teacher") }));
  const weights = join(folder, "teacher/model/model.safetensors");
  expect(await trainer.save(teacher)).toEqual(new Uint8Array(await readFile(weights)));
  const taught = { ...common, student: "resnet8", teacher: [weights], baseline: false, force: true };
  await run(await openExperiment("distill", taught, { out: join(folder, "student") }));
  expect(await trainer.save(student)).toEqual(
    new Uint8Array(await readFile(join(folder, "student/student/model.safetensors"))),
  );
});

test("settings of a run go before the trainer's", async () => {
  const trainer = await open({ seed: 1, learningRate: 0.01 });
  const other = await open({ seed: 2, learningRate: 0.02 });
  const overridden = await trainer.train("LightNN", { seed: 2, learningRate: 0.02 });
  expect(await valuesOf(overridden)).toEqual(await valuesOf(await other.train("LightNN")));
  expect(await valuesOf(await trainer.train("LightNN"))).not.toEqual(await valuesOf(overridden));
});

test("a network with batch norm is saved by one call, loaded by one call, and is as good as before", async () => {
  const trainer = await open({ epochs: 2 });
  const model = await trainer.train("resnet8");
  const before = await trainer.evaluate(model);
  const bytes = await trainer.save(model);
  const another = await wasmEngine({ threads: 1 });
  onTestFinished(() => another.close());
  const loaded = await loadModel(bytes, another);
  expect(loaded.description?.classNames).toEqual(dataset.classes);
  expect(loaded.description?.made).toMatchObject({ method: "ce", epochs: 2, seed: 42 });
  expect(await valuesOf(loaded, another)).toEqual(await valuesOf(model));
  const elsewhere = await createTrainer({ dataset, engine: another });
  expect(await elsewhere.evaluate(loaded)).toEqual(before);
});

test("several teachers teach together, by the mean of their logits", async () => {
  const trainer = await open();
  const teachers = [await trainer.train("LightNN"), await trainer.train("LightNN", { seed: 7 })];
  const by = async (teacher: Model | readonly Model[]) =>
    valuesOf(await trainer.distill("LightNN", { teacher, force: true }));
  expect(await by(teachers)).not.toEqual(await by(teachers[0]!));
  expect(await by([teachers[0]!])).toEqual(await by(teachers[0]!));
});

test("every epoch is told, with the accuracy on images that were held out", async () => {
  const epochs: [string, EpochEvent][] = [];
  const trainer = await open({
    epochs: 2,
    validation: 20,
    onEvent: (event, { name }) => void (event.kind === "epoch" && epochs.push([name, event])),
  });
  expect([trainer.dataset.train.count, trainer.dataset.validation?.count]).toEqual([76, 20]);
  await trainer.train("LightNN");
  expect(epochs.map(([name, { epoch }]) => [name, epoch])).toEqual([
    ["LightNN", 1],
    ["LightNN", 2],
  ]);
  for (const [, { validationAccuracy }] of epochs) expect(validationAccuracy).toBeGreaterThanOrEqual(0);
});

test("the best epoch is kept where images are held out, and refused where none are", async () => {
  const trainer = await open({ dataset: shapes({ train: 60, test: 20 }), validation: 20, keep: "best" });
  expect(await trainer.train("LightNN")).toMatchObject({ name: "LightNN" });
  await expect(open({ dataset: shapes({ train: 60, test: 20 }), keep: "best" })).rejects.toMatchObject({
    code: "CONFIG",
    message: expect.stringContaining("keep: the best epoch is chosen on validation images"),
  });
});

test("what is trained beside a student is freed, what it ships is not", async () => {
  const freed: unknown[] = [];
  const watched: Engine = {
    ...forwarding(engine),
    free: (states) => {
      const list = [...states];
      freed.push(...list);
      return engine.free(list);
    },
  };
  const trainer = await open({ engine: watched });
  const teacher = await trainer.train("resnet8");
  const student = await trainer.distill("LightNN", { teacher, method: "regressor", force: true });
  expect(freed.length).toBeGreaterThan(0);
  for (const state of nn.namedStates(student.module).values()) expect(freed).not.toContain(state);
});

describe("it refuses", () => {
  test("a teacher that only guesses, unless forced", async () => {
    const trainer = await open();
    const guesser = await trainer.train("LightNN", { learningRate: 1e-9 });
    const distilling = trainer.distill("LightNN", { teacher: guesser });
    await expect(distilling).rejects.toMatchObject({ code: "WEIGHTS", message: expect.stringContaining("guessing") });
    await trainer.distill("LightNN", { teacher: guesser, force: true });
  });

  test("a teacher without values, and one that is its own student", async () => {
    const trainer = await open();
    const teacher = createModel("DeepNN");
    await expect(trainer.distill("LightNN", { teacher })).rejects.toMatchObject({ code: "WEIGHTS" });
    const trained = await trainer.train("LightNN");
    const before = await valuesOf(trained);
    for (const itself of [trained, [trained, trained]]) {
      await expect(trainer.distill(trained, { teacher: itself, force: true })).rejects.toMatchObject({
        code: "ARGUMENT",
        message: expect.stringContaining("learn from itself"),
      });
    }
    expect(await valuesOf(trained)).toEqual(before);
  });

  test("settings that it does not know, all at once, before anything is trained", async () => {
    const wrong = { epohcs: 3, learningRate: -1 } as object;
    const problems = {
      code: "CONFIG",
      message: expect.stringMatching(/epohcs.*epochs[\s\S]*learningRate|learningRate[\s\S]*epohcs.*epochs/),
    };
    await expect(open(wrong)).rejects.toMatchObject(problems);
    const trainer = await open();
    await expect(trainer.train("LightNN", wrong)).rejects.toMatchObject(problems);
    await expect(trainer.train("LightNN", { method: "kd" })).rejects.toMatchObject({ code: "ARGUMENT" });
    await expect(trainer.train("LihgtNN")).rejects.toMatchObject({ code: "UNKNOWN_NAME" });
    const teacher = await trainer.train("LightNN");
    await expect(trainer.distill("LightNN", { teacher, method: "tfkd" })).rejects.toMatchObject({ code: "ARGUMENT" });
    // @ts-expect-error no teacher
    await expect(trainer.distill("LightNN", {})).rejects.toMatchObject({ code: "ARGUMENT" });
    // @ts-expect-error an optimiser is named; the long form takes one that is made
    await expect(trainer.train("LightNN", { optimiser: sgd({ learningRate: 1 }) })).rejects.toMatchObject({
      code: "CONFIG",
    });
  });
});

test("an abort stops it after the steps under way", async () => {
  const controller = new AbortController();
  let steps = 0;
  const trainer = await open({
    epochs: 5,
    signal: controller.signal,
    onEvent: ({ kind }) => {
      if (kind === "step" && ++steps === 2) controller.abort();
    },
  });
  await expect(trainer.train("LightNN")).rejects.toMatchObject({ code: "ABORTED" });
  expect(steps).toBe(3);
});

test("a listener's promise is waited for: a step is over before the next begins", async () => {
  const told: string[] = [];
  const trainer = await open({
    onEvent: async (event) => {
      if (event.kind !== "step") return;
      told.push(`begin ${event.step}`);
      await new Promise((settle) => setTimeout(settle, 20));
      told.push(`end ${event.step}`);
    },
  });
  await trainer.train("LightNN");
  expect(told).toEqual([1, 2, 3].flatMap((step) => [`begin ${step}`, `end ${step}`]));
});

test("an engine is started by its name, and closed with the trainer", async () => {
  const trainer = await createTrainer({ dataset, engine: "reference" });
  expect(trainer.engine.name).toBe("reference");
  await trainer.close();
  await expect(trainer.train("LightNN")).rejects.toMatchObject({ code: "ENGINE" });
  const wrong = { dataset, engine: "wsm" as "wasm" };
  await expect(createTrainer(wrong)).rejects.toMatchObject({ code: "UNKNOWN_NAME" });
  await expect(createTrainer({ dataset, engine: 3 as never })).rejects.toMatchObject({
    code: "ARGUMENT",
    message: expect.stringContaining("an engine, or the name of one: auto, wasm"),
  });
});

test("closing leaves an engine alone that was given, and closes its own", async () => {
  const given = await open();
  await given.close();
  await given.train("LightNN");
  const own = await createTrainer({ dataset });
  await own.close();
  await expect(own.train("LightNN")).rejects.toMatchObject({ code: "ENGINE" });
});
