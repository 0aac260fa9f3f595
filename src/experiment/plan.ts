/** @file How a run begins: a model built and drawn after seeding the stream, as the tutorial does before each network. */
import type { Objective } from "../distill/index.ts";
import { checkNamed, valuesFor, type ModelFile } from "../model-file/index.ts";
import type { Model } from "../models/index.ts";
import { initialise } from "../nn/index.ts";
import { torchRandom, type Random } from "../random/index.ts";
import { learner } from "../train/learner.ts";
import type { RunPlan } from "./run.ts";

export interface PlanOptions {
  readonly name: string;
  readonly title: string;
  readonly model: Model;
  readonly objective: Objective;
  readonly seed: number;
  readonly teacher?: Model;
  /** How many training images there are, for methods that want to know. */
  readonly images?: number;
  /** The stream that the training draws from; if not said, the one that drew the initial values. */
  readonly random?: Random;
}

/** A run that trains a network from initial values drawn with this seed. Throws SHAPE where teacher and model do not fit. */
export function planTraining({ name, title, model, objective, seed, teacher, ...options }: PlanOptions): RunPlan {
  const drawn = torchRandom(seed);
  const { random = drawn, images } = options;
  const student = learner(model, objective, teacher, images === undefined ? {} : { images });
  const values = initialise(student.model.module, drawn, Object.values(student.auxiliaries));
  return { name, title, learner: student, values, random };
}

/** A run that takes weights from a file and evaluates them. Throws ARGUMENT, WEIGHTS for a file that is not the model's. */
export function planGiven(options: Omit<PlanOptions, "random" | "teacher" | "images">, file: ModelFile): RunPlan {
  const { name, title, model, objective, seed } = options;
  checkNamed(file, model.name);
  const values = valuesFor(model, file);
  return { name, title, learner: learner(model, objective), values, given: true, random: torchRandom(seed) };
}
