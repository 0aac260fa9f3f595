/** @file Published as `limbeck/training`: the parts of a training, for those who want their own loop or their own data path. */
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

export { batches, gatherImages, gatherLabels, gatherViews, normaliser, loaderOrder } from "./checked/loading.ts";
export { clipped, createOptimiser, createScheduled, scalarsAt, schedule, warmedUp } from "./checked/optimisers.ts";
export {
  cacheTargets,
  forClasses,
  evaluatingOutputs,
  networkTeacher,
  outputsNeeded,
  computedOutputs,
  runtimeTeacher,
  teacherPlaceholder,
  storedLogits,
  teacherView,
} from "./checked/teachers.ts";
export {
  cacheTeacherOutputs,
  decodeCheckpoint,
  encodeCheckpoint,
  evaluating,
  learner,
  observe,
  rangesOf,
  result,
  roundedModel,
  train,
  trainedParameters,
} from "./checked/training.ts";
