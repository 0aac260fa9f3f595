/** @file Tables for spreadsheets. */
import { printable } from "./printable.ts";

/**
 * Lines of cells by RFC 4180, without a line end after the last. A text that a spreadsheet would take for a formula has an apostrophe before
 * it, as OWASP advises; numbers stay numbers. Control characters are replaced: JSON has them.
 */
export function csvLines(lines: readonly (readonly (string | number)[])[]): string {
  return lines.map((cells) => cells.map(csvCell).join(",")).join("\r\n");
}

function csvCell(value: string | number): string {
  if (typeof value === "number") return String(value);
  const shown = printable(value);
  const text = /^[=+\-@\t\n＝＋－＠]/.test(shown) ? `'${shown}` : shown;
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
