/** @file Published as `limbeck/report`: what finished runs say, as a page, as tables and as pictures. */
import { checked } from "./checked/checked.ts";
import * as is from "./checked/kinds.ts";
import * as png from "../data/png.ts";
import * as compared from "../report/comparison.ts";
import * as head from "../report/headline.ts";
import * as tables from "../report/text-table.ts";

export {
  pairedDifference,
  type Environment,
  type PairedDifference,
  type Results,
  type RunRecord,
} from "../experiment/record.ts";
export { isGuessing } from "../experiment/check-teacher.ts";
export type { Row } from "../report/comparison.ts";
export type { StepLoss } from "../report/curves.ts";
export type { Headline } from "../report/headline.ts";
export { report, type ReportInput } from "../report/report.ts";

const aClassSize = is.having("a class", is.each(is.aNumber, "label", "images", "percent"));
const aRun = is.having("a run's record", {
  ...is.each(is.aString, "name", "title", "method"),
  ...is.each(is.aNumber, "parameters", "bytes", "seconds", "teacherSeconds"),
  epochs: is.listOf(is.anObject),
  test: is.having("an evaluation", {
    ...is.each(is.aNumber, "accuracy", "balancedAccuracy", "correct", "count"),
    ...is.each(aClassSize, "largestClass", "smallestClass"),
    ...is.each(is.listOf(is.aNumber), "interval", "predictions"),
    isUnequal: is.aBoolean,
  }),
});
const aRow = is.having("a row", {
  title: is.aString,
  interval: is.listOf(is.aNumber),
  ...is.each(is.aNumber, "accuracy", "parameters", "bytes", "seconds"),
  ...is.each(is.optional(is.aNumber), "balancedAccuracy", "trainAccuracy", "multiplyAdds"),
  augmented: is.optional(is.having("an evaluation", is.each(is.aNumber, "accuracy", "passes"))),
  gain: is.optional(is.having("a difference", { points: is.aNumber })),
  agreement: is.optional(is.having("a share", { percent: is.optional(is.aNumber) })),
  latency: is.optional(is.listOf(is.having("a timing", is.each(is.aNumber, "batch", "milliseconds")))),
});

export const comparison = checked("comparison", compared.comparison, { runs: is.listOf(aRun), labels: is.labels });
export const headline = checked("headline", head.headline, {
  runs: is.listOf(aRun),
  seed: is.aNumber,
  labels: is.labels,
  classes: is.optional(is.listOf(is.aString)),
});
export const markdownTable = checked("markdownTable", tables.markdownTable, { rows: is.listOf(aRow) });
export const terminalTable = checked("terminalTable", tables.terminalTable, {
  rows: is.listOf(aRow),
  columns: is.optional(is.aNumber),
});
export const imagePng = checked("imagePng", png.imagePng, {
  split: is.aSplit,
  shape: is.listOf(is.aNumber),
  index: is.aNumber,
});
