/** @file Steps in flight: a step is begun while the one before is under way, and nobody can tell by what is trained. */
import { describe, expect, onTestFinished, test } from "vitest";
import { findMethod, objective } from "../../src/distill/index.ts";
import type { Engine, Outputs } from "../../src/engine/contract.ts";
import { forwarding } from "../../src/engine/forwarding.ts";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { namedStates } from "../../src/nn/index.ts";
import { adam } from "../../src/optim/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import type { Checkpoint } from "../../src/train/checkpoint.ts";
import type { TrainEvent } from "../../src/train/events.ts";
import { learner } from "../../src/distill/learner.ts";
import type { TrainOptions } from "../../src/train/options.ts";
import { train } from "../../src/train/train.ts";
import { begin, tinyDataset, tinyModel } from "./tiny.ts";

const dataset = tinyDataset({ train: 40 });

/** A training of 5 steps an epoch on an engine whose runs are counted; `failing` of them fails once it is done. */
async function scene(open: () => Promise<Engine>, failing = 0) {
  const engine = await open();
  onTestFinished(() => engine.close());
  const student = learner(tinyModel({ norm: true }), objective(findMethod("ce")));
  const random = torchRandom(42);
  await begin(engine, student, random);
  const counted = { begun: 0, ended: 0, most: 0 };
  const watched: Engine = {
    ...forwarding(engine),
    async compile(graph) {
      const program = await engine.compile(graph);
      return {
        close: () => program.close(),
        async run(inputs): Promise<Outputs> {
          const step = ++counted.begun;
          counted.most = Math.max(counted.most, counted.begun - counted.ended);
          const outputs = await program.run(inputs);
          counted.ended += 1;
          if (step === failing) throw new Error("the device is gone");
          return outputs;
        },
      };
    },
  };
  const options: TrainOptions = {
    engine: watched,
    learner: student,
    dataset,
    optimiser: adam({ learningRate: 0.03 }),
    epochs: 2,
    batchSize: 8,
    random,
    emaDecay: 0.9,
  };
  const values = async () =>
    Promise.all(Array.from(namedStates(student.model.module).values(), (state) => engine.read(state)));
  return { options, counted, values };
}

const told = (events: readonly TrainEvent[]) =>
  events.map((event) => (event.kind === "epoch" ? { ...event, seconds: 0 } : event));

describe.each([
  { name: "reference", open: async (): Promise<Engine> => referenceEngine() },
  { name: "wasm", open: (): Promise<Engine> => wasmEngine({ threads: 2 }) },
])("on $name", ({ open }) => {
  test("two steps are under way at a time, none at an epoch's end and where it is saved, to the bits of one at a time", async () => {
    const { options, counted, values } = await scene(open);
    const events: TrainEvent[] = [];
    const underWay: number[] = [];
    for await (const event of train(options)) {
      events.push(event);
      underWay.push(counted.begun - events.filter(({ kind }) => kind === "step").length);
    }
    expect(counted.most).toBe(2);
    expect(underWay).toEqual([1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0]);

    const slow = await scene(open);
    const saved: Checkpoint[] = [];
    const checkpoints = { due: () => true, save: async (checkpoint: Checkpoint) => void saved.push(checkpoint) };
    const slowly: TrainEvent[] = [];
    for await (const event of train({ ...slow.options, checkpoints })) slowly.push(event);
    expect(slow.counted.most).toBe(1);
    expect(saved.map(({ meter }) => meter.batches)).toEqual([1, 2, 3, 4, 0, 1, 2, 3, 4, 0]);
    expect(told(events)).toEqual(told(slowly));
    expect(await values()).toEqual(await slow.values());
  });

  test("asked to stop, it tells and saves the step that was begun, and begins no other", async () => {
    const { options, counted } = await scene(open);
    const stop = new AbortController();
    const saved: Checkpoint[] = [];
    const checkpoints = { due: () => false, save: async (checkpoint: Checkpoint) => void saved.push(checkpoint) };
    const steps: number[] = [];
    const training = async () => {
      for await (const event of train({ ...options, checkpoints, signal: stop.signal })) {
        if (event.kind === "step") steps.push(event.step);
        if (steps.length === 2) stop.abort();
      }
    };
    await expect(training()).rejects.toMatchObject({
      code: "ABORTED",
      message: expect.stringContaining("; 3 of 10 steps were done"),
    });
    expect(steps).toEqual([1, 2, 3]);
    expect(counted.begun).toBe(3);
    expect(saved.map(({ meter }) => meter.batches)).toEqual([3]);
  });

  test("an error in the middle comes after the steps before it, and those after it are not told", async () => {
    const { options, counted } = await scene(open, 3);
    const steps: number[] = [];
    const training = async () => {
      for await (const event of train(options)) if (event.kind === "step") steps.push(event.step);
    };
    await expect(training()).rejects.toThrow("the device is gone");
    expect(steps).toEqual([1, 2]);
    expect(counted).toMatchObject({ begun: 4, ended: 4 });
  });

  test("a picture that is gone when its batch is gathered is told after the steps before it", async () => {
    const { options } = await scene(open);
    const steps: number[] = [];
    // When the second step is told, the third is under way.
    const image = (i: number): Uint8Array => {
      if (steps.length === 2) throw new Error(`picture ${i} is gone`);
      return dataset.train.image(i);
    };
    const training = async () => {
      const work = train({ ...options, dataset: { ...dataset, train: { ...dataset.train, image } } });
      for await (const event of work) if (event.kind === "step") steps.push(event.step);
    };
    await expect(training()).rejects.toThrow(/picture \d+ is gone/);
    expect(steps).toEqual([1, 2, 3]);
  });
});
