/** @file Networks that a trainer is given with their values: what a training starts from, and teachers. */
import type { Dataset } from "../data/dataset.ts";
import type { Engine } from "../engine/contract.ts";
import { LimbeckError } from "../errors.ts";
import { readModelFile, valuesFor, type DescribedModel, type LoadedModel } from "../model-file/index.ts";
import type { Model } from "../models/index.ts";
import { namedParameters, namedStates } from "../nn/index.ts";
import { sha256Hex } from "../sha256.ts";
import type { Tensor } from "../tensor/index.ts";
import { checkInitialised } from "../train/check-model.ts";
import { otherClasses } from "./check-teacher.ts";
import type { StartingWeights } from "./plan.ts";
import { fitClasses, type FittedTeacher, type TeacherLabels } from "./teacher-classes.ts";

/** What a training starts from. */
export interface StartSettings {
  /**
   * Values that take the place of drawn ones: the bytes of a safetensors file, or a network whose values are in the trainer's
   * engine, or in its own if it was loaded; the model that is trained itself, say. A head of other classes is drawn all the same.
   */
  readonly weights?: Uint8Array | DescribedModel;
}

/** Throws ARGUMENT for a model whose values a training from drawn ones would replace. */
export async function checkUnused(model: DescribedModel | LoadedModel, engine: Engine): Promise<void> {
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
export async function weightsOf(
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

/** A teacher with one logit a class of the data set, if that can be told by name; `made` are the states of one made for that, to be freed. */
export async function fittedTeacher(
  teacher: DescribedModel,
  engine: Engine,
  dataset: Dataset,
  labels: TeacherLabels | undefined,
): Promise<FittedTeacher & { readonly made: ReadonlySet<Tensor> }> {
  const { description, name } = teacher;
  const plain = {
    tensors: new Map(),
    source: `the teacher ${name}`,
    model: teacher,
    ...(description && { description }),
  };
  const isSame = !otherClasses(plain, dataset) && teacher.classes === dataset.classes.length;
  if (isSame && !labels) return { file: plain, made: new Set() };
  const fitted = fitClasses(
    { ...(await weightsOf(teacher, engine)), source: plain.source, model: teacher },
    dataset,
    labels,
  );
  if (fitted.file.model === teacher) return { ...fitted, made: new Set() };
  const values = valuesFor(fitted.file.model, fitted.file);
  for (const [state, value] of values) await engine.write(state, value);
  return { ...fitted, made: new Set(values.keys()) };
}
