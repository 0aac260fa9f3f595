/** @file A network about to be trained: the model, what it is trained on, and its auxiliary modules. */
import {
  comparedStages,
  type AuxiliaryModule,
  type MadeStudent,
  type Objective,
  type Pairing,
  type Setting,
} from "./index.ts";
import { LimbeckError } from "../errors.ts";
import type { Architecture, FeaturePlace, Model } from "../models/index.ts";
import { namedStates } from "../nn/index.ts";
import { isState, topologicalOrder } from "../tensor/index.ts";
import { observe, probe, weightsOf } from "./observe.ts";

/** Made by `learner`. Its parameters' values live in an engine, under the parameters' tensors. */
export interface Learner {
  /** What is trained and shipped: the given model, unless the method makes another one of it. */
  readonly model: Model;
  readonly objective: Objective;
  readonly teacher?: Model | undefined;
  /** By name: trained beside the model and never exported. */
  readonly auxiliaries: Readonly<Record<string, AuxiliaryModule>>;
  /** Which places of teacher and model are compared. */
  readonly pairings: readonly Pairing[];
  /** How many training images the auxiliaries are made for, where that is known. */
  readonly images?: number | undefined;
}

export interface LearnerOptions {
  /** How many training images there will be: methods with a memory of each want to know. */
  readonly images?: number | undefined;
}

/**
 * Joins a model and its objective, with a teacher where one is needed. Throws ARGUMENT if it is missing, and whatever
 * the objective's method throws where the two networks do not fit.
 */
export function learner(model: Model, objective: Objective, teacher?: Model, options: LearnerOptions = {}): Learner {
  const { images } = options;
  if (objective.needsTeacher && !teacher) {
    throw new LimbeckError("ARGUMENT", `method ${objective.name} needs a teacher, got none; give a trained model`);
  }
  const weights = weightsOf(objective.needsTeacher ? teacher : undefined, objective.name);
  const seen = teacher && observe(teacher, probe(teacher), false);
  const settingOf = (network: Model): Setting & Pick<Learner, "pairings"> => {
    const student = observe(network, probe(network), false);
    const pairings = seen ? objective.pairings(student, seen) : [];
    const targets = seen ? objective.targets(seen, weights, student, pairings) : {};
    return {
      module: network.module,
      student,
      pairings,
      compared: comparedStages(student, pairings, targets),
      targets,
      teacher: weights,
      classes: model.classes,
      get images() {
        return images ?? imagesUnknown(objective.name);
      },
      peer: () => (model.recreate ?? cannotPeer(model, objective.name))().module,
    };
  };
  const initial = settingOf(model);
  const trained = objective.student ? networkOf(model, objective.student(initial), objective, teacher) : model;
  const setting = trained === model ? initial : settingOf(trained);
  const auxiliaries = objective.auxiliaries(setting);
  checkNames(trained, auxiliaries, objective.name);
  checkTrained(trained, setting);
  return {
    model: trained,
    objective,
    auxiliaries,
    pairings: setting.pairings,
    teacher: objective.needsTeacher ? teacher : undefined,
    images,
  };
}

/** The network that the method makes of the model, the model's places found inside it unless it has its own. */
function networkOf(
  model: Model,
  { module, inside, features }: MadeStudent,
  { name: method, options, from }: Objective,
  teacher: Model | undefined,
): Model {
  const { name, inputShape, classes } = model;
  const places = features ?? model.features?.map((place) => placeInside(inside, place));
  const architecture: Architecture | undefined = model.architecture &&
    teacher?.architecture && {
      kind: "distilled",
      student: model.architecture,
      teacher: teacher.architecture,
      method,
      options,
      from,
    };
  return {
    name,
    module,
    inputShape,
    classes,
    inside,
    features: places,
    architecture,
  };
}

function placeInside(inside: string, { output, preActivation, norm, pooled }: FeaturePlace): FeaturePlace {
  return {
    output: `${inside}.${output}`,
    preActivation: `${inside}.${preActivation}`,
    norm: norm && `${inside}.${norm}`,
    pooled: pooled && `${inside}.${pooled}`,
  };
}

/** Throws ARGUMENT where an auxiliary module's name is taken, so that its weights would be mistaken for the model's. */
function checkNames(model: Model, auxiliaries: Learner["auxiliaries"], method: string): void {
  for (const name of Object.keys(auxiliaries)) {
    if (name !== "student" && model.module.children?.[name] === undefined) continue;
    throw new LimbeckError(
      "ARGUMENT",
      `method ${method} has an auxiliary module named ${name}, but ${model.name} has a module of that name; name the model's otherwise`,
    );
  }
}

/** Throws ARGUMENT where a place of the student is compared that depends on weights the method left out. */
function checkTrained({ module }: Model, { compared }: Setting): void {
  const states = new Set(namedStates(module).values());
  for (const { method, output, preActivation, paths } of compared) {
    if (topologicalOrder([output, preActivation]).every((tensor) => !isState(tensor) || states.has(tensor))) continue;
    throw new LimbeckError(
      "ARGUMENT",
      `${method}: ${paths.output} is no part of the network that is trained and shipped; choose another place of the student in pairs`,
    );
  }
}

function imagesUnknown(method: string): never {
  throw new LimbeckError(
    "ARGUMENT",
    `method ${method} keeps something for each training image, but does not know how many there are; ` +
      "give learner(model, objective, teacher, { images: dataset.train.count })",
  );
}

function cannotPeer({ name }: Model, method: string): never {
  throw new LimbeckError(
    "ARGUMENT",
    `method ${method} trains a second ${name}, but this model cannot make one; make it with createModel, or give it recreate()`,
  );
}
