/** @file Optimisers and schedules as they are published. */
import { checked } from "./checked.ts";
import { having, listOf, object } from "../../arguments.ts";
import * as is from "./kinds.ts";
import * as optim from "../../optim/index.ts";

const aSchedule = having("a schedule", { learningRate: is.aFunction, "momentum?": is.aFunction });

export const clipped = checked("clipped", optim.clipped, { optimiser: is.anOptimiser, maxNorm: is.aNumber });

export const createOptimiser = checked("createOptimiser", optim.createOptimiser, {
  name: is.aString,
  "options?": is.anObject,
});

export const createScheduled = checked("createScheduled", optim.createScheduled, {
  name: is.aString,
  options: is.anObject,
  schedule: aSchedule,
  "groups?": { "groups?": listOf(having("a group", { parameters: is.aString })) },
});

export const scalarsAt = checked("scalarsAt", optim.scalarsAt, {
  optimiser: having("an attached optimiser", { scalars: listOf(object({ symbol: is.aTensor, at: is.aFunction })) }),
  step: is.aNumber,
});

export const schedule = checked("schedule", optim.schedule, {
  name: is.aString,
  learningRate: is.aNumber,
  length: { "steps stepsPerEpoch": is.aNumber },
  "options?": is.anObject,
});

export const warmedUp = checked("warmedUp", optim.warmedUp, { schedule: aSchedule, steps: is.aNumber });
