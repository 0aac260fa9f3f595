/** @file Training, cached teacher outputs and checkpoints through the public functions, on a tiny model. */
import { describe, expect, onTestFinished, test } from "vitest";
import { limit } from "../../src/data/subsets.ts";
import { shapes } from "../../src/data/shapes.ts";
import { findMethod, objective } from "../../src/distill/index.ts";
import type { Engine } from "../../src/engine/contract.ts";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { createModel } from "../../src/models/index.ts";
import { adam } from "../../src/optim/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import type { Checkpoint } from "../../src/train/checkpoint.ts";
import { evaluate } from "../../src/train/evaluate/evaluate.ts";
import { result, type TrainEvent } from "../../src/train/events.ts";
import { learner } from "../../src/distill/learner.ts";
import { trainedParameters } from "../../src/train/states.ts";
import { cacheTeacherOutputs } from "../../src/train/teacher-cache.ts";
import type { TrainOptions } from "../../src/train/options.ts";
import { train } from "../../src/train/train.ts";
import { begin, tinyDataset, tinyModel } from "./tiny.ts";

const dataset = tinyDataset();

/** A fresh student of a fixed teacher; each call makes the same ones. */
async function scene(method: string, open: () => Promise<Engine>) {
  const engine = await open();
  onTestFinished(() => engine.close());
  const teacher = tinyModel({ channels: 8, name: "TinyTeacher" });
  await begin(engine, { model: teacher, auxiliaries: {} }, torchRandom(1));
  const student = learner(tinyModel({ channels: 4 }), objective(findMethod(method)), teacher);
  const random = torchRandom(42);
  await begin(engine, student, random);
  const options = {
    engine,
    learner: student,
    dataset,
    optimiser: adam({ learningRate: 0.03 }),
    epochs: 3,
    batchSize: 8,
    random,
  };
  return { engine, teacher, student, random, options };
}

/** All of a training's events, and the values and the stream it ends with. */
async function run(options: TrainOptions) {
  const events: TrainEvent[] = [];
  for await (const event of train(options)) events.push(event);
  return { events, ...(await ending(options)) };
}

async function ending({ engine, learner, random }: TrainOptions) {
  const parameters = [...trainedParameters(learner)].map(async ([name, { tensor }]) => [
    name,
    await engine.read(tensor),
  ]);
  return { values: Object.fromEntries(await Promise.all(parameters)), random: random.state() };
}

const losses = (events: readonly TrainEvent[]) =>
  events.flatMap((event) => {
    if (event.kind === "validation") return [];
    const { kind, epoch, loss, terms } = event;
    return [{ kind, epoch, loss, terms }];
  });

const engines = {
  reference: { open: async (): Promise<Engine> => referenceEngine(), stops: [1, 2, 3, 4, 8, 9] },
  wasm: { open: (): Promise<Engine> => wasmEngine({ threads: 2 }), stops: [1, 6] },
};
const cases = Object.entries(engines).flatMap(([name, engine]) =>
  ["ce", "kd", "cosine", "regressor"].map((method) => ({ name, method, open: engine.open, stops: engine.stops })),
);

describe.each(cases)("$method on $name", ({ method, open, stops }) => {
  test("training lowers the loss, and steps and epochs add up", async () => {
    const { options, engine, student } = await scene(method, open);
    const { events } = await run({ ...options, epochs: 15 });
    const epochs = events.filter((event) => event.kind === "epoch");
    const steps = events.filter((event) => event.kind === "step");
    expect(epochs.at(-1)!.terms["ce"]).toBeLessThan(0.7 * epochs[0]!.terms["ce"]!);
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 45 }, (_, i) => i + 1));
    for (const { epoch, loss } of epochs) {
      const own = steps.filter((step) => step.epoch === epoch);
      expect(loss).toBe(own.reduce((sum, step) => sum + step.loss, 0) / 3);
    }
    const { weights } = student.objective;
    for (const { loss, terms } of steps) {
      expect(Object.entries(terms).reduce((sum, [name, term]) => sum + Number(weights[name]) * term, 0)).toBeCloseTo(
        loss,
        5,
      );
    }
    const { accuracy, confusion, predictions } = await evaluate({
      engine,
      model: student.model,
      dataset,
      split: dataset.train,
    });
    expect(accuracy).toBeGreaterThan(90);
    expect(confusion.flat().reduce((sum, n) => sum + n)).toBe(22);
    expect(predictions).toHaveLength(22);
  });

  test("cached outputs give the bits of asking the teacher at each step", async () => {
    const online = await scene(method, open);
    const cached = await scene(method, open);
    const asked = { engine: cached.engine, model: cached.teacher, dataset, batchSize: 5 };
    const [teacherCache] = await result(cacheTeacherOutputs(asked, [cached.student]));
    const [a, b] = [await run(online.options), await run({ ...cached.options, teacherCache: teacherCache! })];
    expect(losses(b.events)).toEqual(losses(a.events));
    expect(b.values).toEqual(a.values);
  });

  test("a training stopped after any step goes on to the same bits", async () => {
    const whole = await run((await scene(method, open)).options);
    for (const stop of stops) {
      let saved: Checkpoint | undefined;
      const first = await scene(method, open);
      const abort = new AbortController();
      const events: TrainEvent[] = [];
      const stopped = async () => {
        const checkpoints = { due: () => false, save: async (checkpoint: Checkpoint) => void (saved = checkpoint) };
        for await (const event of train({ ...first.options, checkpoints, signal: abort.signal })) {
          events.push(event);
          if (event.kind === "step" && event.step === stop) abort.abort();
        }
      };
      await expect(stopped()).rejects.toMatchObject({ code: "ABORTED" });
      const second = await scene(method, open);
      const rest = await run({ ...second.options, random: torchRandom(5), resume: saved! });
      expect(losses([...events, ...rest.events])).toEqual(losses(whole.events));
      expect(rest.values).toEqual(whole.values);
      expect(rest.random).toEqual(whole.random);
    }
  });
});

test("the tutorial's own networks on wasm: cached outputs give the bits of asking the teacher", async () => {
  const images = limit(shapes(), 150);
  const trained = async (isCached: boolean) => {
    const engine = await wasmEngine({ threads: 2 });
    onTestFinished(() => engine.close());
    const [teacher, random] = [createModel("DeepNN"), torchRandom(3)];
    await begin(engine, { model: teacher, auxiliaries: {} }, random);
    const student = learner(createModel("LightNN"), objective(findMethod("regressor")), teacher);
    await begin(engine, student, random);
    const asked = { engine, model: teacher, dataset: images, batchSize: 96 };
    const [teacherCache] = isCached ? await result(cacheTeacherOutputs(asked, [student])) : [];
    const options = { engine, learner: student, dataset: images, optimiser: adam(), epochs: 1, random };
    return run({ ...options, ...(teacherCache && { teacherCache }) });
  };
  const [online, cached] = [await trained(false), await trained(true)];
  expect(losses(cached.events)).toEqual(losses(online.events));
  expect(cached.values).toEqual(online.values);
});
