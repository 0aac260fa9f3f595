/** @file Published as `limbeck/report`: what finished runs say, as a page, as tables and as pictures. */
export {
  pairedDifference,
  type Environment,
  type PairedDifference,
  type Results,
  type RunRecord,
} from "../experiment/record.ts";
export { isGuessing } from "../experiment/check-teacher.ts";
export { comparison, type Row } from "../report/comparison.ts";
export type { StepLoss } from "../report/curves.ts";
export { headline, type Headline } from "../report/headline.ts";
export { markdownTable, terminalTable } from "../report/text-table.ts";
export { report, type ReportInput } from "../report/report.ts";
export { imagePng } from "../data/png.ts";
