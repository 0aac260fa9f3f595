/** @file The everyday way to train: one data set, one engine and one set of settings for every network. */
import type { Dataset, Split } from "../data/dataset.ts";
import type { Tta } from "../data/test-views.ts";
import { holdOut } from "../data/subsets.ts";
import { combined, type AnyMethod, type Objective } from "../distill/index.ts";
import { ce } from "../distill/methods/ce.ts";
import type { Engine } from "../engine/contract.ts";
import { defaultEngine, startEngine, type EngineRequest } from "../engine/engines.ts";
import { LimbeckError } from "../errors.ts";
import { saveModel, type DescribedModel, type SaveModelOptions } from "../model-file/index.ts";
import { createModel, type Model, type ModelOptions } from "../models/index.ts";
import { namedStates } from "../nn/index.ts";
import { evaluate, type Evaluation } from "../train/evaluate/index.ts";
import { result, type TrainEvent } from "../train/index.ts";
import type { Learner } from "../distill/learner.ts";
import type { TeacherLabels } from "./teacher-config.ts";
import { checkTeaching, checkUnused, startFromStored, teacherFor, type StartSettings } from "./trainer-networks.ts";
import { originOf, planTraining, type RunPlan, type TrainContext } from "./plan.ts";
import { networkTargets, type TeacherTargets } from "./teacher-targets.ts";
import { checkMemory, keptViews } from "./teacher-views.ts";
import { trainerConfig, type TrainingSettings } from "./resolve.ts";
import { trainRun } from "./training.ts";

export type { TrainingSettings } from "./resolve.ts";

/** By what a network is trained. */
export interface MethodSettings {
  /** A method's name, or several as `kd+at`; or one of your own. */
  readonly method?: string | AnyMethod;
  /** Of the method. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Published settings of the method, which `options` go before. */
  readonly preset?: string;
}

export interface TrainerOptions extends TrainingSettings {
  readonly dataset: Dataset;
  /** How many training images to hold out, to classify after each epoch; see `holdOut`. */
  readonly validation?: number;
  /** One of your own, which `close` leaves open, or the name of one to start; `auto` by default: wasm on all cores, or a GPU that is faster. */
  readonly engine?: Engine | EngineRequest;
  /** Called at each step and each epoch, with the network that is trained. A promise that it returns is waited for. */
  readonly onEvent?: (event: TrainEvent, model: Model) => unknown;
  /** Stops the training after the steps under way. */
  readonly signal?: AbortSignal;
}

/** What is trained, where it is named. */
export interface NetworkSettings {
  /** Options of the model's own, `{ widths: [32, 64, 64] }`. */
  readonly modelOptions?: Readonly<Record<string, unknown>>;
}

export interface TrainSettings extends TrainingSettings, NetworkSettings, MethodSettings, StartSettings {}

export interface DistillSettings extends TrainingSettings, NetworkSettings, MethodSettings, StartSettings {
  /** A trained model, or several that teach together by the mean of their logits. Its values have to be in the trainer's engine. */
  readonly teacher: DescribedModel | readonly DescribedModel[];
  /** Take a teacher that does no better than guessing, or was trained on other data. */
  readonly force?: boolean;
  /** Which of the teacher's classes are the data set's, `{ theirs: ours }`, where they have other names. */
  readonly teacherLabels?: TeacherLabels;
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
   * where images are not varied, or mirrored at most, or where `teacherViews` says so. Throws as `train`; WEIGHTS for a teacher that does no better
   * than guessing, ARGUMENT for one whose file says that it was trained on images normalised otherwise, or for other classes where the
   * method uses its classifier; by another method it teaches by its features, and is not evaluated. Classes of the same names are taken by
   * name, whatever their order.
   */
  distill(model: Model | string, settings: DistillSettings): Promise<Model>;
  /** How well a network classifies the test images, or those of another split; also by test-time augmentation, if that is asked for. */
  evaluate(model: Model, split?: Split, options?: { readonly tta?: Tta }): Promise<Evaluation>;
  /** The bytes of a safetensors file that `loadModel` makes the network of, how it was trained included. */
  save(model: Model): Promise<Uint8Array<ArrayBuffer>>;
  /** Closes the engine, unless it is your own. */
  close(): Promise<void>;
}

/**
 * A trainer of networks on one data set. Two networks of the same architecture begin with the same values and see the images in
 * the same order, so that what they learn can be compared. Throws CONFIG, listing every setting that is wrong.
 */
export async function createTrainer(options: TrainerOptions): Promise<Trainer> {
  const { dataset: whole, validation, engine: given = defaultEngine, onEvent, signal, ...common } = options;
  const held = validation ?? whole.validation?.count;
  const { seed } = trainerConfig(common, { dataset: whole.name, model: "LightNN", validation: held });
  const dataset = validation === undefined ? whole : holdOut(whole, validation, seed);
  const engine = typeof given === "string" ? await startEngine(given) : given;
  const origins = new WeakMap<Model, SaveModelOptions>();

  async function fit(
    named: Model | string,
    { weights, modelOptions, ...settings }: TrainingSettings & NetworkSettings & StartSettings,
    objective: Objective,
    teacher?: Model,
  ): Promise<Model> {
    const name = typeof named === "string" ? named : named.name;
    const config = trainerConfig({ ...common, ...settings }, { dataset: dataset.name, model: name, validation: held });
    const { dropout, seed } = config;
    const model = networkOf(named, { ...sizeOf(dataset), dropout, options: modelOptions });
    const images = dataset.train.count;
    if (weights === undefined) await checkUnused(model, engine);
    const drawn = planTraining({
      name,
      title: name,
      model,
      objective,
      seed,
      images,
      teacher,
    });
    const plan = weights ? await startFromStored(weights, { plan: drawn, model, engine, dataset }) : drawn;
    const context = { engine, dataset, config, signal };
    const teacherTargets = teacher && (await keptOutputs(context, plan, teacher));
    const { learner } = plan;
    const { int8 } = await result(trainRun(context, plan, { teacherTargets }), (event) =>
      onEvent?.(event, learner.model),
    );
    await freeOthers(learner, engine);
    origins.set(learner.model, { ...originOf(context, plan), int8 });
    return learner.model;
  }

  return {
    engine,
    dataset,
    async train(model, settings = {}) {
      const { method = ce, options, preset, ...how } = settings;
      const objective = await objectiveBy(method, options, preset);
      if (objective.needsTeacher) {
        throw new LimbeckError(
          "ARGUMENT",
          `method ${objective.name} needs a teacher; use distill(model, { teacher, method })`,
        );
      }
      return fit(model, how, objective);
    },
    async distill(model, settings) {
      const { teacher: teachers, teacherLabels, force = false, method = "kd", options, preset, ...how } = settings;
      const objective = await objectiveBy(method, options, preset);
      if (!objective.needsTeacher) {
        throw new LimbeckError(
          "ARGUMENT",
          `method ${objective.name} learns without a teacher; use train(model, { method })`,
        );
      }
      const { teacher, other, made } = await teacherFor(teachers, { model, engine, dataset, teacherLabels, force });
      const student = networkOf(model, { ...sizeOf(dataset), options: how.modelOptions });
      await checkTeaching(teacher, other, { student, objective, engine, dataset, force });
      const trained = await fit(model, how, objective, teacher);
      // A method may have made the teacher's classifier a part of the network.
      const kept = new Set(namedStates(trained.module).values());
      await engine.free(made.filter((state) => !kept.has(state)));
      return trained;
    },
    evaluate: (model, split = dataset.test, { tta } = {}) => evaluate({ engine, model, dataset, split, tta, signal }),
    save: (model) => saveModel(model, engine, origins.get(model) ?? { dataset, made: {} }),
    async close() {
      if (typeof given === "string") await engine.close();
    },
  };
}

/** The teacher's outputs for all training images, where they stay the same and fit into memory. */
async function keptOutputs(context: TrainContext, plan: RunPlan, teacher: Model): Promise<TeacherTargets | undefined> {
  const { config } = context;
  const kept = keptViews(config);
  if (kept && (kept.isFixed || kept.views === "mean"))
    checkMemory([plan.learner], teacher, context.dataset.train.count, config.teacherMemory, kept.views);
  return (await result(networkTargets(context, [plan]))).get(plan);
}

async function objectiveBy(
  method: string | AnyMethod,
  options: MethodSettings["options"],
  preset: string | undefined,
): Promise<Objective> {
  if (typeof method !== "string") return combined([method], options, preset);
  // NOTE: loaded only here, so that a page which gives methods themselves has no others.
  const { objectiveNamed } = await import("../distill/named.ts");
  return objectiveNamed(method, options, preset);
}

/** Throws ARGUMENT for options of a network that is made already. */
function networkOf(model: Model | string, options: ModelOptions): Model {
  if (typeof model === "string") return createModel(model, options);
  if (options.options === undefined) return model;
  throw new LimbeckError(
    "ARGUMENT",
    `modelOptions are for a model that is named, and ${model.name} is made already; give them to createModel`,
  );
}

function sizeOf({ classes, shape }: Dataset): ModelOptions {
  return { classes: classes.length, inputShape: shape };
}

/** Frees the auxiliary modules, which are not needed after the training. */
async function freeOthers({ model, auxiliaries }: Learner, engine: Engine): Promise<void> {
  const saved = new Set(namedStates(model.module).values());
  const others = Object.values(auxiliaries).flatMap(({ module }) => [...namedStates(module).values()]);
  await engine.free(others.filter((state) => !saved.has(state)));
}
