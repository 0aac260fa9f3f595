/** @file What pre-training changes and how fast: the parameters that their losses reach, at one learning rate. */
import { expect, onTestFinished, test } from "vitest";
import { shapes } from "../../src/data/shapes.ts";
import { findMethod, objective, objectiveNamed, type AnyMethod } from "../../src/distill/index.ts";
import type { Engine, Inputs } from "../../src/engine/contract.ts";
import { forwarding } from "../../src/engine/forwarding.ts";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { parseConfig } from "../../src/experiment/config.ts";
import { trainingOptions } from "../../src/experiment/training.ts";
import { createModel } from "../../src/models/index.ts";
import { linear, sequential } from "../../src/nn/index.ts";
import { adam, adamW, clipped, scalarsAt, sgd, type Optimiser } from "../../src/optim/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import type { Checkpoint } from "../../src/train/checkpoint.ts";
import { everyState } from "../../src/train/states.ts";
import { learner, type Learner } from "../../src/distill/learner.ts";
import { result } from "../../src/train/events.ts";
import type { TrainOptions } from "../../src/train/options.ts";
import { train } from "../../src/train/train.ts";
import { mean } from "../../src/tensor/index.ts";
import { begin, tinyDataset, tinyModel } from "./tiny.ts";

const dataset = shapes({ train: 12, test: 4 });

async function scene(method: string, options: object = {}, watch?: (inputs: Inputs) => void) {
  const engine = await wasmEngine({ threads: 2 });
  onTestFinished(() => engine.close());
  const [teacher, student] = [createModel("resnet8x4"), createModel("resnet8")];
  await begin(engine, { model: teacher, auxiliaries: {} }, torchRandom(1));
  const taught = learner(student, objectiveNamed(method, { ...options }), teacher);
  const random = torchRandom(42);
  await begin(engine, taught, random);
  return { engine: watch ? watched(engine, watch) : engine, learner: taught, dataset, random, batchSize: 8 };
}

/** The engine, with the inputs of each run seen. */
function watched(engine: Engine, watch: (inputs: Inputs) => void): Engine {
  const compile: Engine["compile"] = async (graph) => {
    const program = await engine.compile(graph);
    return { ...program, run: (inputs = {}) => (watch(inputs), program.run(inputs)) };
  };
  return { ...forwarding(engine), compile };
}

async function valuesOf(engine: Engine, { model, auxiliaries }: Learner): Promise<Map<string, Float32Array>> {
  const { parameters } = everyState({ model, auxiliaries } as Learner);
  const values = new Map<string, Float32Array>();
  for (const [name, { tensor }] of parameters) values.set(name, await engine.read(tensor));
  return values;
}

const changed = (a: ReadonlyMap<string, Float32Array>, b: ReadonlyMap<string, Float32Array>): string[] =>
  [...a.keys()].filter((name) => a.get(name)!.some((value, i) => value !== b.get(name)![i]));

/** The parameters before the first step, after the last of the pre-training, and at the end; and the pre-training's last checkpoint. */
async function trained(method: string, methodOptions: object, optimiser: Optimiser) {
  const options = await scene(method, methodOptions);
  const values = [await valuesOf(options.engine, options.learner)];
  const saved: Checkpoint[] = [];
  const checkpoints = { due: () => true, save: async (checkpoint: Checkpoint) => void saved.push(checkpoint) };
  let pretraining: Checkpoint | undefined;
  for await (const event of train({ ...options, optimiser, epochs: 1, checkpoints })) {
    if (event.kind === "step" && event.phase === undefined) pretraining ??= saved.at(-1);
    if (event.kind === "epoch") values.push(await valuesOf(options.engine, options.learner));
  }
  const [before, between, after] = values;
  return { before: before!, between: between!, after: after!, pretraining: pretraining! };
}

const head = new Set(["fc.weight", "fc.bias"]);
const optimisers: Readonly<Record<string, Optimiser>> = {
  "sgd with momentum and decay": sgd({ learningRate: 0.01, momentum: 0.9, nesterov: true, weightDecay: 0.1 }),
  "sgd with momenta apart": sgd({ learningRate: 0.01, momentum: 0.8, momentumGap: 0.1, weightDecay: 0.1 }),
  "adam with decay": adam({ learningRate: 0.01, weightDecay: 0.1 }),
  adamw: clipped(adamW({ learningRate: 0.01, weightDecay: 0.1 }), 1),
};

test.each(Object.entries(optimisers))("pre-training leaves the classifier as it is: %s", async (_, optimiser) => {
  for (const method of optimiser.name === "sgd" ? ["ab", "fsp"] : ["kd+ab"]) {
    const stageOptions = { [method.includes("+") ? "ab.initialEpochs" : "initialEpochs"]: 1 };
    const { before, between, after, pretraining } = await trained(method, stageOptions, optimiser);
    const inStage = changed(before, between);
    const names = [...before.keys()];
    expect(inStage, method).toEqual(names.filter((name) => !head.has(name)));
    expect(names.some((name) => name.includes("connector"))).toBe(true);
    // What only the pre-training trains, and the classifier's last layer, in the training proper.
    expect(changed(between, after), method).toEqual(names.filter((name) => !name.includes("connector")));
    for (const [name, { values }] of pretraining.states) {
      if (!name.startsWith("optimiser fc.")) continue;
      expect(
        values.every((value) => value === 0),
        `${method}: ${name}`,
      ).toBe(true);
    }
  }
});

test.each(Object.entries(optimisers))("what no loss of a training reaches stays as it is: %s", async (_, optimiser) => {
  const { engine, random } = await scene("ce");
  const spare = { spare: { module: sequential([linear(4, 4)]) } };
  const method: AnyMethod = { ...findMethod("ce"), auxiliaries: () => spare };
  const alone = learner(tinyModel(), objective(method));
  await begin(engine, alone, random);
  const before = await valuesOf(engine, alone);
  const tiny = { engine, learner: alone, dataset: tinyDataset(), random, batchSize: 8 };
  await result(train({ ...tiny, optimiser, epochs: 2, emaDecay: 0.5 }));
  const names = [...before.keys()];
  expect(names).toContain("spare.0.weight");
  expect(changed(before, await valuesOf(engine, alone))).toEqual(names.filter((name) => !name.startsWith("spare")));
});

test("losses that no trained parameter has a part in are the method's mistake", async () => {
  const { engine, random } = await scene("ce");
  const { labels: _, ...alone } = findMethod("ce");
  const method: AnyMethod = {
    ...alone,
    losses: ({ images }) => ({ brightness: mean(images) }),
    weights: () => ({ brightness: 1 }),
  };
  const options = { engine, learner: learner(tinyModel(), objective(method)), dataset: tinyDataset(), random };
  await begin(engine, options.learner, random);
  await expect(train({ ...options, optimiser: sgd(), epochs: 1 }).next()).rejects.toMatchObject({ code: "ARGUMENT" });
});

/** The learning rates of the pre-training's steps and of the training's, and their momenta. */
async function ratesOf(config: object) {
  const rates = { pretraining: [] as number[], training: [] as number[], momenta: [] as (number | undefined)[] };
  // Steps are begun ahead of those that are told.
  const begun: { readonly rate: number; readonly momentum?: number }[] = [];
  const options = await scene("ab", { initialEpochs: 3 }, (inputs) => {
    const rate = inputs["sgd learning rate"]?.[0];
    const momentum = inputs["sgd momentum"]?.[0];
    if (rate !== undefined) begun.push({ rate, ...(momentum !== undefined && { momentum }) });
  });
  const parsed = parseConfig("train", { optimiser: "sgd", learningRate: 0.02, epochs: 4, batchSize: 8, ...config });
  const work: TrainOptions = { ...options, ...trainingOptions(parsed, dataset.train.count) };
  for await (const event of train(work)) {
    if (event.kind !== "step") continue;
    const { rate, momentum } = begun.shift()!;
    rates[event.phase === undefined ? "training" : "pretraining"].push(rate);
    rates.momenta.push(momentum);
  }
  return rates;
}

test.each([
  ["constant", {}],
  ["cosine", { schedule: "cosine" }],
  ["one-cycle", { schedule: "one-cycle" }],
  ["step after a warm-up", { schedule: "step", scheduleOptions: { milestones: [3] }, warmUp: 1 }],
])("the learning rate stays the same in a pre-training, and %s begins after it", async (_, config) => {
  const { pretraining, training, momenta } = await ratesOf(config);
  const parsed = parseConfig("train", { optimiser: "sgd", learningRate: 0.02, epochs: 4, batchSize: 8, ...config });
  const attached = trainingOptions(parsed, dataset.train.count).optimiser.attach(new Map());
  expect(training).toEqual(Array.from({ length: 8 }, (_, i) => scalarsAt(attached, i + 1)["sgd learning rate"]![0]));
  expect(new Set(pretraining).size).toBe(1);
  expect(pretraining).toHaveLength(6);
  expect(pretraining[0]).toBe(Math.max(...training));
  expect(pretraining[0]).toBeGreaterThan(0.019);
  expect(new Set(momenta.slice(0, 6)).size).toBe(1);
});
