/** @file The everyday way to train: one data set, one engine and one set of settings for every network. */
import { aFunction, anObject, aString, checkArguments, having, listOf, optional, type Kind } from "../arguments.ts";
import { aDataset, type Dataset, type Split } from "../data/dataset.ts";
import { holdOut } from "../data/subsets.ts";
import { objectiveNamed, type Objective } from "../distill/index.ts";
import { anEngine, type Engine } from "../engine/contract.ts";
import { wasmEngine } from "../engine/wasm/index.ts";
import { LimbeckError } from "../errors.ts";
import { readModelFile, saveModel, type DescribedModel, type LoadedModel } from "../model-file/index.ts";
import { aModel, createModel, ensemble, type Model } from "../models/index.ts";
import { namedParameters, namedStates } from "../nn/index.ts";
import { sha256Hex } from "../sha256.ts";
import { checkInitialised } from "../train/check-model.ts";
import { evaluate, type Evaluation } from "../train/evaluate.ts";
import { result, type TrainEvent } from "../train/events.ts";
import type { Learner } from "../train/learner.ts";
import { cacheTeacherOutputs, type TeacherCache } from "../train/teacher-cache.ts";
import { train } from "../train/train.ts";
import { checkAccuracy, checkTrainingData } from "./check-teacher.ts";
import { parseConfig, type Config, type ConfigInput } from "./config.ts";
import type { pictureSchema } from "./picture-config.ts";
import { planTraining, type StartingWeights } from "./plan.ts";
import { originOfStart } from "./run.ts";
import { cachedOrNot } from "./teacher-outputs.ts";
import { trainingOf } from "./training.ts";

/** How to train: the command line's options under the same names, with the same defaults. */
export type TrainingSettings = Omit<
  ConfigInput<"train">,
  | "dataset"
  | keyof typeof pictureSchema
  | "dataDir"
  | "limit"
  | "validation"
  | "engine"
  | "threads"
  | "model"
  | "weights"
  | "method"
  | "options"
  | "preset"
>;

/** By what a network is trained. */
export interface MethodSettings {
  /** A method's name, or several as `kd+at`. */
  readonly method?: string;
  /** Of the method. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Published settings of the method, which `options` go before. */
  readonly preset?: string;
}

export interface TrainerOptions extends TrainingSettings {
  readonly dataset: Dataset;
  /** How many training images to hold out, to classify after each epoch; see `holdOut`. */
  readonly validation?: number;
  /** One of your own, which `close` leaves open; else the wasm engine on all cores. */
  readonly engine?: Engine;
  /** Called at each step and each epoch, with the network that is trained. */
  readonly onEvent?: (event: TrainEvent, model: Model) => void;
  /** Stops the training under way after its step. */
  readonly signal?: AbortSignal;
}

/** What a training starts from. */
export interface StartSettings {
  /**
   * Values that take the place of drawn ones: the bytes of a safetensors file, or a network whose values are in the trainer's
   * engine, or in its own if it was loaded; the model that is trained itself, say. A head of other classes is drawn all the same.
   */
  readonly weights?: Uint8Array | DescribedModel;
}

export interface TrainSettings extends TrainingSettings, MethodSettings, StartSettings {}

export interface DistillSettings extends TrainingSettings, MethodSettings, StartSettings {
  /** A trained model, or several that teach together by the mean of their logits. Its values have to be in the trainer's engine. */
  readonly teacher: DescribedModel | readonly DescribedModel[];
  /** Take a teacher that does no better than guessing, or was trained on other data. */
  readonly force?: boolean;
}

/** Made by `createTrainer`. */
export interface Trainer {
  /** Holds the values of every network that was trained. */
  readonly engine: Engine;
  readonly dataset: Dataset;
  /**
   * Trains a network on the labels, from first values drawn with the seed or from `weights`: a model of the table by name, or one of
   * your own. One that has values already, loaded or trained before, would lose them, and has to be given as `weights` too.
   * `method` may name another way that needs no teacher, `ls` say. Returns the trained network.
   *
   * Throws CONFIG listing every setting that is wrong, UNKNOWN_NAME, ARGUMENT, WEIGHTS and SHAPE before the first step; NOT_FINITE, ABORTED.
   */
  train(model: Model | string, settings?: TrainSettings): Promise<Model>;
  /**
   * The same with the help of a teacher, by soft targets (`kd`) if no method is named. The teacher's outputs are computed once
   * where images are not varied. Throws as `train`; WEIGHTS for a teacher that does no better
   * than guessing, ARGUMENT for one whose file says that it was trained for other classes or on images normalised otherwise.
   */
  distill(model: Model | string, settings: DistillSettings): Promise<Model>;
  /** How well a network classifies the test images, or those of another split. */
  evaluate(model: Model, split?: Split): Promise<Evaluation>;
  /** The bytes of a safetensors file that `loadModel` makes the network of, how it was trained included. */
  save(model: Model): Promise<Uint8Array<ArrayBuffer>>;
  /** Closes the engine, unless it is your own. */
  close(): Promise<void>;
}

const trainerOptions: Kind = having("an object", {
  dataset: aDataset,
  engine: optional(anEngine),
  onEvent: optional(aFunction),
  signal: optional(anObject),
});
const someTeacher: Kind = {
  expected: "a model, or a list of them",
  is: (value) => aModel.is(value) || (Array.isArray(value) && listOf(aModel).is(value)),
};
const someWeights: Kind = {
  expected: "the bytes of a safetensors file, or a model that has values",
  is: (value) => value instanceof Uint8Array || aModel.is(value),
};
const aModelOrName: Kind = {
  expected: "a model, or the name of one",
  is: (value) => aString.is(value) || aModel.is(value),
};

/**
 * A trainer of networks on one data set. Two networks of the same architecture begin with the same values and see the images in
 * the same order, so that what they learn can be compared. Throws CONFIG, listing every setting that is wrong.
 */
export async function createTrainer(options: TrainerOptions): Promise<Trainer> {
  checkArguments("createTrainer", { options: [options, trainerOptions] });
  const { dataset: whole, validation, engine: own, onEvent, signal, ...common } = options;
  const { seed } = parse(common, whole);
  const dataset = validation === undefined ? whole : holdOut(whole, validation, seed);
  const engine = own ?? (await wasmEngine());
  const made = new WeakMap<Model, Readonly<Record<string, unknown>>>();

  async function fit(
    named: Model | string,
    { weights, ...settings }: TrainingSettings & StartSettings,
    objective: Objective,
    teacher?: Model,
  ): Promise<Model> {
    const name = typeof named === "string" ? named : named.name;
    const config = parse({ ...common, ...settings }, dataset, name);
    const { dropout, seed, epochs } = config;
    const model =
      typeof named === "string"
        ? createModel(named, { classes: dataset.classes.length, inputShape: dataset.shape, dropout })
        : named;
    const images = dataset.train.count;
    if (weights === undefined) await checkUnused(model, engine);
    const start = weights && { ...(await weightsOf(weights, engine)), classNames: dataset.classes };
    const plan = planTraining({
      name,
      title: name,
      model,
      objective,
      seed,
      images,
      ...(teacher && { teacher }),
      ...(start && { start }),
    });
    const { learner, random } = plan;
    for (const [tensor, values] of plan.values) await engine.write(tensor, values);
    const teacherCache = teacher && (await cached(learner, teacher, config));
    const events = train({
      engine,
      learner,
      dataset,
      random,
      ...trainingOf(config, images),
      ...(teacherCache && { teacherCache }),
      ...(signal && { signal }),
    });
    for await (const event of events) onEvent?.(event, learner.model);
    await freeOthers(learner, engine);
    made.set(learner.model, {
      method: objective.name,
      options: objective.options,
      epochs,
      seed,
      ...(plan.start && { start: originOfStart(plan.start) }),
    });
    return learner.model;
  }

  /** The teacher's outputs for all training images, where they stay the same and fit into memory. */
  async function cached(learner: Learner, teacher: Model, config: Config<"train">): Promise<TeacherCache | undefined> {
    if (cachedOrNot([{ learner }], config, dataset.train.count).cached.length === 0) return undefined;
    const [cache] = await result(
      cacheTeacherOutputs({ engine, model: teacher, dataset, ...(signal && { signal }) }, [learner]),
    );
    return cache;
  }

  return {
    engine,
    dataset,
    async train(model, settings = {}) {
      checkArguments("train", {
        model: [model, aModelOrName],
        settings: [settings, having("an object", { weights: optional(someWeights) })],
      });
      const { method = "ce", options, preset, ...how } = settings;
      const objective = objectiveNamed(method, options, preset);
      if (objective.needsTeacher) {
        throw new LimbeckError("ARGUMENT", `method ${method} needs a teacher; use distill(model, { teacher, method })`);
      }
      return fit(model, how, objective);
    },
    async distill(model, settings) {
      checkArguments("distill", {
        model: [model, aModelOrName],
        settings: [settings, having("an object", { teacher: someTeacher, weights: optional(someWeights) })],
      });
      const { teacher: teachers, force = false, method = "kd", options, preset, ...how } = settings;
      const objective = objectiveNamed(method, options, preset);
      if (!objective.needsTeacher) {
        throw new LimbeckError("ARGUMENT", `method ${method} learns without a teacher; use train(model, { method })`);
      }
      const teacher = isOne(teachers) ? teachers : ensemble(teachers);
      if ([teacher, ...(teacher.members ?? [])].some((one) => one === model)) {
        throw new LimbeckError(
          "ARGUMENT",
          `distill: ${teacher.name} should learn from itself, and would lose its values; give another model, or its name`,
        );
      }
      for (const { name, description } of isOne(teachers) ? [teachers] : teachers) {
        if (description) checkTrainingData({ source: `the teacher ${name}`, description }, dataset, force);
      }
      const known = await evaluate({ engine, model: teacher, dataset, split: dataset.validation ?? dataset.test });
      checkAccuracy({ title: "The teacher", model: teacher }, known, force);
      return fit(model, how, objective, teacher);
    },
    evaluate: (model, split = dataset.test) => evaluate({ engine, model, dataset, split, ...(signal && { signal }) }),
    save: (model) => saveModel(model, engine, { dataset, made: made.get(model) ?? {} }),
    async close() {
      if (!own) await engine.close();
    },
  };
}

/** The settings, defaults filled in. Throws CONFIG, listing every problem. */
function parse(settings: TrainingSettings, dataset: Dataset, model = "LightNN"): Config<"train"> {
  return parseConfig("train", { ...settings, dataset: dataset.name, model });
}

function isOne(teachers: DistillSettings["teacher"]): teachers is DescribedModel {
  return !Array.isArray(teachers);
}

/** Throws ARGUMENT for a model whose values a training from drawn ones would replace. */
async function checkUnused(model: DescribedModel | LoadedModel, engine: Engine): Promise<void> {
  const isUsed = "engine" in model || (await hasValues(model, engine));
  if (!isUsed) return;
  throw new LimbeckError(
    "ARGUMENT",
    `${model.name} has values, which first values drawn with the seed would replace; give it as { weights } too, to start from ` +
      "what it has, or its name, or a new model, to begin anew",
  );
}

/** Whether the engine holds anything but the zeros of a model that was never used. */
async function hasValues({ module }: Model, engine: Engine): Promise<boolean> {
  for (const { tensor } of namedParameters(module).values()) {
    if ((await engine.read(tensor)).some((value) => value !== 0)) return true;
  }
  return false;
}

/** A file's weights, or those that a network has in the trainer's engine, or in its own. */
async function weightsOf(
  weights: NonNullable<StartSettings["weights"]>,
  engine: Engine,
): Promise<Omit<StartingWeights, "classNames">> {
  if (weights instanceof Uint8Array) return { ...readModelFile(weights, "weights"), sha256: await sha256Hex(weights) };
  const { name, module, description } = weights;
  const from = "engine" in weights ? (weights as LoadedModel).engine : engine;
  await checkInitialised(from, name, module);
  const states = [...namedStates(module)];
  const tensors = await Promise.all(
    states.map(async ([path, state]) => [path, { shape: state.shape, values: await from.read(state) }] as const),
  );
  return { tensors: new Map(tensors), source: `the model ${name}`, ...(description && { description }) };
}

/** Frees the auxiliary modules, which are not needed after the training. */
async function freeOthers({ model, auxiliaries }: Learner, engine: Engine): Promise<void> {
  const saved = new Set(namedStates(model.module).values());
  const others = Object.values(auxiliaries).flatMap(({ module }) => [...namedStates(module).values()]);
  await engine.free(others.filter((state) => !saved.has(state)));
}
