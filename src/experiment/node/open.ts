/** @file Experiments on this machine: configuration, folder, data and engine put together. */
import { resolve } from "node:path";
import type { Dataset } from "../../data/dataset.ts";
import { startEngine } from "../../engine/engines.ts";
import { choiceNote, type EngineChoice, type StartOptions } from "../../engine/entry.ts";
import { LimbeckError } from "../../errors.ts";
import type { Engine } from "../../engine/contract.ts";
import { countMultiplyAdds } from "../../nn/index.ts";
import type { Graph } from "../../tensor/index.ts";
import type { OpenedTeacherFile, TeacherKind } from "../../teachers/node/index.ts";
import { checkBalance, result } from "../../train/index.ts";
import { answered, answersNote, queryAnswers, readAnswers } from "../answers.ts";
import { checkStart } from "../check-teacher.ts";
import { distillPlans, trainPlans, tutorialPlans, type DataSize } from "../command-plans.ts";
import type { ExperimentTeacher } from "../teacher-plans.ts";
import type { Config, ConfigInput } from "../config.ts";
import type { ExperimentEvent } from "../events.ts";
import type { ExperimentFolder } from "../folder.ts";
import type { Own } from "../../model-file/index.ts";
import { performRuns } from "../experiment.ts";
import { ensembleTeacher } from "../../teachers/index.ts";
import { lengthOf, type RunContext, type RunPlan } from "../plan.ts";
import type { SharedWork } from "../shared-work.ts";
import type { StartingWeights } from "../starting.ts";
import type { Results } from "../record.ts";
import { isPictures } from "../settings/values.ts";
import { prepareRun, stepToTime } from "../checks.ts";
import type { PreparedRun } from "../training.ts";
import { environment } from "./environment.ts";
import { openFolder } from "./folder.ts";
import { fromModule, namingModules } from "./modules/failed.ts";
import { classesOf, heldOutNote, openTeachers, teachersFor } from "./teachers.ts";
import { loadData, withPictures, type DataConfig, type LoadDataOptions } from "./load-data.ts";
import { resolveConfig, type ResolvedConfig, type TrainingCommand } from "./resolve-config.ts";
import { withEventFiles } from "./tensorboard.ts";
import { readStart } from "./weights-file.ts";

export interface OpenOptions<C extends TrainingCommand = TrainingCommand> extends LoadDataOptions {
  /** The folder to write. */
  readonly out: string;
  /** Resume what the folder holds; the configuration is then the folder's, but for the number of threads, `force`, and more epochs. */
  readonly resume?: boolean;
  /** What this process has computed of teachers, for several experiments. */
  readonly shared?: SharedWork;
  /** Loads the data; to load them once for several experiments (default: `loadData`). */
  readonly load?: typeof loadData;
  /** What the configuration was resolved to before, so that its modules are not loaded again. */
  readonly resolved?: ResolvedConfig<C> | undefined;
  /** Kinds of teachers beside those of the table, for files that they match. */
  readonly teacherKinds?: readonly TeacherKind[];
  /** Ends the experiment after the steps under way, saved. */
  readonly signal?: AbortSignal;
}

/** What may be set of an experiment that is resumed: how many threads it has now, and how many epochs it is to have; nothing else. */
export type ResumeInput<C extends TrainingCommand> =
  | { readonly [Key in keyof ConfigInput<C>]?: Key extends "threads" | "epochs" ? number : undefined }
  | undefined;

/** What a training costs. */
export interface TrainingCost {
  /** A step, to be timed. */
  readonly step: Graph;
  /** How many there are. */
  readonly steps: number;
  /** Of the student's forward pass of an image. */
  readonly multiplyAdds: number;
}

/** An experiment that is ready to run. */
export interface OpenExperiment<C extends TrainingCommand> {
  readonly config: Config<C>;
  /** The name of the engine that computes: what `auto` took. */
  readonly engine: string;
  /** What the modules give that the configuration names. */
  readonly own: Own;
  readonly dataset: Dataset;
  readonly folder: ExperimentFolder;
  /** What the training costs whose student costs most; `undefined` where nothing is trained. */
  cost(): TrainingCost | undefined;
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
  { out, resume = false, resolved: known, ...options }: OpenOptions<C>,
): Promise<OpenExperiment<C>> {
  const { signal } = options;
  const folder = await openFolder(resolve(out));
  let modules: readonly string[] = [];
  const opened: { close(): Promise<void> }[] = [folder];
  const close = (): Promise<void> => closeAll(opened);
  try {
    const { config: resolved, own } = await resolveConfig(command, input, folder, { resume, resolved: known });
    modules = Object.keys(own.sha256);
    let started: Promise<Engine> | undefined;
    const onChoice = (choice: EngineChoice): void => void folder.notes.push(choiceNote(choice));
    const onThreads = (text: string): void => void folder.notes.push(`${text} (--threads takes other numbers)`);
    const engineOf = (work?: Pick<StartOptions, "step" | "isLong">): Promise<Engine> => {
      started ??= chosenEngine(resolved, { resume, ...work, onChoice, onThreads }).then((engine) => {
        opened.push(engine);
        return engine;
      });
      return started;
    };
    const { teacherKinds: kinds, onDownload } = options;
    const opening = { folder, config: resolved, own, kinds, onDownload, signal };
    const files = await openTeachers({ ...opening, engine: () => engineOf() });
    opened.push(...files);
    folder.notes.push(...files.flatMap(({ notes }) => notes));
    const config = await withPictures(withTeachersChannels(resolved, files), options, files[0]?.trainedOn);
    const first = await firstWeights(folder, config, trainedRun[command]);
    const { dataset: loaded, notes } = await (options.load ?? loadData)(config, options, own);
    folder.notes.push(...notes);
    checkLabelled(command, loaded);
    folder.notes.push(...heldOutNote(loaded, config, files));
    checkBalance(loaded, config.balance); // before a teacher is asked for answers
    const isUnlabelled = loaded.isLabelled === false;
    const teachers = await teachersFor({ folder, config, dataset: loaded }, files);
    const dataset = isUnlabelled ? await answeredData(folder, loaded, teachers, config, options) : loaded;
    const data = { classes: dataset.classes.length, shape: dataset.shape, images: dataset.train.count, isUnlabelled };
    const startWarning = first && checkStart(first, dataset);
    if (startWarning !== undefined) folder.notes.push(startWarning);
    const start = first && { ...first, classNames: dataset.classes };
    const plans = planners[command](config, data, { teachers, start, own });
    folder.notes.push(...plans.flatMap(({ notes = [] }) => notes));
    const trained = trainedHere(plans);
    const isLong = multiplyAddsOf(trained, config, dataset) > worthTiming;
    const prepared = new Map<RunPlan, PreparedRun>();
    const cost = (): TrainingCost | undefined => costOf(trained, { dataset, config, prepared });
    const engine = await engineOf({ step: trained.length > 0 ? () => cost()!.step : undefined, isLong });
    // The one that was taken: resumed, and repeated, it is the same.
    const taken: Config<C> = { ...config, engine: engine.name };
    const where = environment(engine.description);
    // A student is timed where it will be used, on a processor.
    const timed = engine.name === "webgpu" ? "wasm" : engine.name;
    const experiment = {
      engine,
      dataset,
      folder,
      config: taken,
      description: { command, ...taken },
      environment: where,
      prepared,
      oneThread: config.latency
        ? { start: () => startEngine(timed, { threads: 1 }), machine: where.machine }
        : undefined,
      signal,
      shared: options.shared,
    };
    return {
      config,
      engine: engine.name,
      own,
      dataset,
      folder,
      cost,
      run: () => {
        const logged = { folder: resolve(out), config: taken, plans, images: dataset.train.count };
        const events = performRuns(experiment, plans);
        return namingModules(modules, config.tensorboard ? withEventFiles(events, logged) : events);
      },
      close,
    };
  } catch (error) {
    await close();
    throw fromModule(error, modules);
  }
}

/** Of the run whose student costs most: what the engine will be doing most of the time. Its steps are kept among those that are prepared. */
function costOf(
  trained: readonly TrainedHere[],
  {
    dataset,
    config,
    prepared,
  }: Pick<RunContext, "dataset" | "config"> & { readonly prepared: Map<RunPlan, PreparedRun> },
): TrainingCost | undefined {
  if (trained.length === 0) return undefined;
  const { plan, cost: multiplyAdds } = trained.reduce((most, next) => (next.cost > most.cost ? next : most));
  const step = stepToTime({ dataset, config }, plan, () => {
    const run = prepared.get(plan) ?? prepareRun({ dataset, config }, plan);
    prepared.set(plan, run);
    return run;
  });
  return { step, steps: lengthOf({ dataset, config }, plan).steps, multiplyAdds };
}

/** The engine of a configuration. Throws as it does; where an experiment goes on, says that it was begun with this one. */
async function chosenEngine(
  { engine, threads }: Pick<Config<TrainingCommand>, "engine" | "threads">,
  { resume, ...options }: Omit<StartOptions, "threads"> & { readonly resume: boolean },
): Promise<Engine> {
  try {
    return await startEngine(engine, { threads, ...options });
  } catch (error) {
    if (!resume || !(error instanceof LimbeckError)) throw error;
    throw new LimbeckError(
      error.code,
      `this experiment was begun on the engine ${engine}, and goes on where that is: ${error.message}`,
      { cause: error },
    );
  }
}

/** Multiply-adds of a training of several minutes: timing threads takes some seconds, which shorter ones would not win back. */
const worthTiming = 1e14;

/** A run that trains here, and the multiply-adds of its student's forward pass of an image. */
interface TrainedHere {
  readonly plan: RunPlan;
  readonly cost: number;
}

function trainedHere(plans: readonly RunPlan[]): readonly TrainedHere[] {
  return plans
    .filter(({ pretrained, learner }) => !pretrained && !learner.model.external)
    .map((plan) => {
      const { module, inputShape } = plan.learner.model;
      return { plan, cost: countMultiplyAdds(module, inputShape) };
    });
}

/** About how many the runs take together: a forward pass of each image, and twice as many backward. */
function multiplyAddsOf(
  trained: readonly TrainedHere[],
  { epochs }: Pick<Config<TrainingCommand>, "epochs">,
  { train }: Dataset,
): number {
  return trained.reduce((sum, { cost, plan }) => sum + 3 * cost * train.count * (plan.settings?.epochs ?? epochs), 0);
}

/** Throws DATA_FORMAT for pictures without labels where nobody but labels teaches. */
function checkLabelled(command: TrainingCommand, { name, isLabelled = true }: Dataset): void {
  if (isLabelled || command === "distill") return;
  throw new LimbeckError(
    "DATA_FORMAT",
    `the pictures of ${name} have no labels, and limbeck ${command} learns from labels: put them into a folder for each class, or let a teacher say what ` +
      "they show: limbeck distill FOLDER --teacher FILE",
  );
}

/** The data set with what its teachers say of held-out pictures: as they said when the experiment was begun, if it was. */
async function answeredData(
  folder: ExperimentFolder,
  dataset: Dataset,
  teachers: readonly ExperimentTeacher[],
  config: Config<TrainingCommand>,
  { onAnswers, signal }: LoadDataOptions,
): Promise<Dataset> {
  const { teacherWeight } = "teacherWeight" in config ? config : {};
  const force = "force" in config && config.force === true;
  const teacher = ensembleTeacher(teachers, teacherWeight);
  const classes = classesOf(teacher);
  const asking = queryAnswers(teacher, { ...dataset, classes }, { force, signal });
  const answers = (await readAnswers(folder)) ?? (await result(asking, onAnswers));
  const found = answered(dataset, answers, teacher.name);
  folder.notes.push(answersNote(found, teacher.name));
  return found;
}

/** The last that was opened first; all of them, whatever fails. */
async function closeAll(opened: { close(): Promise<void> }[]): Promise<void> {
  const last = opened.pop();
  if (last) await last.close().finally(() => closeAll(opened));
}

/** What is known of weights files, and who teaches, before an experiment is planned. */
interface Sources {
  readonly teachers: readonly ExperimentTeacher[];
  readonly start: StartingWeights | undefined;
  readonly own: Own;
}

/** What each command runs. */
const planners: {
  readonly [C in TrainingCommand]: (config: Config<C>, data: DataSize, sources: Sources) => RunPlan[];
} = {
  tutorial: (config, data, { teachers }) => tutorialPlans(config, data, teachers[0]),
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

/** Pictures are grey where all teachers take grey ones and nobody says otherwise. */
function withTeachersChannels<C extends DataConfig>(config: C, teachers: readonly OpenedTeacherFile[]): C {
  const known = teachers.flatMap(({ preprocessing }) => preprocessing ?? []);
  const isGrey = known.length > 0 && known.every(({ inputShape }) => inputShape[0] === 1);
  return isGrey && config.channels === undefined && isPictures(config.dataset) ? { ...config, channels: 1 } : config;
}
