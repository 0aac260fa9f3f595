/** @file The table of optimisers. */
import type { z } from "zod";
import { unknownName } from "../nearest-name.ts";
import { adam, adamOptions } from "./adam.ts";
import type { Optimiser } from "./optimiser.ts";
import { sgd, sgdOptions } from "./sgd.ts";

export { adam, type AdamOptions } from "./adam.ts";
export type { AttachedOptimiser, LearningRate, Optimiser } from "./optimiser.ts";
export { sgd, type SgdOptions } from "./sgd.ts";

/** A row of the table. */
export interface OptimiserEntry {
  /** One line for people. */
  readonly summary: string;
  /** With defaults and descriptions; unknown keys are refused. */
  readonly options: z.ZodType;
  /** Throws ARGUMENT, listing every problem, for options that break the schema. */
  create(options?: object): Optimiser;
}

/** Every optimiser by name. */
export const optimisers = {
  adam: { summary: "steps scaled by running means of the gradient and its square", options: adamOptions, create: adam },
  sgd: { summary: "plain descent, with momentum if asked", options: sgdOptions, create: sgd },
} as const satisfies Record<string, OptimiserEntry>;

export type OptimiserName = keyof typeof optimisers;

/** An optimiser of the table. Throws UNKNOWN_NAME, with the nearest known name, and ARGUMENT for wrong options. */
export function createOptimiser(name: string, options: object = {}): Optimiser {
  if (!isOptimiserName(name)) unknownName("optimiser", name, Object.keys(optimisers));
  const entry: OptimiserEntry = optimisers[name];
  return entry.create(options);
}

function isOptimiserName(name: string): name is OptimiserName {
  return Object.hasOwn(optimisers, name);
}
