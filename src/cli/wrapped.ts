/** @file Prose that breaks between words where the terminal ends. */
import stringWidth from "string-width";

/** Columns of stdout; nothing that is read by a program is broken. */
export function stdoutColumns(): number {
  return process.stdout.isTTY ? process.stdout.columns || 80 : Infinity;
}

/** The line, broken between words so that it fits these columns, what follows the first set in by `indent`. */
export function wrapped(line: string, indent = 0, columns: number = stdoutColumns()): string {
  if (stringWidth(line) <= columns) return line;
  // A narrow terminal leaves no room for a deep indent.
  const margin = " ".repeat(indent > columns / 2 ? 4 : indent);
  const [start = ""] = /^ */.exec(line) ?? [];
  const lines = [start];
  for (const word of line.slice(start.length).split(" ")) {
    const last = lines.at(-1)!;
    const longer = last.trim() === "" ? last + word : `${last} ${word}`;
    if (stringWidth(longer) <= columns || last.trim() === "") lines[lines.length - 1] = longer;
    else lines.push(margin + word);
  }
  return lines.map((each) => each.trimEnd()).join("\n");
}
