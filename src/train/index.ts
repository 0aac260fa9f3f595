/** @file Training, evaluation and checkpoints. Begin with train.ts. */
export { decodeCheckpoint, encodeCheckpoint, type Checkpoint, type Checkpoints, type Position } from "./checkpoint.ts";
export type { Balance } from "./balance.ts";
export { evaluate, evaluating, type EvaluateOptions } from "./evaluate/evaluate.ts";
export type { Evaluation } from "./evaluate/evaluation.ts";
export type { Interval, Share } from "./evaluate/interval.ts";
export type { EpochEvent, StepEvent, StepPlace, TrainEvent, ValidationEvent } from "./events.ts";
export { checkFits } from "./check-model.ts";
export { learner, type Learner, type LearnerOptions } from "../distill/learner.ts";
export { readRanges, type Ranges, type TrainedRanges } from "./quantise/ranges.ts";
export { rangesOf, roundedModel } from "./quantise/rounding.ts";
export type { Feature, FeatureSetting, MakeFeature, StepPass } from "./feature.ts";
export { trainedParameters } from "./states.ts";
export { observe } from "../distill/observe.ts";
export type { TrainOptions } from "./options.ts";
export { result, type Progress } from "./events.ts";
export { cacheTeacherOutputs, type CachedOutput, type TeacherCache, type TeacherViews } from "./teacher-cache.ts";
export { train } from "./train.ts";
