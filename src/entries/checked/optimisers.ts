/** @file Optimisers and schedules as they are published. */
import { aFunction, aNumber, anObject, aString, each, having, listOf, optional } from "../../arguments.ts";
import * as optim from "../../optim/index.ts";
import { checked } from "./checked.ts";
import { aTensor, anOptimiser } from "./kinds.ts";

const aSchedule = having("a schedule", { learningRate: aFunction, momentum: optional(aFunction) });

export const clipped = checked("clipped", optim.clipped, { optimiser: anOptimiser, maxNorm: aNumber });

export const createOptimiser = checked("createOptimiser", optim.createOptimiser, {
  name: aString,
  options: optional(anObject),
});

export const createScheduled = checked("createScheduled", optim.createScheduled, {
  name: aString,
  options: anObject,
  schedule: aSchedule,
  groups: optional(having("an object", { groups: optional(listOf(having("a group", { parameters: aString }))) })),
});

export const scalarsAt = checked("scalarsAt", optim.scalarsAt, {
  optimiser: having("an attached optimiser", {
    scalars: listOf(having("an object", { symbol: aTensor, at: aFunction })),
  }),
  step: aNumber,
});

export const schedule = checked("schedule", optim.schedule, {
  name: aString,
  learningRate: aNumber,
  length: having("an object", each(aNumber, "steps", "stepsPerEpoch")),
  options: optional(anObject),
});

export const warmedUp = checked("warmedUp", optim.warmedUp, { schedule: aSchedule, steps: aNumber });
