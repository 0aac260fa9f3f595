/** @file A run that is planned, and how it begins: a model built and drawn after seeding the stream, as the tutorial does. */
import type { Dataset } from "../data/dataset.ts";
import { gatherImages, normaliser } from "../data/loader.ts";
import type { Objective } from "../distill/index.ts";
import type { Engine } from "../engine/contract.ts";
import type { ModelDescription, SaveModelOptions } from "../model-file/index.ts";
import type { Model } from "../models/index.ts";
import { fitted, initialise, type TrainingImages } from "../nn/index.ts";
import { torchRandom, type Random } from "../random/index.ts";
import { sizeOf, type Tensor } from "../tensor/index.ts";
import { learner, type Learner } from "../distill/learner.ts";
import { stepsInAll, stepsOfEpoch } from "../train/index.ts";
import type { TrainingConfig } from "./config.ts";
import type { ExperimentFolder } from "./folder.ts";
import type { DatasetTeacher } from "../teachers/index.ts";
import type { SharedWork } from "./shared-work.ts";
import type { OneThread } from "./latency.ts";
import type { StartRecord } from "./record.ts";

/** What a run is trained with. */
export interface TrainContext {
  readonly engine: Engine;
  readonly dataset: Dataset;
  readonly config: TrainingConfig;
  readonly signal?: AbortSignal | undefined;
  /** What experiments of this process have computed of teachers. */
  readonly shared?: SharedWork | undefined;
}

/** What all runs of an experiment share. */
export interface RunContext extends TrainContext {
  readonly folder: ExperimentFolder;
  /** To time finished networks on; without it none is timed. */
  readonly oneThread?: OneThread | undefined;
}

/** A run to do. */
export interface RunPlan {
  /** Also its folder. */
  readonly name: string;
  readonly title: string;
  readonly learner: Learner;
  /** How it is trained, where not as the experiment's others are. */
  readonly settings?: Partial<TrainingConfig>;
  /** The first values of all that is trained; or the model's weights, if it is `pretrained`. */
  readonly values: ReadonlyMap<Tensor, Float32Array>;
  /** Whether the weights are from a file: then the model is only evaluated. */
  readonly pretrained?: boolean;
  /** What the file of such weights says of them, if it does. */
  readonly description?: ModelDescription | undefined;
  /** A teacher outside Limbeck, known by its outputs: the one that the run learns from or, for the run of a teacher, measures. */
  readonly externalTeacher?: DatasetTeacher | undefined;
  /** What the engine has to hold for the teacher before the run, where that may be in no run of its own. */
  readonly teacherValues?: ReadonlyMap<Tensor, Float32Array>;
  /** What the training starts from, where not all values were drawn. */
  readonly start?: StartRecord;
  /** What a person should know of the weights that were taken. */
  readonly notes?: readonly string[] | undefined;
  /** The stream as it is after the values were drawn; runs may share one, in their order. */
  readonly random: Random;
}

/** The teacher whose own run this is, where it is known by its outputs: it is measured and recorded, and its weights stay in its own file. */
export function externalTeacher({
  pretrained,
  externalTeacher,
}: Pick<RunPlan, "pretrained" | "externalTeacher">): DatasetTeacher | undefined {
  return pretrained ? externalTeacher : undefined;
}

/** The context as a run has it: with settings of its own. */
export function contextOf<Context extends Pick<RunContext, "config">>(
  context: Context,
  { settings }: Pick<RunPlan, "settings">,
): Context {
  return settings ? { ...context, config: { ...context.config, ...settings } } : context;
}

/** Steps of a run: of an epoch of the training proper, and in all, with pre-training; none in all where a network is only measured. */
export function lengthOf(
  { dataset, config: shared }: Pick<RunContext, "dataset" | "config">,
  plan: Pick<RunPlan, "learner" | "pretrained" | "settings">,
): { readonly stepsPerEpoch: number; readonly steps: number } {
  const { config } = contextOf({ config: shared }, plan);
  const stepsPerEpoch = stepsOfEpoch(dataset.train.count, config);
  const { learner, pretrained } = plan;
  return { stepsPerEpoch, steps: pretrained ? 0 : stepsInAll(learner.objective, config.epochs, stepsPerEpoch) };
}

/**
 * What the engine holds before a run: the plan's values, but for a training that starts from drawn ones what follows from the training
 * images in their place.
 */
export function firstValues(
  { values, learner: { model, auxiliaries }, pretrained, start }: RunPlan,
  { train, shape, ...normalisation }: Dataset,
): ReadonlyMap<Tensor, Float32Array> {
  if (pretrained || start) return values;
  const table = normaliser({ shape, ...normalisation });
  const images: TrainingImages = {
    count: train.count,
    shape,
    image(i) {
      const pixels = new Float32Array(sizeOf(shape));
      gatherImages(train, shape, table, [i], { from: 0, to: 1 }, pixels);
      return pixels;
    },
  };
  const modules = [model.module, ...Object.values(auxiliaries).map(({ module }) => module)];
  return new Map([...values, ...modules.flatMap((module) => [...fitted(module, images)])]);
}

export interface PlanOptions {
  readonly name: string;
  readonly title: string;
  readonly model: Model;
  readonly objective: Objective;
  readonly seed: number;
  readonly teacher?: Model | undefined;
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

/** What the weights file records of the network's origin: for pretrained weights, what their own file recorded. */
export function originOf(
  { dataset, config }: Pick<TrainContext, "dataset" | "config">,
  { learner, pretrained, description, start, externalTeacher }: RunPlan,
): SaveModelOptions {
  if (description) {
    const { dataset: name, classNames: classes, normalisation, preparation, made } = description;
    return {
      made,
      ...(name !== undefined &&
        classes &&
        normalisation && {
          dataset: { name, classes, ...normalisation, preparation },
        }),
    };
  }
  if (pretrained) return { dataset };
  const { name: method, options, from } = learner.objective;
  const { epochs, quantizeEpochs, quantizeFor, seed } = config;
  const teachers = externalTeacher?.origins.map(({ kind, sha256 }) => ({ kind, sha256 }));
  const made = {
    method,
    from,
    options,
    epochs,
    ...(quantizeEpochs !== undefined && { quantizeEpochs, quantizeFor }),
    seed,
    teachers,
  };
  return { dataset, made: { ...made, start: start && originOfStart(start) } };
}

/** What a training started from, the same wherever the file lay. */
function originOfStart({ sha256, taken, drawn }: StartRecord): Readonly<Record<string, unknown>> {
  return { sha256, taken, drawn };
}
