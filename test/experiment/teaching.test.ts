/** @file Pre-training, memories, negatives and ramps: a method that uses them all trains and resumes to the same bits. */
import { describe, expect, onTestFinished, test } from "vitest";
import { objective } from "../../src/distill/index.ts";
import type { Engine } from "../../src/engine/contract.ts";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import type { Model } from "../../src/models/index.ts";
import { sgd } from "../../src/optim/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from "../../src/train/checkpoint.ts";
import type { TrainEvent } from "../../src/train/events.ts";
import { everyState } from "../../src/train/states.ts";
import { learner } from "../../src/distill/learner.ts";
import { result } from "../../src/train/events.ts";
import { cacheTeacherOutputs } from "../../src/train/teacher-cache.ts";
import type { TrainOptions } from "../../src/train/options.ts";
import { train } from "../../src/train/train.ts";
import { everything } from "./everything.ts";
import { begin, tinyDataset, tinyModel } from "./tiny.ts";

const dataset = tinyDataset();
const images = dataset.train.count;
const engines: Readonly<Record<string, () => Promise<Engine>>> = {
  reference: async () => referenceEngine(),
  wasm: () => wasmEngine({ threads: 2 }),
};

async function scene(open: () => Promise<Engine>) {
  const engine = await open();
  onTestFinished(() => engine.close());
  const teacher = tinyModel({ channels: 8, name: "TinyTeacher", norm: true });
  await begin(engine, { model: teacher, auxiliaries: {} }, torchRandom(1));
  const student = learner(tinyModel({ channels: 4, norm: true }), objective(everything), teacher, { images });
  const random = torchRandom(42);
  await begin(engine, student, random);
  const options = {
    engine,
    learner: student,
    dataset,
    optimiser: sgd({ learningRate: 0.1 }),
    epochs: 3,
    batchSize: 8,
    random,
  };
  return { engine, teacher, student, options };
}

async function values(engine: Engine, student: TrainOptions["learner"]): Promise<Record<string, number[]>> {
  const { parameters, buffers } = everyState(student);
  const read = [...parameters, ...buffers].map(async ([name, { tensor }]) => [name, [...(await engine.read(tensor))]]);
  return Object.fromEntries(await Promise.all(read));
}

async function run(options: TrainOptions) {
  const events: TrainEvent[] = [];
  const work = train(options);
  for (let next = await work.next(); ; next = await work.next()) {
    if (next.done) return { events, epochs: next.value, values: await values(options.engine, options.learner) };
    events.push(next.value);
  }
}

const told = (events: readonly TrainEvent[]) =>
  events.flatMap((event) => {
    if (event.kind === "validation") return [];
    const { kind, phase, epoch, terms } = event;
    return [{ kind, phase, epoch, terms }];
  });

describe.each(Object.entries(engines))("%s", (_, open) => {
  test("the pre-training trains its module alone, the training proper all others", async () => {
    const { options, engine, student } = await scene(open);
    const before = await values(engine, student);
    const after: Record<string, number[]>[] = [];
    const steps: TrainEvent[] = [];
    for await (const event of train(options)) {
      if (event.kind === "epoch") after.push(await values(engine, student));
      else steps.push(event);
    }
    expect(steps.map((event) => event.kind === "step" && [event.step, event.steps, event.phase, event.epoch])).toEqual(
      Array.from({ length: 15 }, (_, i) => [
        i + 1,
        15,
        i < 6 ? "connect" : undefined,
        1 + Math.floor((i < 6 ? i : i - 6) / 3),
      ]),
    );
    const changed = (a: Record<string, number[]>, b: Record<string, number[]>) =>
      Object.keys(a).filter((name) => a[name]!.some((value, i) => value !== b[name]![i]));
    expect(changed(before, after[1]!)).toEqual(["connector.0.weight", "connector.0.bias"]);
    const later = changed(after[1]!, after[4]!);
    expect(later.filter((name) => name.startsWith("connector"))).toEqual([]);
    for (const name of [
      "features.0.weight",
      "features.1.running_mean",
      "classifier.3.bias",
      "head.0.weight",
      "memory.centre",
    ])
      expect(later).toContain(name);
  });

  test("a ramp weighs each epoch's loss", async () => {
    const { events } = await run((await scene(open)).options);
    const proper = events.filter((event) => event.kind === "step").filter(({ phase }) => phase === undefined);
    for (const { epoch, loss, terms } of proper) {
      const { connected, taught, through, remembered, head, ce } = terms as Record<string, number>;
      expect(loss).toBeCloseTo(
        0.1 * connected! + (0.5 * epoch * taught!) / 4 + through! + remembered! + head! + ce!,
        4,
      );
    }
  });

  test("cached outputs give the bits of asking the teacher, and stopped after any step it goes on to the same bits", async () => {
    const whole = await run((await scene(open)).options);
    const cached = await scene(open);
    const [teacherCache] = await result(
      cacheTeacherOutputs({ engine: cached.engine, model: cached.teacher, dataset }, [cached.student]),
    );
    expect((await run({ ...cached.options, teacherCache: teacherCache! })).values).toEqual(whole.values);
    for (const stop of [2, 3, 5, 6, 7, 12, 15]) {
      const first = await scene(open);
      const abort = new AbortController();
      const events: TrainEvent[] = [];
      let saved: Checkpoint | undefined;
      const checkpoints = { due: () => false, save: async (checkpoint: Checkpoint) => void (saved = checkpoint) };
      const stopped = async () => {
        for await (const event of train({ ...first.options, checkpoints, signal: abort.signal })) {
          events.push(event);
          if (event.kind === "step" && event.step === stop) abort.abort();
        }
      };
      await expect(stopped()).rejects.toMatchObject({ code: "ABORTED" });
      const resume = await decodeCheckpoint(await encodeCheckpoint(saved!));
      const second = await scene(open);
      const rest = await run({ ...second.options, random: torchRandom(5), resume });
      expect(told([...events, ...rest.events]), `stopped after ${stop}`).toEqual(told(whole.events));
      expect(rest.values).toEqual(whole.values);
      expect(rest.epochs.map(({ phase, epoch }) => [phase, epoch])).toEqual(
        whole.epochs.map(({ phase, epoch }) => [phase, epoch]),
      );
    }
  });
});

test("what a method was not told or given is said", async () => {
  const [student, teacher] = [tinyModel({ channels: 4 }), tinyModel({ channels: 8 })];
  expect(() => learner(student, objective(everything), teacher)).toThrow(
    /give learner\(.*images: dataset\.train\.count/,
  );
  const named = tinyModel({ channels: 4 });
  const { children, forward } = named.module;
  const others = <Child>(all: Readonly<Record<string, Child>>) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => name !== "memory"));
  const clash: Model = {
    ...named,
    module: {
      children: { ...children, memory: named.module },
      forward: (x, all, scope) => forward(x, others(all), scope),
    },
  };
  expect(() => learner(clash, objective(everything), teacher, { images })).toThrow(/named memory/);
  const { options } = await scene(engines["reference"]!);
  const other = learner(student, objective(everything), teacher, { images: 7 });
  await expect(result(train({ ...options, learner: other }))).rejects.toMatchObject({
    code: "ARGUMENT",
    message: expect.stringMatching(/made for 7 training images, but the data set has 22/),
  });
  const greedy = { ...everything, needs: () => ({}) };
  const unasked = learner(student, objective(greedy), teacher, { images });
  await expect(result(train({ ...options, learner: unasked }))).rejects.toThrow(/from needs\(\)/);
});
