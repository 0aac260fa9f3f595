/** @file What a training is made of, checked and recorded before anything is compiled: the steps of each of its phases. */
import { augmentOptions } from "../data/augment.ts";
import { LimbeckError } from "../errors.ts";
import { namedStates } from "../nn/index.ts";
import type { AttachedOptimiser } from "../optim/index.ts";
import { parseWith } from "../parse-with.ts";
import { averagesOf, type Averages } from "./averages.ts";
import { checkFits, trainedParameters, type Learner } from "./learner.ts";
import { negativeSampler, type NegativeSampler } from "./negatives.ts";
import { mostEpochs, phasesOf, type Phase } from "./phases.ts";
import { batchSizes } from "./programs.ts";
import { checkKeep } from "./shipping.ts";
import { trainingStep, type Step } from "./step.ts";
import type { TrainOptions } from "./train.ts";

/** A phase whose steps are recorded. */
export interface PreparedPhase extends Phase {
  readonly optimiser: AttachedOptimiser;
  /** What follows the weights; of the training proper alone. */
  readonly averages?: Averages | undefined;
  readonly negatives?: NegativeSampler | undefined;
  /** By batch size: that of full batches, and that of a shorter last one. */
  readonly steps: ReadonlyMap<number, Step>;
}

/** What a training has to be told for its steps to be recorded: no engine. */
export type PrepareOptions = Omit<TrainOptions, "engine" | "random" | "signal" | "checkpoints" | "resume">;

/**
 * All phases of a training, so that what does not fit in the last of them is said before the first begins.
 *
 * Throws SHAPE, ARGUMENT, DATA_FORMAT where parts do not fit each other.
 */
export function prepare(options: PrepareOptions): readonly [...PreparedPhase[], PreparedPhase] {
  const { learner, dataset, epochs } = options;
  checkEpochs(epochs);
  checkAugment(options);
  checkKept(options);
  checkFits(learner.model, dataset);
  if (learner.teacher) checkFits(learner.teacher, dataset);
  checkImages(learner, dataset.train.count);
  checkKeep(options);
  const [...stages] = phasesOf(learner.objective, epochs);
  const proper = stages.pop()!;
  return [...stages.map((phase) => prepared(options, phase)), prepared(options, proper)];
}

function prepared(options: PrepareOptions, phase: Phase): PreparedPhase {
  const { learner, dataset, epochs, batchSize = 128, kept, augment, averageDecay } = options;
  const { count } = dataset.train;
  const { stage } = phase;
  const wanted = learner.objective.needs.negatives;
  const negatives = wanted && negativeSampler(dataset.train, wanted.count);
  // NOTE: as the methods' own code has it, a stage keeps one step size; warm-up and schedule are the training's.
  const rule = stage ? options.optimiser.held(epochs * Math.ceil(count / batchSize)) : options.optimiser;
  const optimiser = rule.attach(trainedParameters(learner, stage));
  checkScalars(optimiser, phase.epochs * Math.ceil(count / batchSize));
  const averages =
    averageDecay === undefined || stage ? undefined : averagesOf(namedStates(learner.model.module), averageDecay);
  const given = { ...(kept && { kept }), ...(negatives && { negatives: negatives.count }), ...(stage && { stage }) };
  const steps = new Map<number, Step>();
  for (const n of batchSizes(count, batchSize)) {
    const mixed = augment?.mixup !== undefined;
    steps.set(n, trainingStep(learner, n, optimiser, { ...given, mixed, averages }));
  }
  return { ...phase, optimiser, averages, negatives, steps };
}

/** How many steps are looked at, evenly spread, to see that a schedule gives numbers. */
const LOOKS = 1000;

/** Throws ARGUMENT for a schedule, or options of the optimiser, whose numbers float32 cannot hold. */
function checkScalars({ scalars }: AttachedOptimiser, steps: number): void {
  const looks = Math.min(LOOKS, steps);
  for (let look = 0; look < looks; look++) {
    const step = 1 + Math.floor((look * (steps - 1)) / Math.max(1, looks - 1));
    for (const [name, [value]] of Object.entries(scalars(step))) {
      if (Number.isFinite(value)) continue;
      throw new LimbeckError(
        "ARGUMENT",
        `the optimiser's ${name} becomes ${value} at step ${step}; take a smaller learning rate, decay or momentum`,
      );
    }
  }
}

/** Throws ARGUMENT for options or a seed that views cannot be drawn with. */
function checkAugment({ augment }: PrepareOptions): void {
  if (!augment) return;
  const { seed, ...views } = augment;
  parseWith(augmentOptions, views, "ARGUMENT", "augment");
  if (Number.isSafeInteger(seed)) return;
  throw new LimbeckError("ARGUMENT", `augment: its seed should be a whole number, got ${String(seed)}`);
}

/** Throws ARGUMENT where extra modules were made for another number of images. */
function checkImages({ images, objective }: Learner, count: number): void {
  if (images === undefined || images === count) return;
  throw new LimbeckError(
    "ARGUMENT",
    `method ${objective.name} was made for ${images} training images, but the data set has ${count}; give learner() that number`,
  );
}

/** Throws ARGUMENT where the teacher's outputs for the images are to stand for those for views of them. */
function checkKept({ kept, augment }: PrepareOptions): void {
  if (!augment || !kept || Object.keys(kept).length === 0) return;
  throw new LimbeckError(
    "ARGUMENT",
    "a teacher's kept outputs are of the images as they are, but augment varies them; leave kept out, so that the teacher sees each view",
  );
}

function checkEpochs(epochs: number): void {
  if (Number.isInteger(epochs) && epochs > 0 && epochs <= mostEpochs) return;
  throw new LimbeckError("ARGUMENT", `epochs should be a whole number from 1 to ${mostEpochs}, got ${String(epochs)}`);
}
