/** @file Experiments on this machine: configuration, folder, data and engine put together. */
import { resolve } from "node:path";
import type { Dataset } from "../../data/dataset.ts";
import { startEngine } from "../../engine/engines.ts";
import { checkNormalisation, checkStart, checkTrainingData } from "../check-teacher.ts";
import { distillPlans, trainPlans, tutorialPlans, type DataSize, type TeacherFile } from "../command-plans.ts";
import { fallback, type Config, type ConfigInput } from "../config.ts";
import type { ExperimentEvent } from "../events.ts";
import type { ExperimentFolder } from "../folder.ts";
import type { Own } from "../../model-file/index.ts";
import { performRuns } from "../experiment.ts";
import type { RunPlan, StartingWeights } from "../plan.ts";
import type { Results } from "../record.ts";
import { fitClasses, namedTeacher } from "../teacher-classes.ts";
import { environment } from "./environment.ts";
import { openFolder } from "./folder.ts";
import { fromModule, namingModules } from "./modules/failed.ts";
import { loadData, withPictures, type LoadDataOptions } from "./load-data.ts";
import { resolveConfig, type TrainingCommand } from "./resolve-config.ts";
import { readStart, readTeachers, type ReadTeacherFile } from "./weights-file.ts";

export interface OpenOptions extends LoadDataOptions {
  /** The folder to write. */
  readonly out: string;
  /** Resume what the folder holds; the configuration is then the folder's, but for the number of threads and `force`. */
  readonly resume?: boolean;
  /** Ends the experiment after the step under way, saved. */
  readonly signal?: AbortSignal;
}

/** What may be set of an experiment that is resumed: how many threads it has now, and nothing else. */
export type ResumeInput<C extends TrainingCommand> =
  | { readonly [Key in keyof ConfigInput<C>]?: Key extends "threads" ? number : undefined }
  | undefined;

/** An experiment that is ready to run. */
export interface OpenExperiment<C extends TrainingCommand> {
  readonly config: Config<C>;
  /** What the modules give that the configuration names. */
  readonly own: Own;
  readonly dataset: Dataset;
  readonly folder: ExperimentFolder;
  /** Does the runs; to be called once. */
  run(): AsyncGenerator<ExperimentEvent, Results>;
  /** Stops the engine and lets go of the folder. */
  close(): Promise<void>;
}

/**
 * Checks everything that can be checked beforehand, the types of `input` among it, and gets the data. Nothing is written yet.
 *
 * Throws CONFIG for a configuration that breaks the schema, OUTPUT for a folder that cannot be used, and as the data set's reader.
 */
export async function openExperiment<C extends TrainingCommand>(
  command: C,
  input: ConfigInput<C> | ResumeInput<C>,
  { out, resume = false, ...options }: OpenOptions,
): Promise<OpenExperiment<C>> {
  const { signal } = options;
  const folder = await openFolder(resolve(out));
  let modules: readonly string[] = [];
  try {
    const { config: resolved, own } = await resolveConfig(command, input, folder, resume);
    modules = Object.keys(own.sha256);
    const read = await readTeachers(folder, teacherPaths(resolved), own);
    const config = await withPictures(resolved, read[0]?.description);
    const first = await firstWeights(folder, config, trainedRun[command]);
    const { dataset, notes } = await loadData(config, options, own);
    folder.notes.push(...notes);
    const data = { classes: dataset.classes.length, shape: dataset.shape, images: dataset.train.count };
    const teachers = read.map((file, i) => {
      const fitted = "assistants" in config ? fitTeacher(file, i, { config, dataset, own }) : { file };
      const check = fitted.file.otherClasses ? checkNormalisation : checkTrainingData;
      const warning = check(fitted.file, dataset, "force" in config && config.force === true);
      for (const note of [fitted.note, warning]) if (note !== undefined) folder.notes.push(note);
      return fitted.file;
    });
    const startWarning = first && checkStart(first, dataset);
    if (startWarning !== undefined) folder.notes.push(startWarning);
    const start = first && { ...first, classNames: dataset.classes };
    const plans = planners[command](config, data, { teachers, ...(start && { start }), own });
    folder.notes.push(...plans.flatMap(({ notes = [] }) => notes));
    const engine = await startEngine(config.engine, config);
    const where = environment(engine.description);
    const experiment = {
      engine,
      dataset,
      folder,
      config,
      description: { command, ...config },
      environment: where,
      oneThread: { start: () => startEngine(config.engine, { threads: 1 }), machine: where.machine },
      ...(signal && { signal }),
    };
    return {
      config,
      own,
      dataset,
      folder,
      run: () => namingModules(modules, performRuns(experiment, plans)),
      close: () => engine.close().finally(() => folder.close()),
    };
  } catch (error) {
    await folder.close();
    throw fromModule(error, modules);
  }
}

/** What is read of weights files before an experiment is planned. */
interface ReadFiles {
  readonly teachers: readonly TeacherFile[];
  readonly start?: StartingWeights;
  readonly own: Own;
}

/** What each command runs. */
const planners: {
  readonly [C in TrainingCommand]: (config: Config<C>, data: DataSize, files: ReadFiles) => RunPlan[];
} = {
  tutorial: (config, data, { teachers: [teacher] }) => tutorialPlans(config, data, teacher),
  train: (config, data, { start, own }) => trainPlans(config, data, { start, own }),
  distill: (config, data, { teachers, start, own }) => distillPlans(config, data, teachers, { start, own }),
};

/** The run that starts from given weights. */
const trainedRun = { tutorial: undefined, train: "model", distill: "student" } as const;

async function firstWeights(
  folder: ExperimentFolder,
  config: Config<TrainingCommand>,
  run: string | undefined,
): ReturnType<typeof readStart> {
  const { weights } = "weights" in config ? config : {};
  return weights === undefined || run === undefined ? undefined : readStart(folder, run, weights);
}

/** A teacher with its network, its logits in the order of the data set's classes where they are told by name. */
function fitTeacher(
  { isCopy, ...file }: ReadTeacherFile,
  i: number,
  {
    config: { teacherModel, teacherLabels },
    dataset,
    own,
  }: { readonly config: Config<"distill">; readonly dataset: Dataset; readonly own: Own },
): { readonly file: TeacherFile; readonly note?: string } {
  if (isCopy) return { file };
  const name = teacherModel?.[i] ?? teacherModel?.[0] ?? fallback.teacherModel;
  const size = { classes: dataset.classes.length, shape: dataset.shape };
  const model = file.model ?? namedTeacher(name, file, size, own);
  const { file: fitted, otherClasses, note } = fitClasses({ ...file, model }, dataset, teacherLabels);
  return { file: { ...fitted, ...(otherClasses && { otherClasses }) }, ...(note !== undefined && { note }) };
}

function teacherPaths(config: Config<TrainingCommand>): readonly string[] {
  const { teacher = [] } = "teacher" in config ? config : {};
  return typeof teacher === "string" ? [teacher] : teacher;
}
