/** @file Published as `limbeck/report`: what finished runs say, as a page, as tables and as pictures. */
import { aBoolean, aNumber, aString, each, having, listOf, optional } from "../arguments.ts";
import * as png from "../data/png.ts";
import * as compared from "../report/comparison.ts";
import * as head from "../report/headline.ts";
import * as tables from "../report/text-table.ts";
import { checked } from "./checked/checked.ts";
import { aSplit, labels } from "./checked/kinds.ts";

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

const aClassSize = having("a class", each(aNumber, "label", "images", "percent"));
const aRun = having("a run's record", {
  ...each(aString, "name", "title", "method"),
  ...each(aNumber, "parameters", "bytes", "seconds", "teacherSeconds"),
  test: having("an evaluation", {
    ...each(aNumber, "accuracy", "balancedAccuracy", "correct", "count"),
    ...each(aClassSize, "largestClass", "smallestClass"),
    ...each(listOf(aNumber), "interval", "predictions"),
    isUnequal: aBoolean,
  }),
});
const aRow = having("a row", {
  title: aString,
  interval: listOf(aNumber),
  ...each(aNumber, "accuracy", "parameters", "bytes", "seconds"),
  ...each(optional(aNumber), "balancedAccuracy", "trainAccuracy", "multiplyAdds"),
  augmented: optional(having("an evaluation", each(aNumber, "accuracy", "passes"))),
  gain: optional(having("a difference", { points: aNumber })),
  agreement: optional(having("a share", { percent: optional(aNumber) })),
  latency: optional(listOf(having("a timing", each(aNumber, "batch", "milliseconds")))),
});

export const comparison = checked("comparison", compared.comparison, { runs: listOf(aRun), labels });
export const headline = checked("headline", head.headline, {
  runs: listOf(aRun),
  seed: aNumber,
  labels,
  classes: optional(listOf(aString)),
});
export const markdownTable = checked("markdownTable", tables.markdownTable, { rows: listOf(aRow) });
export const terminalTable = checked("terminalTable", tables.terminalTable, {
  rows: listOf(aRow),
  columns: optional(aNumber),
});
export const imagePng = checked("imagePng", png.imagePng, { split: aSplit, shape: listOf(aNumber), index: aNumber });
