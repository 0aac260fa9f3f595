/** @file One run of an experiment: train, evaluate, write the files. */
import type { Dataset } from "../data/dataset.ts";
import type { Tta } from "../data/test-views.ts";
import type { Objective } from "../distill/index.ts";
import { LimbeckError } from "../errors.ts";
import { loadModel, saveModel } from "../model-file/index.ts";
import { modelOptionsOf } from "../models/index.ts";
import { countMultiplyAdds, countParameters } from "../nn/index.ts";
import { evaluating, type Evaluation } from "../train/evaluate/index.ts";
import {
  reported,
  type EpochEvent,
  countSteps,
  epochsBegun,
  imagesAtATime,
  countAuxiliaryParameters,
} from "../train/index.ts";
import type { Learner } from "../distill/learner.ts";
import { weightsFileBytes } from "../weights/index.ts";
import { recordAsJson } from "./agreement.ts";
import type { TrainingConfig } from "./config.ts";
import type { ExperimentEvent, RunStartEvent } from "./events.ts";
import { toJson } from "./folder.ts";
import { contextOf, externalTeacher, lengthOf, originOf, type RunContext, type RunPlan } from "./plan.ts";
import { readRandomState, readRecord, type EpochRecord, type RunRecord } from "./record.ts";
import type { TeacherTargets } from "./teacher-targets.ts";
import {
  checkpointPaths,
  openCheckpoints,
  trainLogged,
  type RunCheckpoints,
  type TrainedRun,
  type TrainRunOptions,
} from "./training.ts";

/**
 * The record of a run that was over before; the engine then has its weights, but for an external teacher's, and the random stream stands where it
 * left it. `undefined` for one that is not.
 */
export async function finishedRun(context: RunContext, plan: RunPlan): Promise<RunRecord | undefined> {
  const { engine, folder, config } = context;
  const { name, learner, random } = plan;
  const record = await readRecord(folder, name);
  if (externalTeacher(plan)) return record;
  const bytes = await folder.read(`${name}/model.safetensors`);
  const stream = await readRandomState(folder, name);
  if (!record || !bytes || !stream || isShort(context, plan, record)) return undefined;
  await loadModel(bytes, engine, { into: learner.model, source: `${name}/model.safetensors` });
  random.restore(stream);
  // Where the process was killed before it came to that.
  if (!config.extendable) await folder.remove(checkpointPaths(name));
  return record;
}

/** Whether a finished run is to be extended: it has fewer epochs than are asked for now. */
function isShort(context: RunContext, plan: RunPlan, { epochs }: Pick<RunRecord, "epochs">): boolean {
  return plan.pretrained !== true && epochs.length < epochsBegun(contextOf(context, plan).config.epochs);
}

/** Throws OUTPUT where a finished run is to be extended, and what it goes on from was not kept. */
export async function checkExtendable(context: RunContext, plans: readonly RunPlan[]): Promise<void> {
  for (const plan of plans) {
    const record = await readRecord(context.folder, plan.name);
    if (!record || !isShort(context, plan, record)) continue;
    const { newest } = await openCheckpoints(context.folder, plan.name);
    if (newest) continue;
    throw new LimbeckError(
      "OUTPUT",
      `${plan.name} was finished after ${record.epochs.length} epochs, and its last checkpoint was not kept, as --extendable does from the start; ` +
        "train anew for longer: give the folder's config.json with --config, --epochs and another --out",
    );
  }
}

/** Which of how many a run is. */
export interface RunPosition {
  /** From 1. */
  readonly index: number;
  readonly runs: number;
}

/** Does a run that trains, resumed from its checkpoint if there is one. */
export async function* performRun(
  shared: RunContext,
  plan: RunPlan,
  position: RunPosition,
  how: Pick<TrainRunOptions, "teacherTargets" | "prepared"> = {},
): AsyncGenerator<ExperimentEvent, RunRecord> {
  const context = contextOf(shared, plan);
  const saved = await openCheckpoints(context.folder, plan.name);
  const resume = saved.newest;
  const { stepsPerEpoch } = lengthOf(context, plan);
  const done = resume ? resume.epochs.length * stepsPerEpoch + resume.meter.batches : 0;
  yield startOf(context, plan, position, done);
  await writeConfig(context, plan);
  const trained = yield* trainLogged(context, plan, { done, saved, ...how });
  const test = yield* tested(context, plan);
  const train = context.config.trainAccuracy ? yield* rightInTraining(context, plan) : undefined;
  return recordRun(context, plan, { ...trained, test, train, saved, teacherTargets: how.teacherTargets });
}

/** The files of a teacher that was measured. */
export async function recordTeacher(context: RunContext, plan: RunPlan, test: Evaluation): Promise<RunRecord> {
  await writeConfig(context, plan);
  return recordRun(context, plan, { epochs: [], int8: plan.description?.int8, test });
}

async function writeConfig({ folder, config }: RunContext, { name, learner }: RunPlan): Promise<void> {
  await folder.write(`${name}/config.json`, toJson({ name, ...config, ...described(learner) }));
}

/** What a run's files say of its network and its method. */
function described(learner: Learner) {
  const { model, objective } = learner;
  const modelOptions = modelOptionsOf(model.architecture);
  return {
    model: model.name,
    modelOptions: Object.keys(modelOptions).length > 0 ? modelOptions : undefined,
    method: objective.name,
    options: objective.options,
    preset: objective.preset,
    weights: objective.weights,
    pairs: pairRecords(learner),
  };
}

/** What is known of a run at its end. */
interface RunOutcome extends TrainedRun, Pick<RunRecord, "test"> {
  readonly train?: RunRecord["train"];
  /** Of a run that was trained. */
  readonly saved?: RunCheckpoints;
  readonly teacherTargets?: TeacherTargets | undefined;
}

/** Writes the weights, but for an external teacher's, and the record. */
async function recordRun(
  context: RunContext,
  plan: RunPlan,
  { epochs, int8, test, train, saved, teacherTargets }: RunOutcome,
): Promise<RunRecord> {
  const { engine, dataset, folder, config } = context;
  const { name, title, learner, random, pretrained } = plan;
  const { model, objective } = learner;
  const external = externalTeacher(plan);
  const multiplyAdds = external
    ? await external.countMultiplyAdds?.()
    : countMultiplyAdds(model.module, model.inputShape);
  const kept = teacherTargets?.kept;
  const record: RunRecord = {
    name,
    title,
    ...described(learner),
    seed: config.seed,
    modules: config.modules,
    ...sizesOf(plan),
    multiplyAdds,
    start: plan.start,
    bytes: external?.bytes ?? weightsFileBytes(model),
    epochs: epochs.filter(({ phase }) => phase === undefined).map(epochRecord),
    pretraining: pretrainingRecords(objective.pretraining, epochs),
    seconds: epochs.reduce((sum, epoch) => sum + epoch.seconds, 0),
    teacherSeconds: teacherTargets?.seconds ?? 0,
    uncachedTeacher: teacherTargets?.uncached,
    teachers: plan.externalTeacher?.origins,
    teacherViews: kept?.views === "image" ? undefined : kept?.views,
    isTeacherFixed: kept?.isFixed || undefined,
    balance: pretrained || config.balance === "none" ? undefined : config.balance,
    measure: dataset.answeredBy === undefined ? undefined : "agreement",
    measuredOn: dataset.measuredOn,
    train,
    validation: validationRecord(dataset, config, epochs),
    test,
  };
  if (!external) {
    const file = await saveModel(model, engine, { ...originOf(context, plan), int8 });
    await folder.write(`${name}/model.safetensors`, file);
    await folder.write(`${name}/random.json`, toJson(random.state()));
  }
  // NOTE: last, because its presence means that the others are there.
  await folder.write(`${name}/run.json`, toJson(recordAsJson(record)));
  await folder.remove(config.extendable && saved ? [saved.older()] : checkpointPaths(name));
  return record;
}

/** The event with which a run begins. */
export function startOf(
  { dataset, config }: RunContext,
  plan: RunPlan,
  position: RunPosition,
  done: number,
): RunStartEvent {
  const { name, title, learner } = plan;
  const { stepsPerEpoch: perEpoch, steps: total } = lengthOf({ dataset, config }, plan);
  const rest = countSteps(config.epochs, perEpoch) % perEpoch;
  const images = dataset.train.count;
  return {
    kind: "run-start",
    run: name,
    title,
    ...position,
    ...sizesOf(plan),
    pairs: pairRecords(learner),
    done,
    total,
    lastEpoch: total > 0 && rest > 0 ? { epoch: epochsBegun(config.epochs), steps: rest, of: perEpoch } : undefined,
    images,
  };
}

function sizesOf(plan: RunPlan): Pick<RunRecord, "parameters" | "auxiliaryParameters"> {
  const { learner } = plan;
  const parameters = externalTeacher(plan)?.parameters ?? countParameters(learner.model.module);
  return { parameters, auxiliaryParameters: countAuxiliaryParameters(learner) };
}

/** Classifies the test images, so many at a time as it was trained with: what training had memory for. */
export async function* tested(
  { engine, dataset, config, signal }: RunContext,
  { name, learner, random }: RunPlan,
): AsyncGenerator<ExperimentEvent, Evaluation> {
  const { model } = learner;
  const split = dataset.test;
  const batchSize = imagesAtATime(config);
  const work = evaluating({
    engine,
    model,
    dataset,
    split,
    batchSize,
    random,
    tta: ttaOf(config),
    signal,
  });
  const images = dataset.measuredOn ?? "test";
  return yield* reported(work, (progress) => ({ kind: "evaluate", run: name, images, ...progress }) as const);
}

/** How many of the training images it tells, as they are; no random stream is touched. */
async function* rightInTraining(
  { engine, dataset, config, signal }: RunContext,
  { name, learner: { model } }: RunPlan,
): AsyncGenerator<ExperimentEvent, NonNullable<RunRecord["train"]>> {
  const batchSize = imagesAtATime(config);
  const work = evaluating({ engine, model, dataset, split: dataset.train, batchSize, signal });
  const found = yield* reported(
    work,
    (progress) => ({ kind: "evaluate", run: name, images: "training", ...progress }) as const,
  );
  const { accuracy, interval, correct, count } = found;
  return { accuracy, interval, correct, count };
}

/** As an evaluation is told of it. */
export function ttaOf({ tta }: Pick<TrainingConfig, "tta">): Tta | undefined {
  return tta === "none" ? undefined : tta;
}

function epochRecord({ epoch, loss, terms, seconds, validationAccuracy, validationLoss }: EpochEvent): EpochRecord {
  return {
    epoch,
    loss,
    terms,
    seconds,
    validationAccuracy,
    validationLoss,
  };
}

/** The accuracy on the validation images, and which epoch's weights were selected by it. */
function validationRecord(
  { validation }: Dataset,
  { keep, quantizeEpochs }: TrainingConfig,
  epochs: readonly EpochEvent[],
): RunRecord["validation"] {
  const trained = epochs.filter(({ phase }) => phase === undefined);
  const accuracies = trained.map(({ validationAccuracy = -1 }) => validationAccuracy);
  if (!validation) return undefined;
  // Of a training for int8, an epoch of those that are.
  const from = quantizeEpochs === undefined ? 0 : accuracies.length - quantizeEpochs;
  const index = keep === "best" ? accuracies.indexOf(Math.max(...accuracies.slice(from)), from) : accuracies.length - 1;
  const accuracy = accuracies[index];
  if (accuracy === undefined) return undefined;
  const highest = Math.max(...accuracies);
  const best = { epoch: accuracies.indexOf(highest) + 1, accuracy: highest };
  return { images: validation.count, keptEpoch: index + 1, accuracy, best };
}

function pairRecords({ pairings }: Learner): RunRecord["pairs"] {
  if (pairings.length === 0) return undefined;
  return pairings.map(({ method, teacher, student }) => ({
    method,
    teacher: teacher.output,
    student: student.output,
    teacherShape: teacher.shape,
    studentShape: student.shape,
  }));
}

function pretrainingRecords(
  pretraining: Objective["pretraining"],
  epochs: readonly EpochEvent[],
): RunRecord["pretraining"] {
  if (pretraining.length === 0) return undefined;
  return pretraining.map(({ name, title }) => ({
    name,
    title,
    epochs: epochs.filter(({ phase }) => phase === name).map(epochRecord),
  }));
}
