/** @file The teachers of an experiment: each opened as its kind does it, before the data are known, then made for the data set. */
import { MEBIBYTE } from "../teacher-views.ts";
import { basename } from "node:path";
import type { Dataset } from "../../data/dataset.ts";
import type { Engine } from "../../engine/contract.ts";
import { LimbeckError } from "../../errors.ts";
import type { Own } from "../../model-file/index.ts";
import { LOGITS, type TeacherDescription } from "../../teachers/index.ts";
import {
  hubKind,
  logitsKind,
  onnxKind,
  type OpenContext,
  type OpenedTeacherFile,
  type TeacherFileOptions,
  type TeacherKind,
} from "../../teachers/node/index.ts";
import type { Config } from "../config.ts";
import type { ExperimentFolder } from "../folder.ts";
import { fitTeacherClasses } from "../teacher-classes.ts";
import { labelMap, teacherRun } from "../teacher-config.ts";
import type { ExperimentTeacher } from "../teacher-plans.ts";
import type { LoadDataOptions } from "./load-data.ts";
import type { TrainingCommand } from "./resolve-config.ts";
import { readBound } from "./weights-file.ts";
import { weightsKind } from "./weights-teacher.ts";

/** The kinds: the first that matches a path opens it. That of `teacherLogits` is named by its setting, and weights are what is left. */
const teacherKinds: readonly TeacherKind[] = [hubKind, onnxKind, logitsKind];

/** The kind of a file, by its path; `undefined` for weights. */
export function kindOfTeacher(path: string, more: readonly TeacherKind[] = []): TeacherKind | undefined {
  return [...more, ...teacherKinds].find((kind) => kind.matches(path));
}

export interface OpenTeachersOptions {
  readonly folder: ExperimentFolder;
  readonly config: Config<TrainingCommand>;
  readonly own: Own;
  /** Before those of the table. */
  readonly kinds?: readonly TeacherKind[] | undefined;
  /** Of what is downloaded. */
  readonly onDownload?: LoadDataOptions["onDownload"];
  readonly signal?: AbortSignal | undefined;
  /** Starts it when it is first needed. */
  engine(): Promise<Engine>;
}

/** In the configuration's order, logits last. Throws CONFIG for settings that none of them has a use for; else as their kinds do. */
export async function openTeachers(options: OpenTeachersOptions): Promise<readonly OpenedTeacherFile[]> {
  const { folder, config, kinds = [], onDownload, signal, engine } = options;
  const paths = teacherPaths(config);
  const { teacherOptions, teacherLabels, teacherLogits, threads } = distilling(config);
  const weights = weightsKind(options);
  const files: { readonly path: string; readonly kind: TeacherKind }[] = paths.map((path) => ({
    path,
    kind: kindOfTeacher(path, kinds) ?? weights,
  }));
  if (teacherLogits !== undefined) files.push({ path: teacherLogits, kind: logitsKind });
  if (files.every(({ kind }) => kind === weights)) refuseForWeights(teacherOptions, teacherLabels);
  const opened: OpenedTeacherFile[] = [];
  try {
    for (const [index, { path, kind }] of files.entries()) {
      const context: OpenContext = {
        run: teacherRun(index, paths.length),
        index,
        engine,
        onDownload,
        signal,
        options: teacherOptions,
        classNames: Array.isArray(teacherLabels) ? teacherLabels : undefined,
        threads,
        bind: (name, value) => folder.bind(name, value),
        read: (name, path) => readBound(folder, name, path),
      };
      opened.push(await kind.open(path, context));
    }
    return opened;
  } catch (error) {
    for (const each of opened) await each.close();
    throw error;
  }
}

/** Weights say themselves how their images are made and what their classes are. */
function refuseForWeights(options: TeacherFileOptions | undefined, labels: unknown): void {
  const why = "weights of Limbeck's say it themselves";
  if (options !== undefined)
    throw new LimbeckError("CONFIG", `teacherOptions: they are for teachers that are ONNX files; ${why}`);
  if (Array.isArray(labels))
    throw new LimbeckError(
      "CONFIG",
      `teacherLabels: a list names the classes of an ONNX file or of logits; ${why}: give which of them are the data set's, {"theirs": "ours"}`,
    );
}

/** What teachers are made for. */
export interface TeachersFor {
  readonly folder: ExperimentFolder;
  readonly config: Config<TrainingCommand>;
  readonly dataset: Dataset;
}

/**
 * Every teacher for the data set, with its classes where names say which they are. Notes go to the folder's. Throws as `fitTeacherClasses`
 * and as their kinds do.
 */
export async function teachersFor(
  { folder, config, dataset }: TeachersFor,
  opened: readonly OpenedTeacherFile[],
): Promise<readonly ExperimentTeacher[]> {
  const labels = labelMap(distilling(config).teacherLabels);
  const data = { dataset, engineName: config.engine, most: config.teacherMemory * MEBIBYTE };
  const isLabelled = dataset.isLabelled !== false;
  let classes = isLabelled ? dataset.classes : labels && [...new Set(Object.values(labels))];
  const made: ExperimentTeacher[] = [];
  for (const each of opened) {
    const teacher: ExperimentTeacher = await each.forDataset(data);
    if (teacher.file && isLabelled) {
      made.push(teacher);
      continue;
    }
    classes ??= classesOf(teacher); // without labels, those of the first
    const fitted = fitTeacherClasses(teacher, { name: dataset.name, classes }, labels);
    if (fitted.note !== undefined && isLabelled) folder.notes.push(fitted.note);
    made.push(fitted.teacher);
  }
  return made;
}

/** The names of its classes, or their numbers. */
export function classesOf({ classNames, shapes }: TeacherDescription): readonly string[] {
  return classNames ?? Array.from({ length: shapes.get(LOGITS)?.[0] ?? 0 }, (_, i) => String(i));
}

/**
 * What a person should know of pictures that are held out, drawn from all: figures on them mean nothing if an external teacher, that no run of Limbeck's
 * is known to have made, was trained on them.
 */
export function heldOutNote(
  { name, isLabelled = true, isTestDrawn = false, measuredOn, validation, test }: Dataset,
  config: Config<TrainingCommand>,
  opened: readonly OpenedTeacherFile[],
): readonly string[] {
  const { teacherLogits } = distilling(config);
  const paths = [...teacherPaths(config), ...(teacherLogits === undefined ? [] : [teacherLogits])];
  const external = paths.filter((_, i) => opened[i]?.trainedOn === undefined);
  if (external.length === 0 || !isLabelled || !isTestDrawn) return [];
  const counts = [...(validation ? [`${validation.count} validation`] : []), `${test.count} ${measuredOn ?? "test"}`];
  const were = external.length === 1 ? "was" : "were";
  return [
    `${counts.join(" and ")} pictures of ${name} are held out, drawn from all: figures on them mean something only if ` +
      `${external.map((path) => basename(path)).join(", ")} ${were} not trained on them; the same command with --list-images FILE says which they are`,
  ];
}

/** The settings of teachers, where a command has them. */
function distilling(config: Config<TrainingCommand>): Partial<Config<"distill">> {
  return "assistants" in config ? config : {};
}

function teacherPaths(config: Config<TrainingCommand>): readonly string[] {
  const { teacher = [] } = "teacher" in config ? config : {};
  return typeof teacher === "string" ? [teacher] : teacher;
}
