/** @file A comparison for spreadsheets and scripts. */
import { csvLines } from "../../csv-lines.ts";
import { settingsText } from "../tuning/report-tuning.ts";
import type { ComparedRow, StudyComparison } from "./comparison.ts";

const columns: readonly (readonly [heading: string, cell: (row: ComparedRow) => string | number | undefined])[] = [
  ["row", ({ row }) => row],
  ["title", ({ title }) => title],
  ["role", ({ isBaseline, isTeacher }) => (isTeacher ? "teacher" : isBaseline ? "baseline" : "method")],
  ["n", ({ accuracy }) => accuracy.n],
  ["seeds", ({ seeds }) => seeds.join(" ")],
  ["accuracy", ({ accuracy }) => accuracy.mean],
  ["deviation", ({ accuracy }) => accuracy.deviation],
  ["accuracy_low", ({ accuracy }) => accuracy.interval?.[0]],
  ["accuracy_high", ({ accuracy }) => accuracy.interval?.[1]],
  ["interquartile_mean", ({ interquartileMean }) => interquartileMean],
  ["gain_n", ({ gain }) => gain?.n],
  ["gain", ({ gain }) => gain?.mean],
  ["gain_deviation", ({ gain }) => gain?.deviation],
  ["gain_low", ({ gain }) => gain?.interval?.[0]],
  ["gain_high", ({ gain }) => gain?.interval?.[1]],
  ["p", ({ gain }) => gain?.p],
  ["p_holm", ({ gain }) => gain?.adjustedP],
  ["bootstrap_low", ({ gain }) => gain?.bootstrap?.[0]],
  ["bootstrap_high", ({ gain }) => gain?.bootstrap?.[1]],
  ["probability_of_improvement", ({ gain }) => gain?.probabilityOfImprovement],
  ["seeds_needed", ({ gain }) => gain?.seedsNeeded],
  ["parameters", ({ parameters }) => parameters],
  ["multiply_adds", ({ multiplyAdds }) => multiplyAdds],
  ["bytes", ({ bytes }) => bytes],
  ["seconds", ({ seconds }) => seconds],
  ["latency_ms", ({ latency }) => latency],
  ["engines", ({ engines }) => engines.join("; ")],
  ["trials", ({ tuned }) => tuned?.trials],
  ["failed_trials", ({ tuned }) => tuned?.failed],
  ["validation_accuracy", ({ tuned }) => tuned?.validationAccuracy],
  ["chosen", ({ tuned }) => tuned?.chosen && settingsText(tuned.chosen)],
];

/**
 * RFC 4180: headings, then a line for each row, the same columns in every file; numbers as they are (accuracies in percent, gains in points), and
 * empty where there is none. See `csvLines` for hostile texts.
 */
export function comparisonAsCsv({ rows }: StudyComparison): string {
  return csvLines([
    columns.map(([heading]) => heading),
    ...rows.map((row) => columns.map(([, cell]) => cell(row) ?? "")),
  ]);
}
