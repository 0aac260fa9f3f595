/** @file Runs of a study compared, and the comparison in each format. */
export { compareRuns, type CompareOptions } from "./compare-runs.ts";
export type { ComparedRun } from "./compared-run.ts";
export type { ComparedRow, RowGain, StudyComparison } from "./comparison.ts";
