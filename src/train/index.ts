/** @file Training and checkpoints. Begin with train.ts. Evaluation and training for int8 have doors of their own: pages that need one alone load no other. */
export {
  decodeCheckpoint,
  decodePosition,
  encodeCheckpoint,
  positionBytes,
  type Checkpoint,
  type Checkpoints,
  type Position,
} from "./checkpoint.ts";
export { type Balance, balances, checkBalance } from "./balance.ts";
export * from "./events.ts";
export { checkFits, checkInitialised } from "./check-model.ts";
export type { Feature, FeatureSetting, MakeFeature, StepPass } from "./feature.ts";
export { countAuxiliaryParameters, trainedParameters } from "./states.ts";
export { type PrepareOptions, type TrainOptions, imagesAtATime, leastEpochs, mostEpochs } from "./options.ts";
export * from "./teacher-cache.ts";
export { train, trainRecorded } from "./train.ts";
export { learner, type Learner, type LearnerOptions } from "../distill/learner.ts";
export { observe } from "../distill/observe.ts";
export { readRanges, type Ranges, type TrainedRanges } from "./quantise/ranges.ts";
export { compileForBatches } from "./batches.ts";
export { reachesLogits, usesLabels } from "./depends.ts";
export { mostInFlight } from "./in-flight.ts";
export { imageRoom, isKeptImages, keepImages } from "./kept-images.ts";
export { countSteps, epochsBegun, stepsOfEpoch } from "./length.ts";
export { type RecordedTraining, planPhases, recordTraining, stepsInAll } from "./plan.ts";
export { usesTeacherClasses } from "./teacher-classes.ts";
export * from "./timeable.ts";
