/** @file A run's training: from its configuration to what `train` is told, with a log of its steps and two checkpoints. */
import { countBatches } from "../data/loader.ts";
import { LimbeckError } from "../errors.ts";
import { clipped, createScheduled, schedule, warmedUp, type Schedule } from "../optim/index.ts";
import {
  decodeCheckpoint,
  encodeCheckpoint,
  type Checkpoint,
  type Checkpoints,
  type EpochEvent,
  type TrainEvent,
  countSteps,
  stepsOfEpoch,
  type PrepareOptions,
  type TrainOptions,
  type RecordedTraining,
  readRanges,
  type Ranges,
  type TrainedRanges,
  trainRecorded,
} from "../train/index.ts";
import type { Model } from "../models/index.ts";
import type { TrainingConfig } from "./config.ts";
import type { RunTrainEvent } from "./events.ts";
import type { ExperimentFolder } from "./folder.ts";
import { firstValues, type RunContext, type RunPlan, type TrainContext } from "./plan.ts";
import type { TeacherTargets } from "./teacher-targets.ts";

/** What a configuration says of a training; the rest is what is trained, and on what. */
type ConfiguredOptions = Omit<PrepareOptions, "learner" | "dataset" | "teacherCache" | "isTeacherFixed" | "features">;

/** How the learning rate, and the momentum with it, goes in a training on so many images. Throws as `trainingOptions`. */
export function scheduleOf(config: TrainingConfig, images: number): Schedule {
  const { epochs, learningRate, scheduleOptions } = config;
  const stepsPerEpoch = stepsOfEpoch(images, config);
  const warmUp = Math.round(config.warmUp * stepsPerEpoch);
  // NOTE: of a few steps, the warm-up may take all; a schedule of no steps would divide by 0.
  const length = { steps: Math.max(1, countSteps(epochs, stepsPerEpoch) - warmUp), stepsPerEpoch };
  const plain = schedule(config.schedule, learningRate, length, scheduleOptions);
  return warmUp > 0 ? warmedUp(plain, warmUp) : plain;
}

/** The options that a configuration of a training on so many images stands for. Throws ARGUMENT for options that no resolved configuration has. */
export function trainingOptions(config: TrainingConfig, images: number, ranges?: Ranges): ConfiguredOptions {
  const {
    epochs,
    batchSize,
    dropLast,
    accumulate,
    labelSmoothing,
    balance,
    parameterGroups: groups,
    decayOn,
    lookahead,
    freeze,
    clip,
    ema,
    augment,
    keep,
    seed,
    quantizeEpochs,
  } = config;
  const whole = scheduleOf(config, images);
  const optimiser = createScheduled(config.optimiser, config.optimiserOptions, whole, { groups, decayOn });
  return {
    epochs,
    batchSize,
    dropLast,
    accumulate,
    labelSmoothing,
    balance,
    keep,
    freeze,
    lookahead: lookahead || undefined, // 0: never
    optimiser: clip === undefined ? optimiser : clipped(optimiser, clip),
    augment: Object.keys(augment).length > 0 ? { ...augment, seed } : undefined,
    emaDecay: ema,
    quantize: ranges && quantizeEpochs !== undefined ? { epochs: quantizeEpochs, ranges } : undefined,
  };
}

/** What a run's training leaves, beside the values in the engine. */
export interface TrainedRun {
  readonly epochs: readonly EpochEvent[];
  /** Of a training for int8. */
  readonly int8: TrainedRanges | undefined;
}

/** A run's training, its steps recorded before its teacher was asked. */
export interface PreparedRun {
  readonly options: PrepareOptions;
  readonly recorded: RecordedTraining;
}

/** How a run is trained besides its plan. */
export interface TrainRunOptions extends Pick<TrainOptions, "checkpoints" | "resume"> {
  readonly teacherTargets?: TeacherTargets | undefined;
  readonly prepared?: PreparedRun | undefined;
}

/** Trains a planned run from its first values, or on from a checkpoint: the one place that drives `train`, with a folder and without. Throws as `train`. */
export async function* trainRun(
  { engine, dataset, config, signal }: TrainContext,
  plan: RunPlan,
  { teacherTargets, prepared, ...more }: TrainRunOptions = {},
): AsyncGenerator<TrainEvent, TrainedRun> {
  const { learner, random } = plan;
  for (const [tensor, values] of firstValues(plan, dataset)) await engine.write(tensor, values);
  const { cache: teacherCache, kept } = teacherTargets ?? {};
  // A teacher that is cached to save passes alone was recorded as a part of the step.
  const known = !teacherCache || prepared?.options.teacherCache ? prepared : undefined;
  const options = known?.options ?? {
    learner,
    dataset,
    ...trainingOptions(config, dataset.train.count, await rangesIfAny(config, learner.model)),
  };
  const given = { engine, random, signal, teacherCache, isTeacherFixed: kept?.isFixed };
  const epochs = yield* trainRecorded({ ...options, ...given, ...more }, known?.recorded);
  const { ranges } = options.quantize ?? {};
  if (!ranges) return { epochs, int8: undefined };
  const int8 = await readRanges(engine, ranges);
  await engine.free(ranges.states.values());
  return { epochs, int8 };
}

/** What a training for int8 learns beside the network. */
async function rangesIfAny(config: TrainingConfig, model: Model): Promise<Ranges | undefined> {
  if (config.quantizeEpochs === undefined) return undefined;
  // NOTE: loaded only here, so that a page whose networks stay float32 need not.
  const { rangesFor } = await import("../train/quantise/index.ts");
  return rangesFor(model, config.quantizeFor);
}

export interface TrainLoggedOptions extends Pick<TrainRunOptions, "teacherTargets" | "prepared"> {
  /** Steps that the checkpoint has; the log is cut back to them. */
  readonly done: number;
  readonly saved: RunCheckpoints;
}

/** A checkpoint is written after each epoch, and when the last one is as old as this: what a crash may cost. */
const CHECKPOINT_SECONDS = 15;

/** Trains as `trainRun`; the folder's `steps.jsonl` holds the steps up to its newest checkpoint, or more. */
export async function* trainLogged(
  context: RunContext,
  plan: RunPlan,
  { done, saved, ...options }: TrainLoggedOptions,
): AsyncGenerator<RunTrainEvent, TrainedRun> {
  const { name } = plan;
  const log = await context.folder.lines(`${name}/steps.jsonl`, done);
  let savedAt = performance.now();
  const checkpoints: Checkpoints = {
    due: ({ kind }) => kind === "epoch" || performance.now() - savedAt > CHECKPOINT_SECONDS * 1000,
    async save(checkpoint) {
      await log.flush();
      await saved.save(checkpoint);
      savedAt = performance.now();
    },
  };
  const events = trainRun(context, plan, { ...options, checkpoints, resume: saved.newest });
  try {
    for (;;) {
      const next = await events.next();
      if (next.done) return next.value;
      const event = next.value;
      if (event.kind === "step") {
        const { step, phase, epoch, loss, terms } = event;
        log.append(JSON.stringify({ step, phase, epoch, loss, terms }));
      }
      yield { ...event, run: name };
    }
  } finally {
    await events.return(undefined as never);
    await log.close();
  }
}

export interface RunCheckpoints {
  /** The newest that is whole. */
  readonly newest: Checkpoint | undefined;
  /** In place of the older. */
  save(checkpoint: Checkpoint): Promise<void>;
  /** The path of the older. */
  older(): string;
}

/**
 * A run's last two checkpoints: where the newer is damaged, the run resumes from the older, with a note. Throws WEIGHTS where
 * there are checkpoints and none is whole.
 */
export async function openCheckpoints(folder: ExperimentFolder, run: string): Promise<RunCheckpoints> {
  const whole: { readonly path: string; readonly checkpoint: Checkpoint }[] = [];
  const damage: string[] = [];
  for (const path of checkpointPaths(run)) {
    try {
      const bytes = await folder.read(path);
      if (bytes) whole.push({ path, checkpoint: await decodeCheckpoint(bytes, path) });
    } catch (error) {
      if (!(error instanceof LimbeckError)) throw error;
      damage.push(error.message);
    }
  }
  const [newest] = whole.sort((a, b) => order(b.checkpoint) - order(a.checkpoint));
  if (!newest && damage.length > 0) {
    throw new LimbeckError("WEIGHTS", `run ${run} has no checkpoint to resume from: ${damage.join("; ")}`);
  }
  let last = newest?.path;
  if (damage.length > 0) folder.notes.push(`run ${run} resumes from ${last}: ${damage.join("; ")}`);
  const older = (): string => {
    const [first, second] = checkpointPaths(run);
    return last === first ? second : first;
  };
  return {
    newest: newest?.checkpoint,
    older,
    async save(checkpoint) {
      const path = older();
      await folder.write(path, await encodeCheckpoint(checkpoint));
      last = path;
    },
  };
}

/** Written in turn. */
export function checkpointPaths(run: string): readonly [string, string] {
  return [`${run}/checkpoint-1`, `${run}/checkpoint-2`];
}

/** Grows with each step of a training. */
function order({ epochs, meter, images, batchSize }: Checkpoint): number {
  return epochs.length * countBatches(images, batchSize) + meter.batches;
}
