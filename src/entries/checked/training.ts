/** @file The training loop and its parts as they are published. */
import { checked, checkedAsync, checkedSteps } from "./checked.ts";
import { byName, having, joined, listOf, object, oneOf } from "../../arguments.ts";
import * as is from "./kinds.ts";
import * as inner from "../../train/index.ts";
import * as evaluation from "../../train/evaluate/evaluate.ts";
import * as int8 from "../../train/quantise/index.ts";

const anObjective = having("an objective", {
  name: is.aString,
  "weights needs": is.anObject,
  pretraining: listOf(is.anObject),
  "pairings targets auxiliaries losses": is.aFunction,
});

const aLearner = having("a learner", {
  model: is.aModel,
  objective: anObjective,
  "teacher?": is.aModel,
  pairings: listOf(is.anObject),
  auxiliaries: byName("modules by name", () => anAuxiliary),
});

const anAuxiliary = object({ module: is.aModule });

const trainOptions = object({
  engine: is.anEngine,
  learner: aLearner,
  dataset: is.aDataset,
  optimiser: is.anOptimiser,
  random: is.aRandom,
  epochs: is.aNumber,
  "emaDecay? batchSize? accumulate? labelSmoothing? lookahead?": is.aNumber,
  "augment? teacherCache? signal? resume?": is.anObject,
  "quantize?": { epochs: is.aNumber, ranges: having("ranges", { states: is.aMap }) },
  "balance?": is.aString,
  "freeze?": listOf(object({ parameters: is.aString, afterEpochs: is.aNumber })),
  "features?": listOf(is.aFunction),
  "checkpoints?": { "due save": is.aFunction },
});

export const cacheTeacherOutputs = checkedSteps("cacheTeacherOutputs", inner.cacheTeacherOutputs, {
  teacher: joined(is.inference, { "views?": oneOf("image", "flip", "mean") }),
  learners: listOf(having("a learner", { model: is.aModel, objective: anObjective })),
});

export const decodeCheckpoint = checkedAsync("decodeCheckpoint", inner.decodeCheckpoint, {
  bytes: is.bytes,
  "source?": is.aString,
});

export const encodeCheckpoint = checkedAsync("encodeCheckpoint", inner.encodeCheckpoint, {
  checkpoint: having("a checkpoint", { states: is.aMap, "best?": is.aMap }),
});

export const evaluating = checkedSteps("evaluating", evaluation.evaluating, { options: is.evaluateOptions });

export const learner = checked("learner", inner.learner, {
  model: is.aModel,
  objective: anObjective,
  "teacher?": is.aModel,
  "options?": { "images?": is.aNumber },
});

export const observe = checked("observe", inner.observe, { model: is.aModel, x: is.aTensor });

export const rangesOf = checked("rangesOf", int8.rangesOf, { model: is.aModel, top: is.aNumber });

export const result = checkedAsync("result", inner.result, {
  work: having("a generator", { next: is.aFunction }),
  "watch?": is.aFunction,
});

export const roundedModel = checked("roundedModel", int8.roundedModel, { model: is.aModel, ranges: is.anObject });

export const train = checkedSteps("train", inner.train, { options: trainOptions });

export const trainedParameters = checked("trainedParameters", inner.trainedParameters, {
  learner: aLearner,
  "phase?": is.anObject,
});
