/** @file One run of an experiment: train (or take given weights), evaluate, leave the files. */
import type { Dataset } from "../data/dataset.ts";
import { countBatches } from "../data/loader.ts";
import type { Objective } from "../distill/index.ts";
import type { Engine } from "../engine/contract.ts";
import { loadModel, saveModel } from "../model-file/index.ts";
import { countParameters } from "../nn/index.ts";
import type { Random } from "../random/index.ts";
import type { Tensor } from "../tensor/index.ts";
import { evaluating, type Evaluation } from "../train/evaluate.ts";
import type { EpochEvent } from "../train/events.ts";
import { countAuxiliaryParameters } from "../train/states.ts";
import type { Learner } from "../train/learner.ts";
import { countEpochs } from "../train/options.ts";
import type { TeacherCache } from "../train/teacher-cache.ts";
import { weightsFileBytes } from "../weights/index.ts";
import { checkpointPaths, openCheckpoints } from "./checkpoints.ts";
import type { TrainingConfig } from "./config.ts";
import type { ExperimentEvent, RunStartEvent } from "./events.ts";
import { toJson, type ExperimentFolder } from "./folder.ts";
import { readRandomState, readRecord } from "./read-record.ts";
import type { RunRecord } from "./record.ts";
import type { OnlineTeacher } from "./teacher-outputs.ts";
import { trainLogged } from "./train-logged.ts";

/** What all runs of an experiment share. */
export interface Bench {
  readonly engine: Engine;
  readonly dataset: Dataset;
  readonly folder: ExperimentFolder;
  readonly config: TrainingConfig;
  readonly signal?: AbortSignal;
}

/** A run to do. */
export interface RunPlan {
  /** Also its folder. */
  readonly name: string;
  readonly title: string;
  readonly learner: Learner;
  /** The first values of all that is trained; or the model's weights, if they are `given`. */
  readonly values: ReadonlyMap<Tensor, Float32Array>;
  /** Whether the weights come from elsewhere: then the model is only evaluated. */
  readonly given?: boolean;
  /** The stream as it goes on after the values were drawn; runs may share one, in their order. */
  readonly random: Random;
}

/** The teacher's outputs and how long they took; or why it runs in each step instead. */
export interface Taught {
  readonly teacherCache?: TeacherCache;
  readonly online?: OnlineTeacher["reason"];
  readonly seconds: number;
}

/** A run that was over before: its record; the engine has its weights, the stream stands where it left it. `undefined` for one that is not. */
export async function finishedRun({ engine, folder }: Bench, plan: RunPlan): Promise<RunRecord | undefined> {
  const { name, learner, random } = plan;
  const record = await readRecord(folder, name);
  const bytes = await folder.read(`${name}/model.safetensors`);
  const stream = await readRandomState(folder, name);
  if (!record || !bytes || !stream) return undefined;
  await loadModel(bytes, engine, { into: learner.model, source: `${name}/model.safetensors` });
  random.restore(stream);
  // Where the process was killed before it came to that.
  await folder.remove(checkpointPaths(name));
  return record;
}

/** Which of how many a run is. */
export interface Place {
  /** From 1. */
  readonly index: number;
  readonly runs: number;
}

/** Puts given weights into the engine and classifies the test images; nothing is written. */
export async function* testGiven(
  bench: Bench,
  plan: RunPlan,
  place: Place,
): AsyncGenerator<ExperimentEvent, Evaluation> {
  yield startOf(bench, plan, place, 0);
  for (const [tensor, values] of plan.values) await bench.engine.write(tensor, values);
  return yield* tested(bench, plan);
}

/** Does a run, going on from its checkpoint if there is one. `test` is the outcome of one whose weights are given. */
export async function* performRun(
  bench: Bench,
  plan: RunPlan,
  place: Place,
  { taught, test }: { readonly taught?: Taught | undefined; readonly test?: Evaluation | undefined } = {},
): AsyncGenerator<ExperimentEvent, RunRecord> {
  const { engine, dataset, folder } = bench;
  const { name, title, learner, random } = plan;
  const { model, objective } = learner;
  const saved = await openCheckpoints(folder, name);
  const resume = saved.newest;
  const done = resume ? resume.epochs.length * stepsPerEpoch(bench) + resume.meter.batches : 0;
  if (!test) {
    yield startOf(bench, plan, place, done);
    for (const [tensor, values] of plan.values) await engine.write(tensor, values);
  }
  const described = {
    model: model.name,
    method: objective.name,
    options: objective.options,
    ...(objective.preset !== undefined && { preset: objective.preset }),
    weights: objective.weights,
    ...pairRecords(learner),
  };
  await folder.write(`${name}/config.json`, toJson({ name, ...bench.config, ...described }));
  const epochs = test
    ? []
    : yield* trainLogged(bench, plan, {
        done,
        saved,
        ...(taught?.teacherCache && { teacherCache: taught.teacherCache }),
      });
  const evaluation = test ?? (yield* tested(bench, plan));
  const { epochs: asked, seed } = bench.config;
  const made = plan.given ? {} : { method: objective.name, options: objective.options, epochs: asked, seed };
  const file = await saveModel(model, engine, { dataset, made });
  const record: RunRecord = {
    name,
    title,
    ...described,
    ...sizesOf(learner),
    bytes: weightsFileBytes(model),
    epochs: epochs.filter(({ phase }) => phase === undefined).map(epochRecord),
    ...(objective.pretraining.length > 0 && { pretraining: pretrainingRecords(objective.pretraining, epochs) }),
    seconds: epochs.reduce((sum, { seconds }) => sum + seconds, 0),
    teacherSeconds: taught?.seconds ?? 0,
    ...(taught?.online && { onlineTeacher: taught.online }),
    ...validationRecord(dataset, bench.config, epochs),
    test: evaluation,
  };
  await folder.write(`${name}/model.safetensors`, file);
  await folder.write(`${name}/random.json`, toJson(random.state()));
  // NOTE: last, because it says that the others are there.
  await folder.write(`${name}/run.json`, toJson(record));
  await folder.remove(checkpointPaths(name));
  return record;
}

function startOf({ dataset, config }: Bench, plan: RunPlan, place: Place, done: number): RunStartEvent {
  const { name, title, learner, given } = plan;
  const total = given ? 0 : countEpochs(learner.objective, config.epochs) * stepsPerEpoch({ dataset, config });
  const images = dataset.train.count;
  return {
    kind: "run-start",
    run: name,
    title,
    ...place,
    ...sizesOf(learner),
    ...pairRecords(learner),
    done,
    total,
    images,
  };
}

function sizesOf(learner: Learner): Pick<RunRecord, "parameters" | "auxiliaryParameters"> {
  return { parameters: countParameters(learner.model.module), auxiliaryParameters: countAuxiliaryParameters(learner) };
}

function stepsPerEpoch({ dataset, config }: Pick<Bench, "dataset" | "config">): number {
  return countBatches(dataset.train.count, config.batchSize);
}

/** Classifies the test images. */
async function* tested(
  { engine, dataset, signal }: Bench,
  { name, learner, random }: RunPlan,
): AsyncGenerator<ExperimentEvent, Evaluation> {
  const { model } = learner;
  const work = evaluating({ engine, model, dataset, split: dataset.test, random, ...(signal && { signal }) });
  let progress = await work.next();
  for (; !progress.done; progress = await work.next()) yield { kind: "evaluate", run: name, ...progress.value };
  return progress.value;
}

function epochRecord({ epoch, loss, terms, seconds, validationAccuracy }: EpochEvent): RunRecord["epochs"][number] {
  return { epoch, loss, terms, seconds, ...(validationAccuracy !== undefined && { validationAccuracy }) };
}

/** What the validation images said, and which epoch's weights were kept for it. */
function validationRecord(
  { validation }: Dataset,
  { keep }: TrainingConfig,
  epochs: readonly EpochEvent[],
): Pick<RunRecord, "validation"> {
  const proper = epochs.filter(({ phase }) => phase === undefined);
  const accuracies = proper.map(({ validationAccuracy = -1 }) => validationAccuracy);
  if (!validation || proper.length === 0) return {};
  const index = keep === "best" ? accuracies.indexOf(Math.max(...accuracies)) : accuracies.length - 1;
  return { validation: { images: validation.count, keptEpoch: index + 1, accuracy: accuracies[index]! } };
}

function pairRecords({ pairings }: Learner): Pick<RunRecord, "pairs"> {
  if (pairings.length === 0) return {};
  return {
    pairs: pairings.map(({ method, teacher, student }) => ({
      method,
      teacher: teacher.output,
      student: student.output,
      teacherShape: teacher.shape,
      studentShape: student.shape,
    })),
  };
}

function pretrainingRecords(
  pretraining: Objective["pretraining"],
  epochs: readonly EpochEvent[],
): NonNullable<RunRecord["pretraining"]> {
  return pretraining.map(({ name, title }) => ({
    name,
    title,
    epochs: epochs.filter(({ phase }) => phase === name).map(epochRecord),
  }));
}
