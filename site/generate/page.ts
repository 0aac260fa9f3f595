/** @file Pages that are made of tables: Markdown, and where it is written. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { generated, repository } from "../navigation.ts";

/** Writes a page, by its path among the generated ones. */
export function writePage(path: string, text: string): void {
  const file = join(repository, generated, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${text.trimEnd()}\n`);
}

/** A table; cells are Markdown. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;
  return [line(headings), line(headings.map(() => "---")), ...rows.map(line)].join("\n");
}

function cell(markdown: string): string {
  return markdown.replaceAll("\n", " ").replaceAll(/(?<!\\)\|/g, "\\|");
}

/** Text as it stands, whatever Markdown or Vue would make of it. */
export function plain(text: string): string {
  return text.replaceAll(/[<>&*_[\]`{}\\~]/g, (letter) => `&#${letter.codePointAt(0)};`);
}

/** A text in code, empty for none. */
export function code(text: string): string {
  return text === "" ? "" : `\`${text}\``;
}
