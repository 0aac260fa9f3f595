/** @file A network about to be trained: the model, what it is trained on, and what is trained beside it. */
import type { ExtraModule, Objective, Observed } from "../distill/index.ts";
import { LimbeckError } from "../errors.ts";
import type { Model } from "../models/model.ts";
import { unknownName } from "../nearest-name.ts";
import {
  countParameters,
  namedBuffers,
  namedParameters,
  record,
  type Buffer,
  type Module,
  type Parameter,
  type Pass,
} from "../nn/module.ts";
import { formatShape, input, type Shape, type Tensor } from "../tensor/index.ts";
import type { Dataset } from "../data/dataset.ts";

/** Made by `learner`. Its parameters' values live in an engine, under the parameters' tensors. */
export interface Learner {
  readonly model: Model;
  readonly objective: Objective;
  readonly teacher?: Model;
  /** Trained beside the model and never exported, by name. */
  readonly extras: Readonly<Record<string, ExtraModule>>;
}

/**
 * Joins a model and its objective, with a teacher where one is needed. Throws ARGUMENT if it is missing, and whatever
 * the objective's method throws where the two networks do not fit.
 */
export function learner(model: Model, objective: Objective, teacher?: Model): Learner {
  if (objective.needsTeacher && !teacher) {
    throw new LimbeckError("ARGUMENT", `method ${objective.name} needs a teacher, got none; give a trained model`);
  }
  const student = observe(model, probe(model), false);
  const targets = teacher ? objective.targets(observe(teacher, probe(teacher), false)) : {};
  const extras = objective.extras({
    student: (path) => student.feature(path).shape,
    targets: Object.fromEntries(Object.entries(targets).map(([name, { shape }]) => [name, shape])),
  });
  return { model, objective, extras, ...(teacher && objective.needsTeacher ? { teacher } : {}) };
}

/** Everything that gradients change, by name: the model's own parameters by their path, then each extra module's under its name. */
export function trainedParameters(learner: Learner): Map<string, Parameter> {
  return ofAll(learner, namedParameters);
}

/** Everything that training changes otherwise, such as running averages, named in the same way. */
export function trainedBuffers(learner: Learner): Map<string, Buffer> {
  return ofAll(learner, namedBuffers);
}

/** How many numbers are learned beside the model and dropped at the end. */
export function countExtraParameters({ extras }: Learner): number {
  return Object.values(extras).reduce((sum, { module }) => sum + countParameters(module), 0);
}

/** A model recorded on x, as methods see it. */
export function observe(model: Model, x: Tensor, training: boolean): Observed & { readonly pass: Pass } {
  const pass = record(model.module, x, { training });
  return {
    pass,
    logits: pass.output,
    feature: (path) =>
      pass.outputs.get(path) ?? unknownName(`module of ${model.name}`, path, [...pass.outputs.keys()].filter(Boolean)),
  };
}

/** Throws SHAPE unless the model takes the data set's images and gives one logit a class. */
export function checkFits(model: Model, dataset: Dataset): void {
  if (formatShape(model.inputShape) !== formatShape(dataset.shape)) {
    throw new LimbeckError(
      "SHAPE",
      `${model.name} should take images of ${formatShape(dataset.shape)}, as ${dataset.name} has them, ` +
        `but it takes ${formatShape(model.inputShape)}`,
    );
  }
  const { shape } = observe(model, probe(model), false).logits;
  const wanted: Shape = [1, dataset.classes.length];
  if (formatShape(shape) !== formatShape(wanted)) {
    throw new LimbeckError(
      "SHAPE",
      `${model.name} should give logits ${formatShape(wanted)} for an image, one a class of ${dataset.name}, ` +
        `but it gives ${formatShape(shape)}; build it with ${dataset.classes.length} classes`,
    );
  }
}

/** A placeholder for one image, to learn shapes from. */
export function probe(model: Model): Tensor {
  return input("images", [1, ...model.inputShape]);
}

function ofAll<T>({ model, extras }: Learner, named: (module: Module) => Map<string, T>): Map<string, T> {
  const found = named(model.module);
  for (const [name, { module }] of Object.entries(extras)) {
    for (const [path, value] of named(module)) found.set(`${name}.${path}`, value);
  }
  return found;
}
