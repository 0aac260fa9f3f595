/** @file From a settled configuration to what `train` is told. */
import { countBatches } from "../data/loader.ts";
import { clipped, createScheduled, schedule, warmedUp } from "../optim/index.ts";
import type { TrainOptions } from "../train/options.ts";
import type { TrainingConfig } from "./config.ts";

/** The options that a configuration of a training on so many images stands for. Throws ARGUMENT for options that it could not have been settled with. */
export function trainingOf(
  config: TrainingConfig,
  images: number,
): Pick<TrainOptions, "optimiser" | "epochs" | "batchSize" | "augment" | "emaDecay" | "keep"> {
  const { epochs, batchSize, learningRate, clip, ema, augment, keep, seed } = config;
  const stepsPerEpoch = countBatches(images, batchSize);
  const warmUp = Math.round(config.warmUp * stepsPerEpoch);
  // NOTE: of a few steps, the warm-up may take all; a schedule of no steps would divide by 0.
  const length = { steps: Math.max(1, epochs * stepsPerEpoch - warmUp), stepsPerEpoch };
  const plain = schedule(config.schedule, learningRate, length, config.scheduleOptions);
  const whole = warmUp > 0 ? warmedUp(plain, warmUp) : plain;
  const optimiser = createScheduled(config.optimiser, config.optimiserOptions, whole);
  return {
    epochs,
    batchSize,
    keep,
    optimiser: clip === undefined ? optimiser : clipped(optimiser, clip),
    ...(Object.keys(augment).length > 0 && { augment: { ...augment, seed } }),
    ...(ema !== undefined && { emaDecay: ema }),
  };
}
