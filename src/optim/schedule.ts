/** @file The contract of a schedule: how the step size, and with some the momentum, goes over a training. */
import { aFunction, aNumber, checkArguments, having, optional, type Kind } from "../arguments.ts";
import type { z } from "zod";

/** How long a training is. */
export interface TrainingLength {
  readonly steps: number;
  readonly stepsPerEpoch: number;
}

/** Values by the step, from 1. */
export interface Schedule {
  readonly learningRate: (step: number) => number;
  /** Where a schedule sets it too; Adam's first beta stands for it. */
  readonly momentum?: (step: number) => number;
}

/** A row of the table. */
export interface ScheduleEntry<Options> {
  /** One line for people. */
  readonly summary: string;
  /** With defaults and descriptions; unknown keys are refused. */
  readonly options: z.ZodType<Options>;
  /** The momentum that goes with the largest step size, of a schedule that sets the momentum too. */
  momentum?(options: Options): number | undefined;
  /** The schedule of a training with this largest step size. */
  create(learningRate: number, length: TrainingLength, options: Options): Schedule;
}

/** For `checkArguments`. */
export const aSchedule: Kind = having("a schedule", { learningRate: aFunction, momentum: optional(aFunction) });

/** What the first step of a warm-up has of the step size it leads to, as torchvision's recipes have it. */
const FIRST_SHARE = 0.01;

/**
 * A schedule with `steps` of warm-up in front: the step size grows in a straight line, from a hundredth of what the schedule
 * begins with, as PyTorch's LinearLR(start_factor=0.01) stepped with each batch; then the schedule begins with its first step.
 */
export function warmedUp(schedule: Schedule, steps: number): Schedule {
  checkArguments("warmedUp", { schedule: [schedule, aSchedule], steps: [steps, aNumber] });
  const { learningRate, momentum } = schedule;
  const after = (step: number): number => Math.max(1, step - steps);
  const rise = (step: number): number => FIRST_SHARE + (1 - FIRST_SHARE) * Math.min(1, (step - 1) / steps);
  return {
    learningRate: (step) => learningRate(after(step)) * (step <= steps ? rise(step) : 1),
    ...(momentum && { momentum: (step) => momentum(after(step)) }),
  };
}
