/** @file Published as `limbeck/report`: what finished runs say, as a page, as tables and as pictures. */
export type { Environment, PairedDifference, Results, RunRecord } from "../experiment/record.ts";
export { comparison, type Row } from "../report/comparison.ts";
export type { StepLoss } from "../report/curves.ts";
export { headline, type Headline } from "../report/headline.ts";
export { markdownTable, terminalTable } from "../report/text-table.ts";
export { report, type ReportInput } from "../report/report.ts";
export { imagePng } from "../data/png.ts";
