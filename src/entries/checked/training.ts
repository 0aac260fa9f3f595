/** @file The training loop and its parts as they are published. */
import {
  aFunction,
  aMap,
  aNumber,
  anObject,
  aString,
  byName,
  bytes,
  each,
  having,
  listOf,
  oneOf,
  optional,
} from "../../arguments.ts";
import * as inner from "../../train/index.ts";
import { checked, checkedAsync, checkedSteps } from "./checked.ts";
import {
  aDataset,
  aModel,
  aModule,
  anEngine,
  aRandom,
  aTensor,
  evaluateOptions,
  anOptimiser,
  inference,
} from "./kinds.ts";

const anObjective = having("an objective", {
  name: aString,
  ...each(anObject, "weights", "needs"),
  pretraining: listOf(anObject),
  ...each(aFunction, "pairings", "targets", "auxiliaries", "losses"),
});

const aLearner = having("a learner", {
  model: aModel,
  objective: anObjective,
  teacher: optional(aModel),
  pairings: listOf(anObject),
  auxiliaries: byName("modules by name", () => anAuxiliary),
});

const anAuxiliary = having("an object", { module: aModule });

const trainOptions = having("an object", {
  engine: anEngine,
  learner: aLearner,
  dataset: aDataset,
  optimiser: anOptimiser,
  random: aRandom,
  epochs: aNumber,
  ...each(optional(aNumber), "emaDecay", "batchSize", "accumulate", "labelSmoothing", "lookahead"),
  ...each(optional(anObject), "augment", "teacherCache", "signal", "resume"),
  quantize: optional(having("an object", { epochs: aNumber, ranges: having("ranges", { states: aMap }) })),
  balance: optional(aString),
  freeze: optional(listOf(having("an object", { parameters: aString, afterEpochs: aNumber }))),
  features: optional(listOf(aFunction)),
  checkpoints: optional(having("an object", each(aFunction, "due", "save"))),
});

export const cacheTeacherOutputs = checkedSteps("cacheTeacherOutputs", inner.cacheTeacherOutputs, {
  teacher: having("an object", { ...inference, sees: optional(oneOf("image", "flip", "mean")) }),
  learners: listOf(having("a learner", { model: aModel, objective: anObjective })),
});

export const decodeCheckpoint = checkedAsync("decodeCheckpoint", inner.decodeCheckpoint, {
  bytes,
  source: optional(aString),
});

export const encodeCheckpoint = checkedAsync("encodeCheckpoint", inner.encodeCheckpoint, {
  checkpoint: having("a checkpoint", { states: aMap, best: optional(aMap) }),
});

export const evaluating = checkedSteps("evaluating", inner.evaluating, { options: evaluateOptions });

export const learner = checked("learner", inner.learner, {
  model: aModel,
  objective: anObjective,
  teacher: optional(aModel),
  options: optional(having("an object", { images: optional(aNumber) })),
});

export const observe = checked("observe", inner.observe, { model: aModel, x: aTensor });

export const rangesOf = checked("rangesOf", inner.rangesOf, { model: aModel, top: aNumber });

export const result = checkedAsync("result", inner.result, {
  work: having("a generator", { next: aFunction }),
  watch: optional(aFunction),
});

export const roundedModel = checked("roundedModel", inner.roundedModel, { model: aModel, ranges: anObject });

export const train = checkedSteps("train", inner.train, { options: trainOptions });

export const trainedParameters = checked("trainedParameters", inner.trainedParameters, {
  learner: aLearner,
  phase: optional(anObject),
});
