/** @file What a command writes: its result on stdout, which has to arrive, messages on stderr, which may be lost; and how it looks. */
import { styleText } from "node:util";
import stringWidth from "string-width";
import { LimbeckError, systemCode } from "../errors.ts";

/** A reader that has seen enough, such as `head`, or a terminal that was closed. */
const gone: ReadonlySet<string | undefined> = new Set(["EPIPE", "EIO", "ECONNRESET", "ERR_STREAM_DESTROYED"]);

/** Lets the work continue when nobody reads stdout or stderr any more. Call it once, before anything is written. */
export function outliveReaders(): void {
  // NOTE: a stream's error without a listener ends the process; `print` gets its own through its callback.
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
}

const writeStdout = process.stdout.write.bind(process.stdout);

/** Keeps stdout for what `print` writes: what others write there, such as a user module's `console.log`, goes to stderr. */
export function reserveStdout(): void {
  process.stdout.write = process.stderr.write.bind(process.stderr);
}

/** Resolves when everything is written, or cannot be. */
export async function written(): Promise<void> {
  await Promise.all([
    new Promise<void>((resolve) => void writeStdout("", () => resolve())),
    new Promise<void>((resolve) => void process.stderr.write("", () => resolve())),
  ]);
}

/** Writes a line, or several, to stdout. Quiet where the reader is gone; rejects with OUTPUT where the text cannot be written. */
export function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    writeStdout(`${text}\n`, (error) => {
      if (!error || gone.has(systemCode(error))) return resolve();
      const message = `the result cannot be written to stdout: ${error.message}; make room, or redirect it`;
      reject(new LimbeckError("OUTPUT", message, { cause: error }));
    });
  });
}

/** JSON without a character that a terminal would obey: those of a string that JSON may leave are escaped too. */
export function jsonLine(value: unknown): string {
  const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value).replaceAll(/[\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/g, escaped);
}

/** Writes a line to stderr, if anybody reads it. */
export function printMessage(text: string): void {
  process.stderr.write(`${text}\n`);
}

type Format = Parameters<typeof styleText>[0];

/** The text in a colour, if the stream is a terminal that shows it; NO_COLOR and FORCE_COLOR are honoured. */
export function style(format: Format, text: string, stream: NodeJS.WriteStream): string {
  return styleText(format, text, { stream, validateStream: true });
}

/** `2026-01-31 15:45`, of a date as ISO 8601 has it, in this machine's time. */
export function dateText(iso: string): string {
  const date = new Date(iso);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Columns of stdout; what a program reads is never broken. */
export function stdoutColumns(): number {
  return process.stdout.isTTY ? process.stdout.columns || 80 : Infinity;
}

/** The line, broken between words so that it fits these columns, what follows the first set in by `indent`. */
export function wrapped(line: string, indent = 0, columns: number = stdoutColumns()): string {
  if (stringWidth(line) <= columns) return line;
  // A narrow terminal leaves no room for a deep indent.
  const margin = " ".repeat(indent > columns / 2 ? 4 : indent);
  const [start = ""] = /^ */.exec(line) ?? [];
  const lines: string[] = [];
  let last = start;
  for (const word of line.slice(start.length).split(" ")) {
    const longer = last.trim() === "" ? last + word : `${last} ${word}`;
    if (stringWidth(longer) <= columns || last.trim() === "") last = longer;
    else {
      lines.push(last);
      last = margin + word;
    }
  }
  return [...lines, last].map((each) => each.trimEnd()).join("\n");
}

/** The items, with commas between them, as many as these columns take; how many more there are is said. */
export function listWithin(items: readonly string[], columns: number): string {
  for (let shown = items.length; shown > 0; shown--) {
    const more = shown < items.length ? [`${items.length - shown} more`] : [];
    const line = [...items.slice(0, shown), ...more].join(", ");
    if (stringWidth(line) <= columns) return line;
    if (shown > 1) continue;
    const room = columns - more.map((text) => text.length + 2).reduce((a, b) => a + b, 0);
    return [cut(items[0]!, room), ...more].join(", ");
  }
  return "";
}

/** The text, or its beginning where it is longer than these columns. */
export function cut(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text;
  const characters = [...text];
  while (characters.length > 1 && stringWidth(characters.join("")) >= columns) characters.pop();
  return `${characters.join("")}…`;
}

/** Columns that a table of these columns leaves for one more. */
export function roomBeside(headings: readonly string[], rows: readonly (readonly string[])[], columns: number): number {
  const widths = headings.map((heading, i) =>
    Math.max(3, heading.length, ...rows.map((cells) => cells[i]?.length ?? 0)),
  );
  return columns - widths.reduce((sum, width) => sum + width + 3, 4);
}

/** Aligned columns: words to the left, columns that hold numbers only to the right. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, ...rows].map((cells) => cells.map((cell) => cell.replaceAll("|", "\\|")));
  const columns = headings.map((_, column) => ({
    width: Math.max(3, ...lines.map((cells) => cells[column]?.length ?? 0)),
    isRight: rows.every((cells) => startsAsNumber(cells[column] ?? "")),
  }));
  const line = (cells: readonly string[]): string => {
    const padded = columns.map(({ width, isRight }, i) =>
      isRight ? cells[i]?.padStart(width) : cells[i]?.padEnd(width),
    );
    return `| ${padded.join(" | ")} |`;
  };
  const rule = columns.map(({ width, isRight }) => (isRight ? `${"-".repeat(width - 1)}:` : "-".repeat(width)));
  const [head, ...body] = lines.map(line);
  return [head, line(rule), ...body].join("\n");
}

/** A cell left empty may stand among numbers. */
function startsAsNumber(cell: string): boolean {
  return /^$|^[+−-]?[\d.]/.test(cell);
}
