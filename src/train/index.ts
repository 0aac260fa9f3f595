/** @file Training, evaluation and checkpoints. Begin with train.ts. */
export { decodeCheckpoint, encodeCheckpoint } from "./checkpoint-file.ts";
export type { Checkpoint, Checkpoints, Position } from "./checkpoint.ts";
export { evaluate, evaluating, type EvaluateOptions, type Evaluation } from "./evaluate.ts";
export type { EpochEvent, StepEvent, TrainEvent, ValidationEvent } from "./events.ts";
export { checkFits, learner, trainedParameters, type Learner, type LearnerOptions } from "./learner.ts";
export { observe } from "./observe.ts";
export { result, type Progress } from "./progress.ts";
export { keepTargets, type KeptTarget, type KeptTargets } from "./targets.ts";
export { train, type TrainOptions } from "./train.ts";
