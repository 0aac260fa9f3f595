/** @file A comparison for a terminal. */
import { oneLine } from "../../printable.ts";
import { alignedLines } from "../../report/index.ts";
import { comparisonLines } from "./columns.ts";
import type { StudyComparison } from "./comparison.ts";

/** The headline, the table in at most so many columns of characters, and the notes. */
export function comparisonAsText(comparison: StudyComparison, columns = Infinity): string {
  const { rows, headline, notes } = comparison;
  const table = rows.length === 0 ? [] : [alignedLines(comparisonLines(comparison), columns)];
  return [oneLine(headline), ...table, ...(notes.length === 0 ? [] : [notes.map(oneLine).join("\n")])].join("\n\n");
}
