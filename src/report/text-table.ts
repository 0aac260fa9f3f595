/** @file The comparison as a table for a terminal or a Markdown page. */
import { printable } from "../printable.ts";
import { passTime, type Row } from "./comparison.ts";
import { bytes, count, duration, intervalText, millions, percent, points } from "./format.ts";

/** Aligned columns for a terminal: names to the left, numbers to the right; where it is narrow, without the last ones. */
export function terminalTable(rows: readonly Row[], columns = Infinity): string {
  return alignedLines(filled(rows), columns);
}

/** The same rows as a table in Markdown. */
export function markdownTable(rows: readonly Row[]): string {
  return markdownLines(filled(rows));
}

/** The same of cells, line by line, headings first. */
export function alignedLines(lines: readonly (readonly string[])[], columns = Infinity): string {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  while (widths.length > 2 && widths.reduce((sum, width) => sum + width + 2, -2) > columns) widths.pop();
  return lines
    .map((line) =>
      widths
        .map((width, column) => (column === 0 ? line[column]?.padEnd(width) : line[column]?.padStart(width)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** The same of cells, line by line, headings first, as a table in Markdown; what Markdown or HTML would obey is escaped. */
export function markdownLines(lines: readonly (readonly string[])[]): string {
  const line = (parts: readonly string[]): string => `| ${parts.join(" | ")} |`;
  const [headings = [], ...others] = lines;
  return [
    line(headings),
    line(headings.map((_, column) => (column === 0 ? "---" : "---:"))),
    ...others.map((cells) => line(cells.map(escapeMarkdown))),
  ].join("\n");
}

/** A text as Markdown that shows it as it is, in one line. */
export function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\|`*_<[\]&]/g, "\\$&").replaceAll(/\s+/g, " ");
}

/** The most telling first: a narrow terminal shows no others. */
const columns: readonly (readonly [heading: string, cell: (row: Row) => string | undefined])[] = [
  ["Run", ({ title }) => printable(title)],
  ["Test accuracy", ({ accuracy, measure, measuredOn }) => (measure || measuredOn ? undefined : percent(accuracy))],
  ["Validation accuracy", ({ accuracy, measuredOn }) => (measuredOn ? percent(accuracy) : undefined)],
  ["Agreement", ({ accuracy, measure }) => (measure ? percent(accuracy) : undefined)],
  ["Balanced", ({ balancedAccuracy }) => (balancedAccuracy === undefined ? undefined : percent(balancedAccuracy))],
  ["95 % interval", ({ interval }) => intervalText(interval)],
  ["With TTA", ({ augmented }) => augmented && `${percent(augmented.accuracy)}, ${augmented.passes} passes`],
  ["Training", ({ trainAccuracy }) => (trainAccuracy === undefined ? undefined : percent(trainAccuracy))],
  ["Gain", ({ gain }) => gain && points(gain.points)],
  ["As teacher", ({ agreement }) => (agreement?.percent === undefined ? undefined : percent(agreement.percent))],
  ["Parameters", ({ parameters }) => count(parameters)],
  ["Multiply-adds", ({ multiplyAdds }) => (multiplyAdds === undefined ? undefined : millions(multiplyAdds))],
  ["1 image", (row) => passTime(row, 1)],
  ["32 images", (row) => passTime(row, 32)],
  ["Size", (row) => bytes(row.bytes)],
  ["Time", ({ seconds }) => duration(seconds)],
];

/** The headings and the cells, without columns that no row fills. */
function filled(rows: readonly Row[]): readonly (readonly string[])[] {
  const kept = columns.filter(([, cell]) => rows.some((row) => cell(row) !== undefined));
  return [kept.map(([heading]) => heading), ...rows.map((row) => kept.map(([, cell]) => cell(row) ?? ""))];
}
