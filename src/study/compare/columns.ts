/** @file The columns that people read, the same in the terminal, in Markdown and in LaTeX. */
import {
  bytes,
  count,
  duration,
  intervalText,
  milliseconds,
  millions,
  percent,
  points,
  pointsInterval,
  type SeedsTable,
} from "../../report/index.ts";
import { oneLine } from "../../printable.ts";
import type { ComparedRow, StudyComparison } from "./comparison.ts";
import { probability } from "./study-headline.ts";

/** The most telling first: a narrow terminal shows no others. */
const columns: readonly (readonly [heading: string, cell: (row: ComparedRow) => string | undefined])[] = [
  ["Run", ({ title }) => oneLine(title)],
  ["n", ({ accuracy }) => String(accuracy.n)],
  ["Test accuracy", ({ accuracy }) => percent(accuracy.mean)],
  ["Deviation", ({ accuracy: { deviation } }) => deviation?.toFixed(2)],
  ["Gain", ({ gain }) => gain && points(gain.mean)],
  ["Gain, 95 %", ({ gain }) => gain?.interval && pointsInterval(gain.interval)],
  ["p (Holm)", ({ gain }) => (gain?.adjustedP === undefined ? undefined : probability(gain.adjustedP))],
  ["Seeds needed", ({ gain }) => (gain?.seedsNeeded === undefined ? undefined : count(gain.seedsNeeded))],
  ["Bootstrap", ({ gain }) => gain?.bootstrap && pointsInterval(gain.bootstrap)],
  ["P(better)", ({ gain }) => gain?.probabilityOfImprovement.toFixed(2)],
  ["95 % interval", ({ accuracy: { interval } }) => interval && intervalText(interval)],
  ["IQM", ({ interquartileMean }) => percent(interquartileMean)],
  ["Parameters", ({ parameters }) => count(parameters)],
  ["Multiply-adds", ({ multiplyAdds }) => (multiplyAdds === undefined ? undefined : millions(multiplyAdds))],
  ["1 image", ({ latency }) => (latency === undefined ? undefined : `${milliseconds(latency)} ms`)],
  ["Size", (row) => bytes(Math.round(row.bytes))],
  ["Time", ({ seconds }) => (seconds === 0 ? undefined : duration(seconds))],
];

/** The columns from here on are of spread and cost; those before, of accuracy and gain. */
const SECOND = "95 % interval";

/** The same as two tables, where all columns beside each other are too wide. */
export function comparisonTables(comparison: StudyComparison): SeedsTable["tables"] {
  const lines = comparisonLines(comparison);
  const at = lines[0]?.indexOf(SECOND) ?? -1;
  const from = at < 0 ? (lines[0]?.indexOf("IQM") ?? 0) : at;
  return [
    { label: "Accuracy and gain", lines: lines.map((line) => line.slice(0, from)) },
    { label: "Spread and cost", lines: lines.map((line) => [...line.slice(0, 1), ...line.slice(from)]) },
  ];
}

/** The headings and a line for each row, without columns that no row fills. Titles are in one line, without control characters. */
export function comparisonLines({ rows }: StudyComparison): readonly (readonly string[])[] {
  const kept = columns.filter(([, cell]) => rows.some((row) => cell(row) !== undefined));
  return [kept.map(([heading]) => heading), ...rows.map((row) => kept.map(([, cell]) => cell(row) ?? ""))];
}
