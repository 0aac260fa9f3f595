/** @file The training loop and its parts as they are published. */
import { checked, checkedAsync, checkedSteps } from "./checked.ts";
import * as is from "./kinds.ts";
import * as inner from "../../train/index.ts";

const anObjective = is.having("an objective", {
  name: is.aString,
  ...is.each(is.anObject, "weights", "needs"),
  pretraining: is.listOf(is.anObject),
  ...is.each(is.aFunction, "pairings", "targets", "auxiliaries", "losses"),
});

const aLearner = is.having("a learner", {
  model: is.aModel,
  objective: anObjective,
  teacher: is.optional(is.aModel),
  pairings: is.listOf(is.anObject),
  auxiliaries: is.byName("modules by name", () => anAuxiliary),
});

const anAuxiliary = is.object({ module: is.aModule });

const trainOptions = is.object({
  engine: is.anEngine,
  learner: aLearner,
  dataset: is.aDataset,
  optimiser: is.anOptimiser,
  random: is.aRandom,
  epochs: is.aNumber,
  ...is.each(is.optional(is.aNumber), "emaDecay", "batchSize", "accumulate", "labelSmoothing", "lookahead"),
  ...is.each(is.optional(is.anObject), "augment", "teacherCache", "signal", "resume"),
  quantize: is.options({ epochs: is.aNumber, ranges: is.having("ranges", { states: is.aMap }) }),
  balance: is.optional(is.aString),
  freeze: is.optional(is.listOf(is.object({ parameters: is.aString, afterEpochs: is.aNumber }))),
  features: is.optional(is.listOf(is.aFunction)),
  checkpoints: is.options(is.each(is.aFunction, "due", "save")),
});

export const cacheTeacherOutputs = checkedSteps("cacheTeacherOutputs", inner.cacheTeacherOutputs, {
  teacher: is.object({ ...is.inference, sees: is.optional(is.oneOf("image", "flip", "mean")) }),
  learners: is.listOf(is.having("a learner", { model: is.aModel, objective: anObjective })),
});

export const decodeCheckpoint = checkedAsync("decodeCheckpoint", inner.decodeCheckpoint, {
  bytes: is.bytes,
  source: is.optional(is.aString),
});

export const encodeCheckpoint = checkedAsync("encodeCheckpoint", inner.encodeCheckpoint, {
  checkpoint: is.having("a checkpoint", { states: is.aMap, best: is.optional(is.aMap) }),
});

export const evaluating = checkedSteps("evaluating", inner.evaluating, { options: is.evaluateOptions });

export const learner = checked("learner", inner.learner, {
  model: is.aModel,
  objective: anObjective,
  teacher: is.optional(is.aModel),
  options: is.options({ images: is.optional(is.aNumber) }),
});

export const observe = checked("observe", inner.observe, { model: is.aModel, x: is.aTensor });

export const rangesOf = checked("rangesOf", inner.rangesOf, { model: is.aModel, top: is.aNumber });

export const result = checkedAsync("result", inner.result, {
  work: is.having("a generator", { next: is.aFunction }),
  watch: is.optional(is.aFunction),
});

export const roundedModel = checked("roundedModel", inner.roundedModel, { model: is.aModel, ranges: is.anObject });

export const train = checkedSteps("train", inner.train, { options: trainOptions });

export const trainedParameters = checked("trainedParameters", inner.trainedParameters, {
  learner: aLearner,
  phase: is.optional(is.anObject),
});
