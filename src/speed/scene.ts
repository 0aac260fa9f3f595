/** @file A network on an engine, set up as an experiment would: what is timed. */
import type { Dataset } from "../data/dataset.ts";
import { objectiveNamed } from "../distill/index.ts";
import type { Engine } from "../engine/engine.ts";
import { createModel, type Model } from "../models/index.ts";
import { initialise } from "../nn/index.ts";
import { torchRandom, type Random } from "../random/index.ts";
import { cacheTeacherOutputs, learner, type TeacherCache, type Learner } from "../train/index.ts";
import { noise } from "./images.ts";

/** What is to be timed. */
export interface Work {
  /** `train`: steps of the training loop, the teacher's outputs cached; `forward`: the pass over images that computes them. */
  readonly kind: "train" | "forward";
  /** Names in the tables. */
  readonly model: string;
  readonly method: string;
  readonly teacher: string;
  /** Images a step. */
  readonly batchSize: number;
}

/** A network with first values in an engine, and images for it. */
export interface Scene {
  readonly engine: Engine;
  readonly work: Work;
  readonly learner: Learner;
  readonly dataset: Dataset;
  readonly random: Random;
  readonly teacherCache?: TeacherCache;
}

/** Draws the first values, and keeps the targets of a method that has a teacher. Throws UNKNOWN_NAME, SHAPE. */
export async function setUp(engine: Engine, work: Work): Promise<Scene> {
  const model = createModel(work.model);
  const teacher = createModel(work.teacher);
  const dataset = noise(model.inputShape, { classes: model.classes, batchSize: work.batchSize });
  const taught = learner(model, objectiveNamed(work.method), teacher, { images: dataset.train.count });
  const random = torchRandom(42);
  const draw = async ({ module }: Model, extras: Learner["extras"] = {}): Promise<void> => {
    for (const [tensor, values] of initialise(module, random, Object.values(extras)))
      await engine.write(tensor, values);
  };
  await draw(taught.model, taught.extras);
  const scene = { engine, work, learner: taught, dataset, random };
  if (!taught.teacher) return scene;
  await draw(teacher);
  const pass = cacheTeacherOutputs({ engine, model: teacher, dataset, batchSize: work.batchSize }, [taught]);
  for (let next = await pass.next(); ; next = await pass.next())
    if (next.done) return { ...scene, teacherCache: next.value[0]! };
}
