/** @file Optimisers and schedules as they are published. */
import { checked } from "./checked.ts";
import * as is from "./kinds.ts";
import * as optim from "../../optim/index.ts";

const aSchedule = is.having("a schedule", { learningRate: is.aFunction, momentum: is.optional(is.aFunction) });

export const clipped = checked("clipped", optim.clipped, { optimiser: is.anOptimiser, maxNorm: is.aNumber });

export const createOptimiser = checked("createOptimiser", optim.createOptimiser, {
  name: is.aString,
  options: is.optional(is.anObject),
});

export const createScheduled = checked("createScheduled", optim.createScheduled, {
  name: is.aString,
  options: is.anObject,
  schedule: aSchedule,
  groups: is.options({ groups: is.optional(is.listOf(is.having("a group", { parameters: is.aString }))) }),
});

export const scalarsAt = checked("scalarsAt", optim.scalarsAt, {
  optimiser: is.having("an attached optimiser", {
    scalars: is.listOf(is.object({ symbol: is.aTensor, at: is.aFunction })),
  }),
  step: is.aNumber,
});

export const schedule = checked("schedule", optim.schedule, {
  name: is.aString,
  learningRate: is.aNumber,
  length: is.object(is.each(is.aNumber, "steps", "stepsPerEpoch")),
  options: is.optional(is.anObject),
});

export const warmedUp = checked("warmedUp", optim.warmedUp, { schedule: aSchedule, steps: is.aNumber });
