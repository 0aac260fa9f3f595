/** @file A run's training: from its configuration to what `train` is told, with a log of its steps and two checkpoints. */
import { countBatches } from "../data/loader.ts";
import { LimbeckError } from "../errors.ts";
import { clipped, createScheduled, schedule, warmedUp } from "../optim/index.ts";
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint, type Checkpoints } from "../train/checkpoint.ts";
import type { EpochEvent } from "../train/events.ts";
import { countSteps, stepsOfEpoch } from "../train/length.ts";
import type { TrainOptions } from "../train/options.ts";
import type { Ranges } from "../train/quantise/ranges.ts";
import type { TeacherCache } from "../train/teacher-cache.ts";
import { train } from "../train/train.ts";
import type { TrainingConfig } from "./config.ts";
import type { RunTrainEvent } from "./events.ts";
import type { ExperimentFolder } from "./folder.ts";
import type { RunContext, RunPlan } from "./plan.ts";

/** The options that a configuration of a training on so many images stands for. Throws ARGUMENT for options that no resolved configuration has. */
export function trainingOf(
  config: TrainingConfig,
  images: number,
  ranges?: Ranges,
): Pick<
  TrainOptions,
  | "optimiser"
  | "epochs"
  | "batchSize"
  | "dropLast"
  | "freeze"
  | "lookahead"
  | "accumulate"
  | "labelSmoothing"
  | "balance"
  | "augment"
  | "emaDecay"
  | "keep"
  | "quantize"
> {
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
    learningRate,
    clip,
    ema,
    augment,
    keep,
    seed,
    quantizeEpochs,
  } = config;
  const stepsPerEpoch = stepsOfEpoch(images, { batchSize, dropLast });
  const warmUp = Math.round(config.warmUp * stepsPerEpoch);
  // NOTE: of a few steps, the warm-up may take all; a schedule of no steps would divide by 0.
  const length = { steps: Math.max(1, countSteps(epochs, stepsPerEpoch) - warmUp), stepsPerEpoch };
  const plain = schedule(config.schedule, learningRate, length, config.scheduleOptions);
  const whole = warmUp > 0 ? warmedUp(plain, warmUp) : plain;
  const optimiser = createScheduled(config.optimiser, config.optimiserOptions, whole, { groups, decayOn });
  return {
    epochs,
    batchSize,
    dropLast,
    accumulate,
    labelSmoothing,
    balance,
    keep,
    ...(freeze.length > 0 && { freeze }),
    ...(lookahead !== undefined && lookahead > 0 && { lookahead }),
    optimiser: clip === undefined ? optimiser : clipped(optimiser, clip),
    ...(Object.keys(augment).length > 0 && { augment: { ...augment, seed } }),
    ...(ema !== undefined && { emaDecay: ema }),
    ...(ranges && quantizeEpochs !== undefined && { quantize: { epochs: quantizeEpochs, ranges } }),
  };
}

export interface TrainLoggedOptions {
  /** Steps that the checkpoint has; the log is cut back to them. */
  readonly done: number;
  readonly teacherCache?: TeacherCache;
  /** Whether that stands for views that the teacher did not see. */
  readonly isTeacherFixed?: boolean;
  /** Of a training for int8, which leaves them in the engine. */
  readonly ranges: Ranges | undefined;
  readonly saved: RunCheckpoints;
}

/** A checkpoint is written after each epoch, and when the last one is as old as this: what a crash may cost. */
const CHECKPOINT_SECONDS = 15;

/** Trains as `train`; the folder's `steps.jsonl` holds the steps up to its newest checkpoint, or more. */
export async function* trainLogged(
  { engine, dataset, folder, config, signal }: RunContext,
  { name, learner, random }: RunPlan,
  { done, teacherCache, isTeacherFixed = false, ranges, saved }: TrainLoggedOptions,
): AsyncGenerator<RunTrainEvent, EpochEvent[]> {
  const log = await folder.lines(`${name}/steps.jsonl`, done);
  let savedAt = performance.now();
  const checkpoints: Checkpoints = {
    due: ({ kind }) => kind === "epoch" || performance.now() - savedAt > CHECKPOINT_SECONDS * 1000,
    async save(checkpoint) {
      await log.flush();
      await saved.save(checkpoint);
      savedAt = performance.now();
    },
  };
  const events = train({
    engine,
    learner,
    dataset,
    random,
    checkpoints,
    ...trainingOf(config, dataset.train.count, ranges),
    ...(teacherCache && { teacherCache, isTeacherFixed }),
    ...(saved.newest && { resume: saved.newest }),
    ...(signal && { signal }),
  });
  try {
    for (;;) {
      const next = await events.next();
      if (next.done) return next.value;
      const event = next.value;
      if (event.kind === "step") {
        const { step, phase, epoch, loss, terms } = event;
        log.append(JSON.stringify({ step, ...(phase && { phase }), epoch, loss, terms }));
      }
      yield { ...event, run: name };
    }
  } finally {
    await events.return([]);
    await log.close();
  }
}

export interface RunCheckpoints {
  /** The newest that is whole. */
  readonly newest?: Checkpoint;
  /** In place of the older. */
  save(checkpoint: Checkpoint): Promise<void>;
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
  return {
    ...(newest && { newest: newest.checkpoint }),
    async save(checkpoint) {
      const [first, second] = checkpointPaths(run);
      const path = last === first ? second : first;
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
