/** @file The door of evaluation: a network's answers counted, and the intervals of what is counted. */
export * from "./evaluate.ts";
export type { CalibrationBin } from "./calibration.ts";
export * from "./evaluation.ts";
export { infer } from "./inference.ts";
export * from "./interval.ts";
