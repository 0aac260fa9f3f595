/** @file The door of the report: what the command line makes pages, tables and texts of. Entries publish single files. */
export { commonestAnswer, largestShare } from "./class-balance.ts";
export { comparison } from "./comparison.ts";
export type { StepLoss } from "./curves.ts";
export {
  bytes,
  comparedPlaces,
  count,
  duration,
  intervalText,
  loss,
  millions,
  milliseconds,
  percent,
  points,
  pointsInterval,
} from "./format.ts";
export { headline } from "./headline.ts";
export { type ReportInput, report } from "./report.ts";
export { alignedLines, escapeMarkdown, markdownLines, terminalTable } from "./text-table.ts";
