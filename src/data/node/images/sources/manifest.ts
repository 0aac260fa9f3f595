/** @file A table of pictures in a CSV or JSONL file: a column of paths, and perhaps one of classes and one of splits. */
import { elementAt, valueAt } from "../../../../elements.ts";
import { parse } from "csv-parse/sync";
import { dirname, resolve } from "node:path";
import { LimbeckError } from "../../../../errors.ts";
import { oneLine } from "../../../../printable.ts";
import { endingOf } from "../../../../images/index.ts";
import { readRegularFile } from "../../read-file.ts";
import { classOrder, faultOf, fileReader, fileVersion, splitNamed, type Listed, type Listing } from "../listing.ts";

/** Names that columns go by, in lower case; the first one that is there counts. */
const columns = {
  path: ["path", "file", "file_name", "filename", "filepath", "image", "image_path"],
  label: ["label", "class", "class_name", "category", "target"],
  split: ["split", "set", "subset"],
} as const;

export const manifestEndings: ReadonlySet<string> = new Set(["csv", "tsv", "jsonl", "ndjson"]);

const MOST_BYTES = 2 ** 29;

/**
 * The pictures that a table names, by paths from its folder on. Its first line names the columns, in CSV; in JSONL each line
 * is an object. Classes that are whole numbers are ordered by size, others by name.
 *
 * Throws DATA_FORMAT, with the line, for a table without rows or a column of paths, a row without a path, some rows without a
 * class where others have one, or a word that is no split; DATA_MISSING for a file that cannot be read.
 */
export async function listManifest(file: string, unlabelled: boolean): Promise<Listing> {
  const bytes = await readRegularFile(file, { most: MOST_BYTES }).catch((cause: unknown) => {
    throw new LimbeckError("DATA_MISSING", `${file} cannot be read: ${faultOf(cause)}`, { cause });
  });
  const rows = rowsOf(file, bytes);
  if (rows.length === 0) throw wrong(file, "should have a row for each picture, got none");
  const names = columnNames(file, rows);
  const labelColumn = unlabelled ? undefined : names.label;
  const classNames = labelColumn === undefined ? [] : rows.map((row) => cell(file, row, labelColumn));
  const gap = classNames.indexOf("");
  if (labelColumn !== undefined && gap >= 0 && classNames.some((name) => name !== "")) {
    throw wrong(
      file,
      `line ${elementAt(rows, gap).line}: ${labelColumn} should name a class, as in other lines, got nothing`,
    );
  }
  const classes = gap >= 0 ? [] : classOrder(classNames);
  const labels = new Map(classes.map((name, label) => [name, label]));
  const pictures: Listed[] = [];
  for (const [i, row] of rows.entries()) {
    const path = cell(file, row, names.path);
    if (path === "") throw wrong(file, `line ${row.line}: ${names.path} should be a picture's path, got nothing`);
    const absolute = resolve(dirname(file), path);
    const version = await fileVersion(absolute);
    pictures.push({
      place: `${oneLine(path)} (line ${row.line})`,
      version,
      label: classes.length > 0 ? valueAt(labels, elementAt(classNames, i)) : undefined,
      ...splitOf(file, row, names.split),
      read: fileReader(absolute, version),
    });
  }
  return { kind: "a table of pictures", classes, pictures, notes: [] };
}

interface Row {
  readonly line: number;
  readonly cells: Readonly<Record<string, unknown>>;
}

function rowsOf(file: string, bytes: Uint8Array): Row[] {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw wrong(file, "should be text in UTF-8", cause);
  }
  return ["csv", "tsv"].includes(endingOf(file)) ? csvRows(file, text) : jsonRows(file, text);
}

function csvRows(file: string, text: string): Row[] {
  const [head = ""] = text.split("\n", 1);
  const delimiter = [",", "\t", ";"].find((character) => head.includes(character)) ?? ",";
  try {
    const records = parse(text, { columns: true, delimiter, trim: true, skip_empty_lines: true, info: true }) as {
      readonly record: Record<string, string>;
      readonly info: { readonly lines: number };
    }[];
    return records.map(({ record, info }) => ({ line: info.lines, cells: record }));
  } catch (cause) {
    throw wrong(file, `should be a table in CSV: ${faultOf(cause)}`, cause);
  }
}

function jsonRows(file: string, text: string): Row[] {
  return text.split("\n").flatMap((content, i): Row[] => {
    if (content.trim() === "") return [];
    let cells: unknown;
    try {
      cells = JSON.parse(content);
    } catch (cause) {
      throw wrong(file, `line ${i + 1} should be an object in JSON: ${faultOf(cause)}`, cause);
    }
    if (typeof cells !== "object" || cells === null || Array.isArray(cells)) {
      throw wrong(file, `line ${i + 1} should be an object in JSON, got ${content.slice(0, 50)}`);
    }
    return [{ line: i + 1, cells: cells as Record<string, unknown> }];
  });
}

/** The table's own names of the columns. */
function columnNames(
  file: string,
  rows: readonly Row[],
): {
  readonly path: string;
  readonly label: string | undefined;
  readonly split: string | undefined;
} {
  const there = [...new Set(rows.slice(0, 1000).flatMap(({ cells }) => Object.keys(cells)))];
  const named = (known: readonly string[]): string | undefined =>
    known.map((name) => there.find((column) => column.toLowerCase() === name)).find((name) => name !== undefined);
  const [path, label, split] = [named(columns.path), named(columns.label), named(columns.split)];
  if (path === undefined) {
    throw wrong(
      file,
      `should name its columns in the first line: one of ${columns.path.join(", ")}, perhaps one of ${columns.label.join(", ")} and ` +
        `one of ${columns.split.join(", ")}; got ${there.slice(0, 10).join(", ")}`,
    );
  }
  return { path, label, split };
}

function cell(file: string, { line, cells }: Row, column: string): string {
  const value = Object.hasOwn(cells, column) ? (cells[column] ?? "") : "";
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw wrong(file, `line ${line}: ${column} should be text or a number, got ${JSON.stringify(value).slice(0, 50)}`);
}

function splitOf(file: string, row: Row, column: string | undefined): Pick<Listed, "split"> {
  if (column === undefined) return {};
  const word = cell(file, row, column);
  if (word === "") return {};
  const split = splitNamed(word);
  if (split) return { split };
  throw wrong(file, `line ${row.line}: ${column} should be train, validation or test, got ${word.slice(0, 50)}`);
}

function wrong(file: string, fault: string, cause?: unknown): LimbeckError {
  return new LimbeckError("DATA_FORMAT", `${file} ${fault}`, { cause });
}
