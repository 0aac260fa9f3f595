/** @file The door of the report: what the command line makes pages, tables and texts of. Entries publish single files. */
export { commonestAnswer, largestShare } from "./class-balance.ts";
export { comparison } from "./comparison.ts";
export type { StepLoss } from "./curves.ts";
export { type ChartedRun, curvesSection } from "./curves-section.ts";
export { type CurveData, type DrawnCurves, drawCurves } from "./draw-curves.ts";
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
export { claimOf, headline } from "./headline.ts";
export { type Content, Html, html, jsonText } from "./html.ts";
export { icon } from "./icon.ts";
export { page, type PageInput } from "./page.ts";
export { bindPage } from "./page-script.ts";
export { type ReportInput, report } from "./report.ts";
export { runTable } from "./run-table.ts";
export { seedsSection, type SeedsTable, seedsTables } from "./seeds-section.ts";
export { dark, light, runColour, style } from "./style.ts";
export { alignedLines, escapeMarkdown, markdownLines, terminalTable } from "./text-table.ts";
