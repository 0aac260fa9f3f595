/** @file Networks that a trainer is given with their values: what a training starts from, and teachers. */
import type { Dataset } from "../data/dataset.ts";
import type { Engine } from "../engine/contract.ts";
import { LimbeckError } from "../errors.ts";
import type { DescribedModel, LoadedModel } from "../model-file/index.ts";
import type { Model } from "../models/index.ts";
import { namedParameters } from "../nn/index.ts";
import { otherClasses } from "./check-teacher.ts";
import type { StoredWeights, TeacherNetwork } from "./trainer-values.ts";
import type { RunPlan } from "./plan.ts";
import type { TeacherLabels } from "./teacher-config.ts";

/** What a training starts from. */
export interface StartSettings {
  /**
   * Values that take the place of drawn ones: the bytes of a safetensors file, or a network whose values are in the trainer's
   * engine, or in its own if it was loaded; the model that is trained itself, say. A head of other classes is drawn all the same.
   */
  readonly weights?: StoredWeights;
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

/** The run, its network starting from these weights. Throws ARGUMENT, WEIGHTS where they do not fit. */
export async function startFromStored(
  weights: StoredWeights,
  { plan, model, engine, dataset }: Starting,
): Promise<RunPlan> {
  // NOTE: loaded only here, so that a page whose networks start from drawn values need not.
  const [{ readWeights }, { startFrom }] = await Promise.all([import("./trainer-values.ts"), import("./starting.ts")]);
  return startFrom(plan, model, { ...(await readWeights(weights, engine)), classNames: dataset.classes });
}

/** What is to start from weights. */
export interface Starting {
  readonly plan: RunPlan;
  readonly model: Model;
  readonly engine: Engine;
  readonly dataset: Pick<Dataset, "classes">;
}

/** The teacher with one logit a class of the data set, if that can be told by name. */
export async function fittedTeacher(
  teacher: DescribedModel,
  engine: Engine,
  dataset: Dataset,
  labels: TeacherLabels | undefined,
): Promise<TeacherNetwork> {
  const { description, name } = teacher;
  const source = `the teacher ${name}`;
  const file = { tensors: new Map(), source, model: teacher, description };
  const isSame = !otherClasses(file, dataset) && teacher.classes === dataset.classes.length;
  if (isSame && !labels) return { file, made: new Set() };
  // NOTE: loaded only here, so that a page whose teachers fit need not.
  const { withClassesOf } = await import("./trainer-values.ts");
  return withClassesOf(dataset, { model: teacher, source, engine }, labels);
}
