/** @file A comparison for a terminal. */
import { oneLine } from "../../printable.ts";
import { alignedLines } from "../../report/index.ts";
import { comparisonLines } from "./columns.ts";
import type { StudyComparison } from "./comparison.ts";
import { matrixCaption, matrixLines } from "./gain-matrix.ts";

/** The headline, the table in at most so many columns of characters, the gains of students over each other, and the notes. */
export function comparisonAsText(comparison: StudyComparison, columns = Infinity): string {
  const { rows, headline, notes } = comparison;
  const table = rows.length === 0 ? [] : [alignedLines(comparisonLines(comparison), columns)];
  const matrix = matrixLines(comparison);
  const second = matrix ? [`${matrixCaption}\n${alignedLines(matrix, columns)}`] : [];
  const below = notes.length === 0 ? [] : [notes.map(oneLine).join("\n")];
  return [oneLine(headline), ...table, ...second, ...below].join("\n\n");
}
