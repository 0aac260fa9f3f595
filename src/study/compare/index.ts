/** @file Runs of a study compared, and the comparison in each format. */
export { comparisonAsCsv } from "./as-csv.ts";
export { comparisonAsLatex } from "./as-latex.ts";
export { comparisonAsMarkdown } from "./as-markdown.ts";
export { comparisonAsText } from "./as-text.ts";
export { comparisonTables } from "./columns.ts";
export { compareRuns, type CompareOptions } from "./compare-runs.ts";
export type { ComparedRun } from "./compared-run.ts";
export type { ComparedRow, RowGain, StudyComparison } from "./comparison.ts";
export type { CurvePoint } from "./curves.ts";
export { gainMatrix, type GainMatrix, type MatrixCell } from "./gain-matrix.ts";
export { accuracyProfile, gainProfile, type Profile } from "./profile.ts";
