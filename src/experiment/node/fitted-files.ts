/** @file Teachers' weights beside the data: with their networks, and their logits in the order of the data set's classes where these are told by name. */
import type { Dataset } from "../../data/dataset.ts";
import { checkNormalisation, checkTrainingData } from "../check-teacher.ts";
import type { TeacherFile } from "../command-plans.ts";
import type { Own } from "../../model-file/index.ts";
import { fallback, type Config } from "../config.ts";
import { fitClasses, namedTeacher, type TeacherLabels } from "../teacher-classes.ts";
import type { TrainingCommand } from "./resolve-config.ts";
import type { ReadTeacherFile } from "./weights-file.ts";

export interface FittedFile {
  readonly file: TeacherFile;
  readonly sha256: string;
  readonly bytes: number;
}

/** By their places among the teachers; what a person should know goes to `notes`. Throws ARGUMENT for one that was trained on other data, unless `force`. */
export function fittedFiles(
  read: readonly (readonly [number, ReadTeacherFile])[],
  config: Config<TrainingCommand>,
  { dataset, own, notes }: { readonly dataset: Dataset; readonly own: Own; readonly notes: string[] },
): ReadonlyMap<number, FittedFile> {
  const force = "force" in config && config.force === true;
  return new Map(
    read.map(([i, whole]) => {
      const { sha256, bytes } = whole;
      const fitted = "assistants" in config ? fitTeacher(whole, i, { config, dataset, own }) : { file: whole };
      const check = fitted.file.otherClasses || dataset.isLabelled === false ? checkNormalisation : checkTrainingData;
      const warning = check(fitted.file, dataset, force);
      for (const note of [fitted.note, warning]) if (note !== undefined) notes.push(note);
      return [i, { file: fitted.file, sha256, bytes }];
    }),
  );
}

function fitTeacher(
  { isCopy, ...read }: ReadTeacherFile,
  i: number,
  {
    config: { teacherModel, teacherModelOptions, teacherLabels },
    dataset,
    own,
  }: { readonly config: Config<"distill">; readonly dataset: Dataset; readonly own: Own },
): { readonly file: TeacherFile; readonly note?: string } {
  if (isCopy) return { file: read };
  const name = teacherModel?.[i] ?? teacherModel?.[0] ?? fallback.teacherModel;
  const size = {
    classes: Math.max(2, dataset.classes.length),
    shape: dataset.shape,
    options: teacherModelOptions,
  };
  const model = read.model ?? namedTeacher(name, read, size, own);
  if (dataset.isLabelled === false) return { file: { ...read, model } };
  const { file, otherClasses, note } = fitClasses({ ...read, model }, dataset, mapped(teacherLabels));
  return { file: { ...file, ...(otherClasses && { otherClasses }) }, ...(note !== undefined && { note }) };
}

/** Labels that say which class is which; a list says what the teacher's own are called. */
export function mapped(labels: Config<"distill">["teacherLabels"]): TeacherLabels | undefined {
  return Array.isArray(labels) ? undefined : labels;
}
