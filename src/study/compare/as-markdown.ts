/** @file A comparison as Markdown. */
import { oneLine } from "../../printable.ts";
import { escapeMarkdown, markdownLines } from "../../report/index.ts";
import { comparisonLines } from "./columns.ts";
import type { StudyComparison } from "./comparison.ts";
import { matrixCaption, matrixLines } from "./gain-matrix.ts";

/** The headline, a table, the gains of students over each other, and a list of notes. What Markdown or HTML would obey in titles is escaped. */
export function comparisonAsMarkdown(comparison: StudyComparison): string {
  const { rows, headline, notes } = comparison;
  const shown = (text: string): string => escapeMarkdown(oneLine(text));
  const table = rows.length === 0 ? [] : [markdownLines(comparisonLines(comparison))];
  const list = notes.length === 0 ? [] : [notes.map((note) => `- ${shown(note)}`).join("\n")];
  const matrix = matrixLines(comparison);
  const second = matrix ? [escapeMarkdown(matrixCaption), markdownLines(matrix)] : [];
  return `${[shown(headline), ...table, ...second, ...list].join("\n\n")}\n`;
}
