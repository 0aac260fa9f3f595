/** @file A teacher's classes beside those of the data set: brought into their order by name, or found to be others. */
import type { Dataset } from "../data/dataset.ts";
import { methods, objective, type AnyMethod, type Objective } from "../distill/index.ts";
import { LimbeckError } from "../errors.ts";
import { itsDataset, otherClasses } from "./check-teacher.ts";
import { some } from "./class-difference.ts";
import type { ModelDescription, ModelFile, Own } from "../model-file/index.ts";
import type { Model, ModelOptions } from "../models/index.ts";
import { nearestName } from "../nearest-name.ts";
import { namedStates } from "../nn/index.ts";
import { learner } from "../distill/learner.ts";
import { classifierOf } from "../distill/observe.ts";
import {
  LOGITS,
  withLogits,
  withTheseLogits,
  type DatasetTeacher,
  type OtherClasses,
  type TeacherOutputs,
} from "../teachers/index.ts";
import { usesTeacherClasses } from "../train/index.ts";
import { modelNamed } from "./config.ts";
import type { TeacherLabels } from "./teacher-config.ts";
import { droppedPrefix, type StoredTensor } from "../weights/index.ts";

/** A teacher's weights, and the network that they are of. */
export interface TeacherWeightsFile extends ModelFile {
  readonly model: Model;
}

/** What is trained on: its name and its classes. */
type Classes = Pick<Dataset, "name" | "classes">;

/** A teacher as it can be used. */
export interface FittedTeacher {
  readonly file: TeacherWeightsFile;
  /** What was changed, for people. */
  readonly note?: string | undefined;
  /** Why its logits are none of the data set's classes, if they are not. */
  readonly otherClasses?: OtherClasses | undefined;
}

/**
 * The teacher with one logit a class of the data set, in its order: as it is, if its classes are those; with rows of its classifier chosen by
 * name, if `labels` say which, or if all names of the data set are among its own; else as it is, its classes being others. Throws ARGUMENT
 * for labels that do not name every class once.
 */
export function fitClasses(file: TeacherWeightsFile, dataset: Classes, labels?: TeacherLabels): FittedTeacher {
  const { columns, ...fitted } = classColumns({ ...file, classes: file.model.classes }, dataset, labels);
  return { file: columns ? withColumns(file, columns, dataset.classes) : file, ...fitted };
}

/** A teacher's classes, as its file names them. */
export interface TeacherClasses {
  /** Names it in messages. */
  readonly source: string;
  readonly description?: Pick<ModelDescription, "classNames" | "dataset"> | undefined;
  readonly classes: number;
}

/** Which of a teacher's logits are those of the data set's classes, where they are not the same in number and order. */
export interface ClassColumns extends Pick<FittedTeacher, "note" | "otherClasses"> {
  readonly columns?: readonly number[];
}

/** Where neither names nor `labels` match them, its classes are others. Throws ARGUMENT for labels that do not name every class once. */
export function classColumns(
  { source, description, classes: count }: TeacherClasses,
  dataset: Classes,
  labels?: TeacherLabels,
): ClassColumns {
  const { classes } = dataset;
  const names = description?.classNames;
  const isSame = names ? sameNames(names, classes) : count === classes.length;
  if (!labels && isSame) return {};
  const theirs = names ?? Array.from({ length: count }, (_, i) => String(i));
  const columns = labels ? labelled(theirs, labels, dataset, source) : classes.map((name) => theirs.indexOf(name));
  if (!labels && (!names || columns.some((column) => column < 0))) {
    const file = { source, description };
    const unnamed = `${source} should hold a network for the ${classes.length} classes of ${dataset.name}, but its ${count} classes have no names`;
    return { otherClasses: { finding: otherClasses(file, dataset) ?? unnamed, fix: itsDataset(file, dataset) } };
  }
  const note = `${source} has the ${classes.length} classes of ${dataset.name} among ${theirs.length}, or in another order: its logits are matched by name`;
  return { columns, note };
}

/** The teacher with one logit a class of the data set, where that can be known, and what a person should know of it. Throws ARGUMENT for labels that do not name every class once. */
export function fitTeacherClasses(
  teacher: DatasetTeacher,
  dataset: Pick<Dataset, "name" | "classes">,
  labels: TeacherLabels | undefined,
): { readonly teacher: DatasetTeacher; readonly note?: string | undefined } {
  const { classNames, shapes, origins, inStep, trial } = teacher;
  const source = origins[0]?.file ?? teacher.name;
  const [classes = 0] = shapes.get(LOGITS) ?? [];
  const theirs = { source, classes, description: classNames && { classNames } };
  const { columns, note, otherClasses } = classColumns(theirs, dataset, labels);
  if (otherClasses) return { teacher: { ...teacher, otherClasses } };
  if (!columns) {
    const unnamed = `${source} does not name its ${classes} classes: they are taken for those of ${dataset.name}, in their order`;
    return { teacher, note: classNames ? undefined : unnamed };
  }
  const chosen = (all: TeacherOutputs): TeacherOutputs => withLogits(all, columns, dataset.classes);
  const fitted: DatasetTeacher = {
    ...withTheseLogits(teacher, columns, dataset.classes),
    inStep: inStep && (() => inStep(columns)),
    trial: trial && { ...trial, outputs: (...of) => chosen(trial.outputs(...of)) },
    async *query(which, wanted, how) {
      return chosen(yield* teacher.query(which, wanted, how));
    },
  };
  return { teacher: fitted, note };
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i]);
}

/** For each class of the data set, the place of the teacher's. */
function labelled(
  theirs: readonly string[],
  labels: TeacherLabels,
  { name, classes }: Classes,
  source: string,
): number[] {
  const refuse = (problem: string): never => {
    throw new LimbeckError("ARGUMENT", `teacherLabels of ${source}: ${problem}`);
  };
  const columns = new Map<string, number>();
  for (const [their, our] of Object.entries(labels)) {
    const column = theirs.indexOf(their);
    if (column < 0) refuse(`the teacher has no class ${quoted(their, theirs)}`);
    if (!classes.includes(our)) refuse(`${name} has no class ${quoted(our, classes)}`);
    if (columns.has(our)) refuse(`${our} should be named once, but two of the teacher's classes have it`);
    columns.set(our, column);
  }
  const missing = classes.filter((our) => !columns.has(our));
  if (missing.length > 0)
    refuse(`every class of ${name} should be named, but ${some(missing)} ${missing.length === 1 ? "is" : "are"} not`);
  return classes.map((our) => columns.get(our)!);
}

function quoted(name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  return `${JSON.stringify(name)}${near === undefined ? "" : `; did you mean ${near}?`}`;
}

/** The network with these rows of its classifier alone. Throws ARGUMENT for a network that is not of the table. */
function withColumns(
  file: TeacherWeightsFile,
  columns: readonly number[],
  classes: readonly string[],
): TeacherWeightsFile {
  const { model, description, source } = file;
  if (model.architecture?.kind !== "model" || !model.recreate) {
    throw new LimbeckError(
      "ARGUMENT",
      `${source}: the classes of ${model.name} cannot be put in another order, because it is no network of the table; train one for these classes`,
    );
  }
  const head = classifierOf(model);
  const prefix = droppedPrefix(model, file.tensors, source);
  const tensors = new Map(file.tensors);
  for (const path of namedStates(model.module).keys()) {
    const stored = tensors.get(prefix + path);
    if (path.startsWith(`${head}.`) && stored) tensors.set(prefix + path, rowsOf(stored, columns));
  }
  const made = model.recreate({ classes: classes.length });
  const described: ModelDescription | undefined = description && {
    ...description,
    classes: classes.length,
    classNames: classes,
    architecture: made.architecture,
  };
  return { tensors, source, model: made, description: described };
}

function rowsOf({ shape, values }: StoredTensor, rows: readonly number[]): StoredTensor {
  const size = values.length / shape[0]!;
  const chosen = new Float32Array(rows.length * size);
  for (const [i, row] of rows.entries()) chosen.set(values.subarray(row * size, (row + 1) * size), i * size);
  return { shape: [rows.length, ...shape.slice(1)], values: chosen };
}

/** A network by its name for weights that do not say how many classes they have, with as many as its classifier's rows in the file; else with `classes`. */
export function namedTeacher(
  name: string,
  { tensors, source }: ModelFile,
  {
    classes,
    shape,
    options,
  }: {
    readonly classes: number;
    readonly shape: Model["inputShape"];
    readonly options: ModelOptions["options"];
  },
  own: Own,
): Model {
  const model = modelNamed(name, { classes, inputShape: shape, options }, own);
  const head = classifierOf(model);
  const rows = tensors.get(`${droppedPrefix(model, tensors, source)}${head}.weight`)?.shape[0] ?? classes;
  return rows === classes || rows < 2 ? model : modelNamed(name, { classes: rows, inputShape: shape, options }, own);
}

/** The refusal of a method that uses the classifier of a teacher whose classes are others, with the methods that do not. */
export function refusedClasses(
  { finding, fix }: OtherClasses,
  { name }: Pick<Objective, "name">,
  { student, teacher, images }: Networks,
): LimbeckError {
  const works = Object.values<AnyMethod>(methods).filter((method) =>
    isTaughtByFeatures(method, { student, teacher, images }),
  );
  const anyway =
    !teacher.external && teacher.classes === student.classes
      ? ", or, to use this one all the same, set force (--force)"
      : "";
  return new LimbeckError(
    "ARGUMENT",
    `${finding}; ${fix}say which of its classes are which (teacherLabels), or choose a method that does not use its classifier, as ${name} ` +
      `does (${works.map((method) => method.name).join(", ")})${anyway}`,
  );
}

/** Who would learn from whom, on so many images. */
export interface Networks {
  readonly student: Model;
  readonly teacher: Model;
  readonly images: number;
}

function isTaughtByFeatures(method: AnyMethod, { student, teacher, images }: Networks): boolean {
  if (!method.needsTeacher) return false;
  try {
    return !usesTeacherClasses(learner(student, objective(method), teacher, { images }));
  } catch (error) {
    if (error instanceof LimbeckError) return false; // What it compares does not fit.
    throw error;
  }
}
