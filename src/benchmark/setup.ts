/** @file A network on an engine, set up as an experiment would, and its steps: what is timed. */
import { elementAt } from "../elements.ts";
import { splitOf, type Dataset, type Split } from "../data/dataset.ts";
import { findMethod, objective, objectiveNamed } from "../distill/index.ts";
import type { Engine } from "../engine/contract.ts";
import { createModel, type Model, type ModelOptions } from "../models/index.ts";
import { initialise, record } from "../nn/index.ts";
import { adam } from "../optim/index.ts";
import { torchRandom, type Random } from "../random/index.ts";
import { cacheTeacherOutputs, learner, train, type Learner, type TeacherCache, mostEpochs } from "../train/index.ts";
import { openEvaluation } from "../train/evaluate/index.ts";
import { input } from "../tensor/index.ts";

/** What is to be timed. */
export interface Work {
  /**
   * `train`: steps of the training loop, the teacher's outputs cached; `forward`: the pass over images that computes them;
   * `evaluate`: the evaluation of images, compiled once; `call`: runs of the network on one batch that lies ready.
   */
  readonly kind: "train" | "forward" | "evaluate" | "call";
  /** Names in the tables. */
  readonly model: string;
  readonly method: string;
  readonly teacher: string;
  /** Their options of their own. */
  readonly modelOptions?: ModelOptions["options"];
  readonly teacherOptions?: ModelOptions["options"];
  /** Images a step. */
  readonly batchSize: number;
  /** Their height and width; those that the network is made for by default. */
  readonly side?: number;
}

/** A network with first values in an engine, and images for it. */
export interface Setup {
  readonly engine: Engine;
  readonly work: Work;
  readonly learner: Learner;
  readonly dataset: Dataset;
  readonly random: Random;
  readonly teacherCache?: TeacherCache;
}

/** Draws the first values, and caches the teacher's outputs for a method that has one. Throws UNKNOWN_NAME, ARGUMENT for options, SHAPE. */
export async function setUp(engine: Engine, work: Work): Promise<Setup> {
  const { side, modelOptions, teacherOptions } = work;
  const model = createModel(work.model, {
    options: modelOptions,
    ...(side !== undefined && { inputShape: [3, side, side] }),
  });
  const teacher = createModel(work.teacher, { options: teacherOptions });
  const dataset = noise(model.inputShape, { classes: model.classes, batchSize: work.batchSize });
  const student = learner(model, objectiveNamed(work.method), teacher, { images: dataset.train.count });
  const random = torchRandom(42);
  const draw = async ({ module }: Model, auxiliaries: Learner["auxiliaries"] = {}): Promise<void> => {
    for (const [tensor, values] of initialise(module, random, Object.values(auxiliaries)))
      await engine.write(tensor, values);
  };
  await draw(student.model, student.auxiliaries);
  const setup = { engine, work, learner: student, dataset, random };
  if (!student.teacher) return setup;
  await draw(teacher);
  const pass = cacheTeacherOutputs({ engine, model: teacher, dataset, batchSize: work.batchSize }, [student]);
  for (let next = await pass.next(); ; next = await pass.next())
    if (next.done) return { ...setup, teacherCache: elementAt(next.value, 0) };
}

const kinds = { train: training, forward: passes, evaluate: evaluations, call: calls };

/** Does the setup's work, a step or a batch for each value that is asked for. */
export function stepsOf(setup: Setup): AsyncGenerator<void, void, void> {
  return kinds[setup.work.kind](setup);
}

/** Yields after each step. */
async function* training({
  engine,
  learner,
  dataset,
  random,
  teacherCache,
  work,
}: Setup): AsyncGenerator<void, void, void> {
  const { batchSize } = work;
  const options = { engine, learner, dataset, random, batchSize, optimiser: adam(), epochs: mostEpochs };
  for await (const { kind } of train({ ...options, teacherCache })) if (kind === "step") yield;
}

/** Yields after each batch. NOTE: a pass compiles its program, so one in 64 of these takes longer: part of what a pass costs. */
async function* passes({ engine, learner: student, dataset, work }: Setup): AsyncGenerator<void, void, void> {
  const { model } = student;
  const asked = learner(model, objective(findMethod("kd")), model);
  for (;;)
    for await (const _ of cacheTeacherOutputs({ engine, model, dataset, batchSize: work.batchSize }, [asked])) yield;
}

/** Yields after each batch, whose logits are compared with the labels. */
async function* evaluations({ engine, learner: { model }, dataset, work }: Setup): AsyncGenerator<void, void, void> {
  const { batchSize } = work;
  const evaluation = await openEvaluation({ engine, model, dataset, split: dataset.train, batchSize });
  try {
    for (;;) for await (const _ of evaluation.classifying()) yield;
  } finally {
    evaluation.close();
  }
}

/** Yields after each run of one program on one batch. */
async function* calls({ engine, learner: { model }, random, work }: Setup): AsyncGenerator<void, void, void> {
  const images = input("images", [work.batchSize, ...model.inputShape]);
  const { output } = record(model.module, images, { training: false });
  const program = await engine.compile({ outputs: { logits: output }, updates: [] });
  const given = { images: random.normal(images.size, 0, 1) };
  try {
    for (;;) {
      await program.run(given);
      yield;
    }
  } finally {
    program.close();
  }
}

/** Batches of an epoch, all of them full. */
const batches = 64;

/** Labelled noise of this shape, the same every time: how long a step takes does not depend on what it sees. */
function noise(
  shape: Dataset["shape"],
  { classes, batchSize }: { readonly classes: number; readonly batchSize: number },
): Dataset {
  const random = torchRandom(42);
  return {
    name: "noise",
    classes: Array.from({ length: classes }, (_, i) => `class ${i}`),
    shape,
    train: split(random, shape, { classes, count: batches * batchSize }),
    test: split(random, shape, { classes, count: 1 }),
    mean: Array.from({ length: shape[0] }, () => 0.5),
    std: Array.from({ length: shape[0] }, () => 0.25),
  };
}

function split(
  random: Random,
  [channels, height, width]: Dataset["shape"],
  { classes, count }: { readonly classes: number; readonly count: number },
): Split {
  return splitOf({
    pixels: Uint8Array.from(random.randint(count * channels * height * width, 0, 256)),
    labels: Uint8Array.from(random.randint(count, 0, classes)),
  });
}
