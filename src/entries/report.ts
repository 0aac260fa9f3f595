/** @file Published as `limbeck/report`: what finished runs say, as a page, as tables and as pictures. */
import { checked } from "./checked/checked.ts";
import { having, listOf } from "../arguments.ts";
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

const aClassSize = having("a class", { "label images percent": is.aNumber });
const aRun = having("a run's record", {
  "name title method": is.aString,
  "parameters bytes seconds teacherSeconds": is.aNumber,
  epochs: listOf(is.anObject),
  test: having("an evaluation", {
    "accuracy balancedAccuracy correct count": is.aNumber,
    "largestClass smallestClass": aClassSize,
    "interval predictions": listOf(is.aNumber),
    isUnequal: is.aBoolean,
  }),
});
const aRow = having("a row", {
  title: is.aString,
  interval: listOf(is.aNumber),
  "accuracy parameters bytes seconds": is.aNumber,
  "balancedAccuracy? trainAccuracy? multiplyAdds?": is.aNumber,
  "augmented?": having("an evaluation", { "accuracy passes": is.aNumber }),
  "gain?": having("a difference", { points: is.aNumber }),
  "agreement?": having("a share", { "percent?": is.aNumber }),
  "latency?": listOf(having("a timing", { "batch milliseconds": is.aNumber })),
});

export const comparison = checked("comparison", compared.comparison, { runs: listOf(aRun), labels: is.labels });
export const headline = checked("headline", head.headline, {
  runs: listOf(aRun),
  seed: is.aNumber,
  labels: is.labels,
  "classes?": listOf(is.aString),
});
export const markdownTable = checked("markdownTable", tables.markdownTable, { rows: listOf(aRow) });
export const terminalTable = checked("terminalTable", tables.terminalTable, {
  rows: listOf(aRow),
  "columns?": is.aNumber,
});
export const imagePng = checked("imagePng", png.imagePng, {
  split: is.aSplit,
  shape: listOf(is.aNumber),
  index: is.aNumber,
});
