/** @file The table of optimisers, and the schedules of their learning rate. */
import type * as z from "zod/mini";
import { unknownName } from "../nearest-name.ts";
import { adam, adamOptions, adamW, adamWOptions, type AdamOptions } from "./adam.ts";
import { grouped, type Groups } from "./groups.ts";
import { muon, muonOptions } from "./muon.ts";
import type { Optimiser, Scheduled } from "./optimiser.ts";
import type { Schedule } from "./schedules.ts";
import { sgd, sgdOptions } from "./sgd.ts";

export { adam, adamW, type AdamOptions, type AdamWOptions } from "./adam.ts";
export { clipped } from "./clip.ts";
export type { DecayOn, Groups, ParameterGroup } from "./groups.ts";
export { muon, type MuonOptions } from "./muon.ts";
export { largestOption, largestRate, scalarsAt, scheduledInput } from "./optimiser.ts";
export type { AttachedOptimiser, Optimiser, PerLossGradients, Scheduled, ScheduledInput } from "./optimiser.ts";
export { checkFitting, fits, type Freeze } from "./patterns.ts";
export { findSchedule, needsLength, schedule, schedules, warmedUp } from "./schedules.ts";
export type { Schedule, ScheduleEntry, ScheduleName, TrainingLength } from "./schedules.ts";
export { sgd, type SgdOptions } from "./sgd.ts";

/** A row of the table. */
export interface OptimiserEntry {
  /** One line for people. */
  readonly summary: string;
  /** With defaults and descriptions; unknown keys are refused. */
  readonly options: z.ZodMiniType;
  /** Throws ARGUMENT, listing every problem, for options that break the schema. */
  create(options?: object): Optimiser;
  /** What the options say of the momentum, where they do: where it stands among them, and its value. */
  momentumOf(options: object): { readonly path: readonly PropertyKey[]; readonly value: unknown } | undefined;
  /** The options with this momentum, or a scheduled one. */
  withMomentum(options: object, momentum: Scheduled): object;
}

const betaOf: OptimiserEntry["momentumOf"] = ({ betas }: { betas?: unknown }) =>
  Array.isArray(betas) ? { path: ["betas", 0], value: betas[0] } : undefined;

const withBeta = ({ betas = [0.9, 0.999], ...options }: AdamOptions, momentum: Scheduled): AdamOptions => ({
  ...options,
  betas: [momentum, betas[1]],
});

const momentumOf: OptimiserEntry["momentumOf"] = ({ momentum }: { momentum?: unknown }) =>
  momentum === undefined ? undefined : { path: ["momentum"], value: momentum };

const withMomentum: OptimiserEntry["withMomentum"] = (options, momentum) => ({ ...options, momentum });

/** Every optimiser by name. */
export const optimisers = {
  adam: {
    summary: "steps scaled by running means of the gradient and its square",
    options: adamOptions,
    create: adam,
    momentumOf: betaOf,
    withMomentum: withBeta,
  },
  adamw: {
    summary: "adam whose weights decay apart from the gradient",
    options: adamWOptions,
    create: adamW,
    momentumOf: betaOf,
    withMomentum: withBeta,
  },
  sgd: {
    summary: "plain descent, with momentum if asked",
    options: sgdOptions,
    create: sgd,
    momentumOf,
    withMomentum,
  },
  muon: {
    summary: "momentum made orthogonal, for filters; everything else by adamw or sgd",
    options: muonOptions,
    create: muon,
    momentumOf,
    withMomentum,
  },
} as const satisfies Record<string, OptimiserEntry>;

export type OptimiserName = keyof typeof optimisers;

/** The optimiser's row of the table. Throws UNKNOWN_NAME with the nearest name. */
export function findOptimiser(name: string): OptimiserEntry {
  if (!isOptimiserName(name)) unknownName("optimiser", name, Object.keys(optimisers));
  return optimisers[name];
}

/** An optimiser of the table. Throws UNKNOWN_NAME, with the nearest known name, and ARGUMENT for wrong options. */
export function createOptimiser(name: string, options: object = {}): Optimiser {
  return findOptimiser(name).create(options);
}

/**
 * An optimiser of the table that follows a schedule, with groups of parameters that have a learning rate or a weight decay of their own.
 * Throws as `createOptimiser`.
 */
export function createScheduled(name: string, options: object, schedule: Schedule, groups: Groups = {}): Optimiser {
  const { learningRate, momentum } = schedule;
  const entry = findOptimiser(name);
  const common = momentum ? entry.withMomentum(options, momentum) : options;
  return grouped(
    ({ learningRateFactor: factor = 1, weightDecay }) =>
      entry.create({
        ...common,
        learningRate: factor === 1 ? learningRate : (step: number) => factor * learningRate(step),
        ...(weightDecay !== undefined && { weightDecay }),
      }),
    groups,
  );
}

function isOptimiserName(name: string): name is OptimiserName {
  return Object.hasOwn(optimisers, name);
}
