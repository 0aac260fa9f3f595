/** @file A run that is planned, and how it begins: a model built and drawn after seeding the stream, as the tutorial does. */
import type { Dataset } from "../data/dataset.ts";
import type { Objective } from "../distill/index.ts";
import type { Engine } from "../engine/contract.ts";
import { checkNamed, valuesFor, type ModelDescription, type ModelFile } from "../model-file/index.ts";
import type { Model } from "../models/index.ts";
import { initialise } from "../nn/index.ts";
import { torchRandom, type Random } from "../random/index.ts";
import type { Tensor } from "../tensor/index.ts";
import { learner, type Learner } from "../train/learner.ts";
import type { TrainingConfig } from "./config.ts";
import type { ExperimentFolder } from "./folder.ts";

/** What all runs of an experiment share. */
export interface RunContext {
  readonly engine: Engine;
  readonly dataset: Dataset;
  readonly folder: ExperimentFolder;
  readonly config: TrainingConfig;
  readonly signal?: AbortSignal;
}

/** A run to do. */
export interface RunPlan {
  /** Also its folder. */
  readonly name: string;
  readonly title: string;
  readonly learner: Learner;
  /** The first values of all that is trained; or the model's weights, if it is `pretrained`. */
  readonly values: ReadonlyMap<Tensor, Float32Array>;
  /** Whether the weights come from elsewhere: then the model is only evaluated. */
  readonly pretrained?: boolean;
  /** What the file of such weights says of them, if it does. */
  readonly description?: ModelDescription;
  /** The stream as it is after the values were drawn; runs may share one, in their order. */
  readonly random: Random;
}

export interface PlanOptions {
  readonly name: string;
  readonly title: string;
  readonly model: Model;
  readonly objective: Objective;
  readonly seed: number;
  readonly teacher?: Model;
  /** How many training images there are, for methods that want to know. */
  readonly images?: number;
  /** The stream that the training draws from (default: the one that drew the initial values). */
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
export function planPretrained(options: Omit<PlanOptions, "random" | "teacher" | "images">, file: ModelFile): RunPlan {
  const { name, title, model, objective, seed } = options;
  const { description } = file;
  checkNamed(file, model.name);
  const values = valuesFor(model, file);
  const plan = { name, title, learner: learner(model, objective), values, pretrained: true, random: torchRandom(seed) };
  return { ...plan, ...(description && { description }) };
}
