/** @file The contract of a schedule: how the step size, and with some the momentum, goes over a training. */
import { aFunction, aNumber, checkArguments, having, optional, type Kind } from "../arguments.ts";
import type { z } from "zod";

/** How long a training is. */
export interface Span {
  readonly steps: number;
  readonly stepsPerEpoch: number;
}

/** Values by the step, from 1. */
export interface Course {
  readonly learningRate: (step: number) => number;
  /** Where a schedule sets it too; Adam's first beta stands for it. */
  readonly momentum?: (step: number) => number;
}

/** A row of the table. */
export interface Schedule<Options> {
  /** One line for people. */
  readonly summary: string;
  /** With defaults and descriptions; unknown keys are refused. */
  readonly options: z.ZodType<Options>;
  /** The momentum that goes with the largest step size, of a schedule that sets the momentum too. */
  momentum?(options: Options): number | undefined;
  /** The course of a training with this largest step size. */
  course(learningRate: number, span: Span, options: Options): Course;
}

/** For `checkArguments`. */
export const aCourse: Kind = having("a course", { learningRate: aFunction, momentum: optional(aFunction) });

/** What the first step of a warm-up has of the step size it leads to, as torchvision's recipes have it. */
const FIRST_SHARE = 0.01;

/**
 * A course with `steps` of warm-up in front: the step size grows in a straight line, from a hundredth of what the course
 * begins with, as PyTorch's LinearLR(start_factor=0.01) stepped with each batch; then the course begins with its first step.
 */
export function warmedUp(course: Course, steps: number): Course {
  checkArguments("warmedUp", { course: [course, aCourse], steps: [steps, aNumber] });
  const { learningRate, momentum } = course;
  const after = (step: number): number => Math.max(1, step - steps);
  const rise = (step: number): number => FIRST_SHARE + (1 - FIRST_SHARE) * Math.min(1, (step - 1) / steps);
  return {
    learningRate: (step) => learningRate(after(step)) * (step <= steps ? rise(step) : 1),
    ...(momentum && { momentum: (step) => momentum(after(step)) }),
  };
}
