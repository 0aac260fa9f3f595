/** @file Networks that a trainer is given with their values: what a training starts from, and teachers. */
import type { Dataset } from "../data/dataset.ts";
import type { Engine } from "../engine/contract.ts";
import type { Objective } from "../distill/index.ts";
import { learner } from "../distill/learner.ts";
import { LimbeckError } from "../errors.ts";
import type { DescribedModel, LoadedModel } from "../model-file/index.ts";
import { ensemble, type Model } from "../models/index.ts";
import { namedParameters } from "../nn/index.ts";
import type { Tensor } from "../tensor/index.ts";
import type { OtherClasses } from "../teachers/index.ts";
import { evaluate } from "../train/evaluate/index.ts";
import { usesTeacherClasses } from "../train/index.ts";
import { checkAccuracy, checkNormalisation, checkTrainingData, otherClasses } from "./check-teacher.ts";
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

/** What a student is to learn from. */
export interface FittedTeacher {
  readonly teacher: Model;
  /** Why its logits are none of the data set's classes, if they are not. */
  readonly other: OtherClasses | undefined;
  /** States of networks that were made to have the data set's classes, to be freed. */
  readonly made: readonly Tensor[];
}

/** For which training a teacher is. */
export interface TeacherUse {
  /** Learns from it. */
  readonly model: Model | string;
  readonly engine: Engine;
  readonly dataset: Dataset;
  readonly teacherLabels: TeacherLabels | undefined;
  readonly force: boolean;
}

/**
 * The teacher, or several as one by the mean of their logits, each with one logit a class of the data set if that can be told by name. Throws ARGUMENT
 * for one that is to learn from itself, and unless `force` for one whose file says that it was trained on other data.
 */
export async function teacherFor(
  teachers: DescribedModel | readonly DescribedModel[],
  { model, engine, dataset, teacherLabels, force }: TeacherUse,
): Promise<FittedTeacher> {
  const given = isOne(teachers) ? teachers : ensemble(teachers);
  if ([given, ...(given.members ?? [])].some((one) => one === model)) {
    throw new LimbeckError(
      "ARGUMENT",
      `distill: ${given.name} should learn from itself, and would lose its values; give another model, or its name`,
    );
  }
  const each = await Promise.all(
    (isOne(teachers) ? [teachers] : teachers).map((one) => fittedTeacher(one, engine, dataset, teacherLabels)),
  );
  for (const { file, otherClasses } of each) {
    (otherClasses ? checkNormalisation : checkTrainingData)(file, dataset, force);
  }
  return {
    teacher: isOne(teachers) ? each[0]!.file.model : ensemble(each.map(({ file }) => file.model)),
    other: each.find(({ otherClasses }) => otherClasses)?.otherClasses,
    made: each.flatMap(({ made }) => [...made]),
  };
}

/** Throws ARGUMENT for a method that uses the classifier of a teacher of other classes; WEIGHTS for a teacher that does no better than guessing, unless `force`. */
export async function checkTeaching(
  teacher: Model,
  other: OtherClasses | undefined,
  {
    student,
    objective,
    engine,
    dataset,
    force,
  }: Omit<TeacherUse, "model" | "teacherLabels"> & {
    readonly student: Model;
    readonly objective: Objective;
  },
): Promise<void> {
  const images = dataset.train.count;
  if (other && !usesTeacherClasses(learner(student, objective, teacher, { images }))) return;
  if (other && !(force && teacher.classes === dataset.classes.length)) {
    const { refusedClasses } = await import("./teacher-classes.ts");
    throw refusedClasses(other, objective, { student, teacher, images });
  }
  const known = await evaluate({ engine, model: teacher, dataset, split: dataset.validation ?? dataset.test });
  checkAccuracy({ title: "The teacher", name: teacher.name }, known, force);
}

function isOne(teachers: DescribedModel | readonly DescribedModel[]): teachers is DescribedModel {
  return !Array.isArray(teachers);
}

/** The teacher with one logit a class of the data set, if that can be told by name. */
async function fittedTeacher(
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
