/** @file Tables that read well in a terminal and are Markdown. */

/** Aligned columns: words to the left, columns that hold numbers only to the right. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, ...rows].map((cells) => cells.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = headings.map((_, column) => Math.max(3, ...lines.map((cells) => cells[column]!.length)));
  const right = headings.map((_, column) => rows.every((cells) => startsAsNumber(cells[column]!)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => (right[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))).join(" | ")} |`;
  const rule = widths.map((width, i) => (right[i] ? `${"-".repeat(width - 1)}:` : "-".repeat(width)));
  return [line(lines[0]!), line(rule), ...lines.slice(1).map(line)].join("\n");
}

/** A cell left empty may stand among numbers. */
function startsAsNumber(cell: string): boolean {
  return /^$|^[+−-]?[\d.]/.test(cell);
}
