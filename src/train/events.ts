/** @file What training tells whoever watches. */
import type { Progress } from "./progress.ts";

/** One batch: the weighted total, and each loss term unweighted, as they were before the update. */
export interface StepEvent {
  readonly kind: "step";
  /** From 1, over the whole training, and of how many. */
  readonly step: number;
  readonly steps: number;
  /** The name of the pre-training phase, if this is one; its epochs count for themselves. */
  readonly phase?: string;
  /** From 1. */
  readonly epoch: number;
  /** From 1, within the epoch. */
  readonly stepInEpoch: number;
  readonly stepsPerEpoch: number;
  readonly epochs: number;
  readonly loss: number;
  readonly terms: Readonly<Record<string, number>>;
}

/** One pass over the training images: means of the batches' losses. */
export interface EpochEvent {
  readonly kind: "epoch";
  /** As a step has it. */
  readonly phase?: string;
  readonly epoch: number;
  readonly epochs: number;
  readonly loss: number;
  readonly terms: Readonly<Record<string, number>>;
  /** Seconds of its steps. */
  readonly seconds: number;
  /** Percent of the validation images that are classified rightly after it, where there are any. */
  readonly validationAccuracy?: number;
}

/** Validation images are being classified after an epoch. */
export interface ValidationEvent extends Progress {
  readonly kind: "validation";
  readonly epoch: number;
  readonly epochs: number;
}

export type TrainEvent = StepEvent | EpochEvent | ValidationEvent;
