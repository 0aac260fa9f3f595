/** @file The door of evaluation: a network's answers counted, and the intervals of what is counted. */
export { type EvaluateOptions, evaluate, evaluating, openEvaluation } from "./evaluate.ts";
export type { CalibrationBin } from "./calibration.ts";
export {
  type AugmentedEvaluation,
  type Evaluation,
  augmentedEvaluation,
  figuresOf,
  sayingOf,
  tally,
} from "./evaluation.ts";
export { infer } from "./inference.ts";
export {
  type Interval,
  type PairedDifference,
  type Share,
  agreement,
  pairedDifference,
  share,
  wilson,
} from "./interval.ts";
