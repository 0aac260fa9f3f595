/** @file The contract of an optimiser: how gradients change parameters, as part of the training step's graph. */
import { z } from "zod";
import { input, state, type Tensor, type Update } from "../tensor/index.ts";

/** A rule with its options, not yet tied to any parameters. */
export interface Optimiser {
  readonly name: string;
  /** The options with their defaults, for records. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Ties the rule to parameters, by their paths: makes the states it keeps for each. */
  attach(parameters: ReadonlyMap<string, { readonly tensor: Tensor }>): AttachedOptimiser;
}

/** An optimiser of certain parameters. Every graph made from it (for full and for short batches) shares its slots. */
export interface AttachedOptimiser {
  /** States beside the parameters, such as running means, zeros at first; what a checkpoint has to keep. */
  readonly slots: ReadonlyMap<string, Tensor>;
  /** The updates of parameters and slots, given each parameter's gradient in the parameters' order. Elementwise only. */
  updates(gradients: readonly Tensor[]): Update[];
  /** Values of the graph's scalar inputs at a step; steps count from 1 over the whole training. */
  scalars(step: number): Record<string, Float32Array>;
}

/** A step size, or a function from the step (from 1) to one: a schedule. */
export type LearningRate = number | ((step: number) => number);

/** Checks a learning rate: a number from 0, or a function. */
export const learningRateSchema: z.ZodType<LearningRate> = z.union([
  z.number().nonnegative(),
  z.custom<(step: number) => number>((value) => typeof value === "function", "expected a number or a function"),
]);

export function learningRateAt(rate: LearningRate, step: number): number {
  return typeof rate === "number" ? rate : rate(step);
}

/** A scalar input of the graph that each step sets anew. */
export function scalarInput(name: string): Tensor {
  return input(name, []);
}

/** One state per parameter, named `PATH/KIND` with PyTorch's name of the kind. */
export function slotsFor(
  kind: string,
  parameters: ReadonlyMap<string, { readonly tensor: Tensor }>,
): (readonly [name: string, slot: Tensor])[] {
  return [...parameters].map(([path, { tensor }]) => {
    const name = `${path}/${kind}`;
    return [name, state(name, tensor.shape)] as const;
  });
}
