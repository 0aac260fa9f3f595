/** @file The options of a training, checked before anything is recorded, and the phases that it has. */
import { augmentOptions, type Augment } from "../data/augment-options.ts";
import { checkBorder, isFlippedAlone } from "../data/augment.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Engine } from "../engine/contract.ts";
import { LimbeckError } from "../errors.ts";
import type { AttachedOptimiser, Optimiser } from "../optim/index.ts";
import { parseWith } from "../parse-with.ts";
import type { Random } from "../random/index.ts";
import { isMixing } from "../data/mixup.ts";
import { checkBalance, type Balance } from "./balance.ts";
import type { Checkpoint, Checkpoints } from "./checkpoint.ts";
import type { Learner } from "../distill/learner.ts";
import { checkNotSpatial } from "../distill/spatial.ts";
import { checkFits } from "./check-model.ts";
import type { FeatureOptions, MakeFeature } from "./feature.ts";
import { checkTeacher } from "./teacher-classes.ts";
import type { TeacherCache } from "./teacher-cache.ts";

export interface TrainOptions extends FeatureOptions {
  /** Holds the values of the learner's parameters, and the teacher's. */
  readonly engine: Engine;
  /** Where it has validation images, they are classified after each epoch. */
  readonly dataset: Dataset;
  readonly optimiser: Optimiser;
  /** Whether a shorter last batch is left out. */
  readonly dropLast?: boolean | undefined;
  /** What share of each label is spread over all classes, in every cross entropy with the labels: PyTorch's `label_smoothing`. None by default. */
  readonly labelSmoothing?: number | undefined;
  /**
   * What is done about classes of which some have more images than others: `weights`, each class counts in the cross entropy with the labels by its inverse
   * frequency, as PyTorch's CrossEntropyLoss(weight) has it; `sampler`, an epoch draws as many images as there are, with replacement, each class as often as
   * any other, as WeightedRandomSampler. `none` by default.
   */
  readonly balance?: Balance | undefined;
  /** Drawn from as PyTorch would: the order at an epoch's start, the masks at each step. */
  readonly random: Random;
  /** The teacher's outputs, if they were computed beforehand (`cacheTeacherOutputs`); else the teacher runs in each step. */
  readonly teacherCache?: TeacherCache | undefined;
  /** How images are varied, if at all. */
  readonly augment?: Augment | undefined;
  /** The cached outputs, which are of images that are not varied, or mirrored at most, stand for those of varied ones too: a fixed teacher, as Beyer et al. 2022 call it. */
  readonly isTeacherFixed?: boolean | undefined;
  /** Features of your own, after Limbeck's. */
  readonly features?: readonly MakeFeature[];
  /** Whose weights are left in the engine: the last epoch's by default, or the best's by the validation images; of `quantize`, the best of its epochs. */
  readonly keep?: "last" | "best" | undefined;
  /** Heeded when a step is told, and while validation images are classified. */
  readonly signal?: AbortSignal | undefined;
  /** Where to save; an abort saves too. */
  readonly checkpoints?: Checkpoints | undefined;
  /** Where an earlier training stopped. With the same options the final bits are those of a training that never did. */
  readonly resume?: Checkpoint | undefined;
}

/** The options that recording the steps needs: no engine. */
export type PrepareOptions = Omit<TrainOptions, "engine" | "random" | "signal" | "checkpoints" | "resume">;

/** The least part of an epoch that a training may be. */
export const leastEpochs = 1e-3;

/** The most epochs that a training may have: its steps are still counted exactly. */
export const mostEpochs = 1e6;

/** How many images a training computes with at a time: a batch, or the largest part of one. */
export function imagesAtATime({
  batchSize = 128,
  accumulate = 1,
}: Pick<TrainOptions, "batchSize" | "accumulate">): number {
  return Math.ceil(batchSize / accumulate);
}

/** Throws SHAPE, ARGUMENT, DATA_FORMAT where parts do not fit each other. */
export function checkOptions(options: PrepareOptions): void {
  const { learner, dataset, epochs } = options;
  checkEpochs(epochs);
  checkLabelSmoothing(options);
  checkBalance(dataset, options.balance);
  checkAugment(options);
  checkCache(options);
  checkFits(learner.model, dataset);
  checkTeacher(learner, dataset);
  checkImages(learner, dataset.train.count);
  checkKeep(options);
}

/** How many steps are looked at, evenly spread, to see that a schedule gives numbers. */
const LOOKS = 1000;

/** Throws ARGUMENT for a schedule, or options of the optimiser, whose numbers float32 cannot hold. */
export function checkScalars({ scalars }: AttachedOptimiser, steps: number): void {
  const looks = Math.min(LOOKS, steps);
  for (let look = 0; look < looks; look++) {
    const step = 1 + Math.floor((look * (steps - 1)) / Math.max(1, looks - 1));
    for (const { symbol, at } of scalars) {
      const value = Math.fround(at(step));
      if (Number.isFinite(value)) continue;
      throw new LimbeckError(
        "ARGUMENT",
        `the optimiser's ${symbol.attributes.name} becomes ${value} at step ${step}; take a smaller learning rate, decay or momentum`,
      );
    }
  }
}

/** Throws ARGUMENT for options or a seed that views cannot be drawn with. */
function checkAugment({ augment, dataset }: PrepareOptions): void {
  if (!augment) return;
  const { seed, ...views } = augment;
  const { crop } = parseWith(augmentOptions, views, "ARGUMENT", "augment");
  checkBorder(crop, dataset.shape);
  if (Number.isSafeInteger(seed)) return;
  throw new LimbeckError("ARGUMENT", `augment: its seed should be a whole number, got ${String(seed)}`);
}

/** Throws ARGUMENT where auxiliary modules were made for another number of images. */
function checkImages({ images, objective }: Learner, count: number): void {
  if (images === undefined || images === count) return;
  throw new LimbeckError(
    "ARGUMENT",
    `method ${objective.name} was made for ${images} training images, but the data set has ${count}; give learner() that number`,
  );
}

/** Throws ARGUMENT where the teacher's outputs for the images are to stand for those for views of them, or there are none though only they can teach. */
function checkCache({ learner, teacherCache, augment, isTeacherFixed = false }: PrepareOptions): void {
  if (learner.teacher?.external && !teacherCache) {
    throw new LimbeckError(
      "ARGUMENT",
      `the outputs of ${learner.teacher.name} are computed outside the engine, so they have to be cached before training; give teacherCache, as cacheTargets makes it`,
    );
  }
  if (!augment || !teacherCache || Object.keys(teacherCache).length === 0) return;
  if (isFlippedAlone(augment) && Object.values(teacherCache).every(({ mirrored }) => mirrored)) return;
  if (isTeacherFixed && isMixing(augment)) {
    throw new LimbeckError(
      "ARGUMENT",
      `${learner.teacher?.name ?? "the teacher"} answered for the original images, and not for mixed ones; leave out mixup and cutmix`,
    );
  }
  if (isTeacherFixed) {
    if (learner.teacher) checkNotSpatial(learner, learner.teacher, "that saw each image before it is varied");
    return;
  }
  throw new LimbeckError(
    "ARGUMENT",
    "a teacher's cached outputs are of the images as they are, but augment varies them; leave teacherCache out, so that the teacher sees each view, " +
      "or say that it is fixed (isTeacherFixed)",
  );
}

/** Throws ARGUMENT where the best epoch is wanted and there is nothing to choose by. */
function checkKeep({ dataset, keep }: PrepareOptions): void {
  if (keep !== "best" || dataset.validation) return;
  throw new LimbeckError(
    "ARGUMENT",
    `the best epoch is chosen on validation images, but ${dataset.name} has none; hold some out with holdOut, or keep the last`,
  );
}

function checkLabelSmoothing({ labelSmoothing = 0 }: PrepareOptions): void {
  if (labelSmoothing >= 0 && labelSmoothing < 1) return;
  throw new LimbeckError("ARGUMENT", `labelSmoothing should be from 0 to below 1, got ${String(labelSmoothing)}`);
}

function checkEpochs(epochs: number): void {
  if (epochs >= leastEpochs && epochs <= mostEpochs) return;
  throw new LimbeckError(
    "ARGUMENT",
    `epochs should be a number from ${leastEpochs} to ${mostEpochs}, got ${String(epochs)}`,
  );
}
