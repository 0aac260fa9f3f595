/** @file The plan of a training: its phases, and the segments of each whose steps are the same. */
import type { BatchRange } from "../data/loader.ts";
import { isMixing } from "../data/mixup.ts";
import type { Objective } from "../distill/index.ts";
import type { Engine } from "../engine/contract.ts";
import { checkFitting, type AttachedOptimiser } from "../optim/index.ts";
import { inverseFrequencies } from "./balance.ts";
import type { Feature, FeatureSetting, Phase, Steps } from "./feature.ts";
import { features } from "./features/index.ts";
import { keepImages, type KeptImages } from "./kept-images.ts";
import { countSteps, epochBatches, epochsBegun } from "./length.ts";
import { negativeSampler } from "./negatives.ts";
import { checkOptions, checkScalars, type PrepareOptions } from "./options.ts";
import { trainedParameters } from "./states.ts";
import { stepActs } from "./step.ts";
import { wholeSteps, withPasses } from "./steps.ts";

/** A phase whose steps are recorded. */
export interface PlannedPhase extends Phase {
  readonly optimiser: AttachedOptimiser;
  /** What it does besides. */
  readonly features: readonly Feature[];
  /** The batches of an epoch. */
  readonly ranges: readonly BatchRange[];
  /** Steps of all its epochs. */
  readonly stepCount: number;
  readonly segments: readonly [Segment, ...Segment[]];
}

/** Epochs of a phase with the same steps. */
export interface Segment {
  /** Epochs of the phase that are done when it begins. */
  readonly from: number;
  readonly steps: Steps;
}

/** A training whose steps are recorded, with the images that the engine keeps for them, if it does. */
export interface RecordedTraining {
  readonly phases: readonly PlannedPhase[];
  readonly kept: KeptImages | undefined;
}

/** What `train` runs on this engine, or on one that keeps no images. Throws as `planPhases`. */
export function recordTraining({
  engine,
  ...options
}: PrepareOptions & { readonly engine?: Engine | undefined }): RecordedTraining {
  const kept = engine && keepImages({ engine, ...options });
  return { phases: planPhases(options, kept), kept };
}

/**
 * All phases of a training, their steps recorded, so that what does not fit in the last of them is said before the first begins.
 * `kept` are the images that the engine keeps, if it does.
 *
 * Throws SHAPE, ARGUMENT, DATA_FORMAT where parts do not fit each other.
 */
export function planPhases(options: PrepareOptions, kept?: KeptImages): readonly PlannedPhase[] {
  checkOptions(options);
  const ranges = epochBatches(options.dataset.train.count, options);
  return phasesOf(options.learner.objective, options.epochs).map((phase) => planPhase(options, phase, ranges, kept));
}

function planPhase(
  options: PrepareOptions,
  phase: Phase,
  ranges: readonly BatchRange[],
  kept: KeptImages | undefined,
): PlannedPhase {
  const { learner, dataset, teacherCache, augment, labelSmoothing, balance } = options;
  const { pretraining } = phase;
  // NOTE: as the methods' own code has it, pre-training keeps one learning rate; warm-up and schedule are the training's.
  const ownSteps = countSteps(options.epochs, ranges.length);
  const rule = pretraining ? options.optimiser.withConstantRate(ownSteps) : options.optimiser;
  const stepCount = pretraining ? phase.epochs * ranges.length : ownSteps;
  const parameters = trainedParameters(learner, pretraining);
  // NOTE: a pre-training has other parameters than those that the patterns are of.
  if (!pretraining) checkFitting(rule.name, rule.patterns ?? [], [...parameters.keys()]);
  const optimiser = rule.attach(parameters);
  checkScalars(optimiser, stepCount);

  const setting: FeatureSetting = { ...phase, options, parameters, ranges, stepCount };
  const made = [...features, ...(options.features ?? [])].flatMap((make) => make(setting) ?? []);
  const wanted = learner.objective.needs.negatives;
  const negatives = wanted && negativeSampler(dataset.train, wanted.count);
  const isMixed = isMixing(augment);
  const classWeights = balance === "weights" ? inverseFrequencies(dataset) : undefined;
  const recorded = {
    kept,
    teacherCache,
    negatives,
    pretraining,
    isMixed,
    labelSmoothing,
    classWeights,
    features: made,
  };
  const stepsAfter = (epochsDone: number): Steps => {
    const acts = stepActs(learner, optimiser, { ...recorded, epochsDone });
    const own = made.find(({ steps }) => steps);
    return own?.steps?.(acts, ranges) ?? wholeSteps(acts, ranges);
  };
  const first = stepsAfter(0);
  const changed = new Set(first.graphs.flatMap(({ updates }) => updates.map(({ state }) => state)));
  const passes = made.flatMap((feature) => feature.passes?.(changed) ?? []);
  const changes = new Set(made.flatMap(({ changesAfter = [] }) => changesAfter));
  const later = [...changes].filter((from) => from > 0 && from < phase.epochs).toSorted((a, b) => a - b);
  const segmentFrom = (from: number, steps: Steps = stepsAfter(from)): Segment => ({
    from,
    steps: withPasses(steps, passes),
  });
  const segments = [segmentFrom(0, first), ...later.map((from) => segmentFrom(from))] as const;
  return { ...phase, optimiser, features: made, ranges, stepCount, segments };
}

/** The phases of a training of so many epochs after the objective's pre-training. */
function phasesOf({ pretraining }: Pick<Objective, "pretraining">, epochs: number): readonly [...Phase[], Phase] {
  let from = 0;
  const before = pretraining.map((pretraining): Phase => {
    const phase = { pretraining, epochs: pretraining.epochs, from };
    from += pretraining.epochs;
    return phase;
  });
  return [...before, { epochs: epochsBegun(epochs), from }];
}

/** Steps of all phases together. */
export function stepsInAll(
  { pretraining }: Pick<Objective, "pretraining">,
  epochs: number,
  stepsPerEpoch: number,
): number {
  const before = pretraining.reduce((sum, phase) => sum + phase.epochs, 0);
  return before * stepsPerEpoch + countSteps(epochs, stepsPerEpoch);
}
