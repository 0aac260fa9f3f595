/** @file Published as `limbeck/training`: the parts of a training, for those who want their own loop or their own data path. */
import {
  aFunction,
  aMap,
  aNumber,
  anObject,
  aShape,
  aString,
  byName,
  bytes,
  each,
  floats,
  having,
  listOf,
  oneOf,
  optional,
  type Kind,
} from "../arguments.ts";
import * as views from "../data/augment.ts";
import * as loader from "../data/loader.ts";
import type { OnnxRuntime } from "../onnx/index.ts";
import * as optim from "../optim/index.ts";
import * as streams from "../random/index.ts";
import * as teachers from "../teachers/index.ts";
import * as inner from "../train/index.ts";
import { checked, checkedAsync, checkedSteps } from "./checked/checked.ts";
import {
  aDataset,
  aModel,
  aModule,
  anEngine,
  aRandom,
  aRange,
  aSplit,
  aTensor,
  evaluateOptions,
  indices,
  inference,
  labels,
} from "./checked/kinds.ts";
import { aPreprocessing, aTeacher, learners, someOutputs } from "./checked/teacher-kinds.ts";

export {
  readRanges,
  type Balance,
  type CachedOutput,
  type Checkpoint,
  type Checkpoints,
  type EpochEvent,
  type Feature,
  type FeatureSetting,
  type Learner,
  type LearnerOptions,
  type MakeFeature,
  type Progress,
  type Ranges,
  type StepEvent,
  type StepPass,
  type StepPlace,
  type TeacherCache,
  type TeacherViews,
  type TrainedRanges,
  type TrainEvent,
  type TrainOptions,
  type ValidationEvent,
} from "../train/index.ts";
export {
  adam,
  adamW,
  muon,
  optimisers,
  schedules,
  sgd,
  type AdamOptions,
  type AdamWOptions,
  type AttachedOptimiser,
  type DecayOn,
  type Freeze,
  type Groups,
  type MuonOptions,
  type Optimiser,
  type OptimiserEntry,
  type OptimiserName,
  type ParameterGroup,
  type PerLossGradients,
  type Schedule,
  type ScheduleEntry,
  type Scheduled,
  type ScheduledInput,
  type ScheduleName,
  type SgdOptions,
  type TrainingLength,
} from "../optim/index.ts";
export { augmentOptions, type Augment, type AugmentInput, type AugmentOptions } from "../data/augment-options.ts";
export type { ImageSource } from "../data/augment.ts";
export type {
  CacheTargetsOptions,
  EvaluateOutputsOptions,
  NetworkTeacherOptions,
  PartialPreprocessing,
  Preprocessing,
  RuntimeTeacher,
  RuntimeTeacherOptions,
  StoredLogitsOptions,
  Teacher,
  TeacherOutputs,
} from "../teachers/index.ts";
export type { OnnxRuntime } from "../onnx/index.ts";
export type { BatchRange } from "../data/loader.ts";
export type { DatasetEntry } from "../data/index.ts";

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
const anOptimiser = having("an optimiser", each(aFunction, "attach", "withConstantRate"));
const aSchedule = having("a schedule", { learningRate: aFunction, momentum: optional(aFunction) });
const aCount: Kind = {
  expected: "a whole number from 0 to 4294967295",
  is: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32,
};
const aRuntime: Kind = {
  expected: "ONNX Runtime",
  is: (value) => {
    const { InferenceSession, Tensor } = (value ?? {}) as Partial<OnnxRuntime>;
    return typeof Tensor === "function" && typeof InferenceSession?.create === "function";
  },
};
const wholeLabels: Kind = {
  ...labels,
  is: (value) =>
    labels.is(value) &&
    Array.from(value as ArrayLike<unknown>).every((label) => Number.isSafeInteger(label) && (label as number) >= 0),
};
const gathered = { indices, range: aRange };
const augment = having("an object", {
  seed: aNumber,
  ...each(optional(anObject), "resizedCrop", "colourJitter", "crop", "flip", "cutout", "erasing"),
});
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
export const gatherViews = checked("gatherViews", views.gatherViews, {
  source: having("an object", { split: aSplit, shape: aShape, table: floats }),
  ...gathered,
  augment,
  epoch: aNumber,
  out: floats,
  turns: optional(indices),
});
export const cacheTargets = checkedSteps("cacheTargets", teachers.cacheTargets, {
  options: having("an object", {
    engine: anEngine,
    outputs: someOutputs,
    mirrored: optional(someOutputs),
    sees: optional(oneOf("image", "flip", "mean")),
    teacher: aModel,
    signal: optional(anObject),
    batchSize: optional(aNumber),
  }),
  learners,
});
export const forClasses = checked("forClasses", teachers.forClasses, {
  outputs: someOutputs,
  ...each(listOf(aString), "classes"),
  teacherLabels: optional(listOf(aString)),
});
export const evaluatingOutputs = checkedSteps("evaluatingOutputs", teachers.evaluatingOutputs, {
  options: having("an object", { outputs: someOutputs, labels: wholeLabels, signal: optional(anObject) }),
});
export const networkTeacher = checkedAsync("networkTeacher", teachers.networkTeacher, {
  options: having("an object", {
    engine: anEngine,
    model: aModel,
    preprocessing: aPreprocessing,
    classNames: optional(listOf(aString)),
    identity: aString,
  }),
});
export const outputsNeeded = checked("outputsNeeded", teachers.outputsNeeded, {
  learners,
  teacher: aModel,
  outputs: someOutputs,
});
export const computedOutputs = checked("computedOutputs", teachers.computedOutputs, {
  teacher: aTeacher,
  images: having("images", { image: aFunction, count: aNumber }),
});
export const runtimeTeacher = checkedAsync("runtimeTeacher", teachers.runtimeTeacher, {
  options: having("an object", {
    runtime: aRuntime,
    bytes,
    ...each(aString, "source", "name", "identity"),
    preprocessing: aPreprocessing,
    ...each(optional(listOf(aString)), "classNames", "taps"),
    ...each(optional(aString), "output", "layout"),
    sessionOptions: optional(anObject),
  }),
});
export const teacherPlaceholder = checked("teacherPlaceholder", teachers.teacherPlaceholder, {
  outputs: someOutputs,
  student: having("an object", { inputShape: aShape, classes: aNumber }),
});
export const storedLogits = checked("storedLogits", teachers.storedLogits, {
  bytes,
  options: having("an object", { source: aString, count: aNumber, ...each(optional(aString), "fingerprint", "split") }),
});
export const teacherView = checked("teacherView", teachers.teacherView, {
  picture: having("a picture", { ...each(aNumber, "channels", "height", "width"), pixels: bytes }),
  preprocessing: aPreprocessing,
});
export const batches = checked("batches", loader.batches, { count: aCount, batchSize: aNumber });
export const gatherImages = checked("gatherImages", loader.gatherImages, {
  split: aSplit,
  shape: aShape,
  table: floats,
  ...gathered,
  out: floats,
});
export const gatherLabels = checked("gatherLabels", loader.gatherLabels, { split: aSplit, ...gathered, out: anObject });
export const normaliser = checked("normaliser", loader.normaliser, {
  dataset: having("a data set", { shape: aShape, ...each(listOf(aNumber), "mean", "std") }),
});
export const loaderOrder = checked("loaderOrder", streams.loaderOrder, {
  random: aRandom,
  count: aNumber,
  options: anObject,
});
