/** @file Hugging Face's data sets of images as Parquet files: a column of structs with the picture's bytes, and perhaps one of labels. */
import { elementAt } from "../../../../elements.ts";
import {
  asyncBufferFromFile,
  parquetMetadataAsync,
  parquetReadObjects,
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
} from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { LimbeckError } from "../../../../errors.ts";
import {
  classOrder,
  faultOf,
  fileVersion,
  splitOfFile,
  type Listed,
  type Listing,
  type SplitName,
} from "../listing.ts";

const imageColumns = ["image", "img", "picture", "pixel_values"];
const labelColumns = ["label", "labels", "fine_label", "class", "target"];

/** Bytes of a group of rows, expanded: it is read as a whole. */
const MOST_GROUP = 2 ** 30;

/**
 * The pictures of some Parquet files, by paths from a folder on. Names of classes come from the metadata that Hugging Face's
 * `datasets` writes (ClassLabel), else from the labels. The split is what the file's name begins with, or its folder's name.
 *
 * Throws DATA_FORMAT for a file that is no Parquet file or damaged, lacks a column of pictures, or has groups of rows of more
 * than a gigabyte; for more than 4,194,304 rows of all files.
 */
export async function listParquet(
  folder: string,
  files: readonly string[],
  unlabelled: boolean,
  { splitOf = splitOfFile, classNames }: ParquetOptions = {},
): Promise<Listing> {
  const tables: Table[] = [];
  for (const file of files) {
    const before = tables.reduce((sum, { count }) => sum + count, 0);
    tables.push(await openTable(join(folder, file), file, { unlabelled, most: MOST_ROWS - before, classNames }));
  }
  const names = tables.find(({ names }) => names)?.names;
  const said = tables.flatMap(({ labels }) => labels ?? []);
  const classes = unlabelled ? [] : (names ?? classOrder(said.map(String)));
  const numbers = new Map(classes.map((name, label) => [name, label]));
  const pictures = tables.flatMap((table) => {
    const split = splitOf(table.file);
    return Array.from({ length: table.count }, (_, row): Listed => {
      const label = table.labels && labelNumber(table.file, row, elementAt(table.labels, row), names, numbers);
      const version = `${table.version} ${row}`;
      const place = `${table.file}: row ${row}`;
      return {
        place,
        version,
        label,
        split,
        read: () => table.bytesOf(row),
      };
    });
  });
  const without = pictures.find(({ label }) => label === undefined);
  if (classes.length > 0 && without)
    throw wrong(join(folder, without.place), "should have a label, as other rows have");
  return { kind: "Parquet files", classes, pictures, notes: [] };
}

/** What the metadata of an external file may hold. */
export interface ParquetOptions {
  splitOf?(file: string): SplitName | undefined;
  /** Names of a column's classes, for files that do not have them. */
  readonly classNames?: ((column: string) => readonly string[] | undefined) | undefined;
}

/** Rows of all files. NOTE: equal ones take no room in a file, so a small file may have any number. */
const MOST_ROWS = 2 ** 22;

/** One file. */
interface Table {
  readonly file: string;
  readonly version: string;
  readonly count: number;
  readonly names: readonly string[] | undefined;
  readonly labels: readonly (number | string)[] | undefined;
  bytesOf(row: number): Promise<Uint8Array>;
}

async function openTable(
  path: string,
  file: string,
  { unlabelled, most, classNames: given }: { readonly unlabelled: boolean; readonly most: number } & ParquetOptions,
): Promise<Table> {
  const version = await fileVersion(path);
  const buffer = await guarded(path, () => asyncBufferFromFile(path));
  const metadata = await guarded(path, () => parquetMetadataAsync(buffer));
  const columns = topColumns(metadata);
  const image = imageColumns.find((name) => columns.includes(name));
  if (image === undefined) {
    throw wrong(
      path,
      `should have a column of pictures, one of ${imageColumns.join(", ")}, got ${columns.slice(0, 20).join(", ")}`,
    );
  }
  const label = unlabelled ? undefined : labelColumns.find((name) => columns.includes(name));
  const names = label === undefined ? undefined : (classNames(metadata, label) ?? given?.(label));
  const count = metadata.row_groups.reduce((sum, { num_rows }) => sum + Number(num_rows), 0);
  if (count !== Number(metadata.num_rows)) {
    throw wrong(path, `should have as many rows as it says, ${metadata.num_rows}, got ${count} in its groups`);
  }
  if (count > most) {
    throw wrong(
      path,
      `should have at most ${most} rows, ${MOST_ROWS} with the files before it, got ${count}; give fewer pictures`,
    );
  }
  const labels = label === undefined ? undefined : await readLabels(path, buffer, metadata, label);
  return {
    file,
    version,
    count,
    names,
    labels,
    bytesOf: imageReader(path, buffer, metadata, image),
  };
}

/** Names of the outermost columns: the schema is a tree, written parents first. */
function topColumns({ schema }: FileMetaData): string[] {
  const names: string[] = [];
  for (let at = 1; at < schema.length;) {
    names.push(elementAt(schema, at).name);
    for (let left = 1; left > 0 && at < schema.length; at++) left += (elementAt(schema, at).num_children ?? 0) - 1;
  }
  return names;
}

function classNames(metadata: FileMetaData, label: string): string[] | undefined {
  const text = metadata.key_value_metadata?.find(({ key }) => key === "huggingface")?.value;
  try {
    const { info } = JSON.parse(text ?? "{}") as {
      info?: { features?: Record<string, { names?: unknown } | undefined> };
    };
    const names = info?.features?.[label]?.names;
    const list = typeof names === "object" && names !== null ? Object.values(names) : [];
    return list.length > 0 && list.every((name) => typeof name === "string") ? list : undefined;
  } catch {
    return undefined;
  }
}

async function readLabels(
  path: string,
  file: AsyncBuffer,
  metadata: FileMetaData,
  column: string,
): Promise<(number | string)[]> {
  const rows = await guarded(path, () =>
    parquetReadObjects({ file, metadata, columns: [column], compressors: expanders() }),
  );
  return rows.map((row, i) => {
    const value: unknown = row[column];
    if (typeof value === "bigint") return Number(value);
    if (typeof value === "number" || typeof value === "string") return value;
    throw wrong(`${path}: row ${i}`, `should have a number or a name as its ${column}, got ${String(value)}`);
  });
}

function labelNumber(
  file: string,
  row: number,
  label: number | string,
  names: readonly string[] | undefined,
  numbers: ReadonlyMap<string, number>,
): number {
  const number = names && typeof label === "number" ? label : numbers.get(String(label));
  if (number !== undefined && Number.isInteger(number) && number >= 0 && (!names || number < names.length))
    return number;
  throw wrong(`${file}: row ${row}`, `should have a label that is one of ${names?.length ?? 0} classes, got ${label}`);
}

/** Reads a group of rows when one of it is asked for first, and keeps the last group. */
function imageReader(path: string, file: AsyncBuffer, metadata: FileMetaData, column: string) {
  const ends: number[] = [];
  for (const { num_rows } of metadata.row_groups) ends.push((ends.at(-1) ?? 0) + Number(num_rows));
  let kept: { readonly group: number; readonly rows: Promise<Record<string, unknown>[]> } | undefined;
  return async (row: number): Promise<Uint8Array> => {
    const group = ends.findIndex((end) => row < end);
    const rowStart = group === 0 ? 0 : elementAt(ends, group - 1);
    const size = Number(elementAt(metadata.row_groups, group).total_byte_size);
    if (size > MOST_GROUP)
      throw wrong(
        path,
        `should have groups of rows of at most ${MOST_GROUP} bytes, got ${size}; write it anew with smaller ones`,
      );
    if (kept?.group !== group) {
      const options = {
        file,
        metadata,
        columns: [column],
        rowStart,
        rowEnd: elementAt(ends, group),
        compressors: expanders(),
        utf8: false,
      };
      kept = { group, rows: guarded(path, () => parquetReadObjects(options)) };
    }
    const value: unknown = (await kept.rows)[row - rowStart]?.[column];
    const bytes = value instanceof Uint8Array ? value : (value as { readonly bytes?: unknown } | undefined)?.bytes;
    if (bytes instanceof Uint8Array) return bytes;
    throw new Error(
      `its ${column} should hold the bytes of a picture, got ${bytes === null ? "a path alone" : typeof bytes}`,
    );
  };
}

/**
 * What expands pages, for one reading: together to at most `MOST_GROUP` bytes, whatever the metadata says of their sizes, and each of gzip and
 * Brotli to no more than its header says. Throws where it would be more.
 */
function expanders(): Compressors {
  let left = MOST_GROUP;
  const known: Compressors = {
    ...compressors,
    GZIP: (input, length) => gunzipSync(input, { maxOutputLength: Math.max(1, length) }),
    BROTLI: (input, length) => brotliDecompressSync(input, { maxOutputLength: Math.max(1, length) }),
  };
  const within =
    (expand: Expander): Expander =>
    (input, length) => {
      left -= length;
      if (left < 0) throw new Error(`a group of its rows should expand to at most ${MOST_GROUP} bytes, got more`);
      return expand(input, length);
    };
  return Object.fromEntries(Object.entries(known).map(([codec, expand]) => [codec, within(expand)]));
}

type Expander = Compressors[keyof Compressors] & {};

async function guarded<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof LimbeckError) throw cause;
    throw wrong(path, `should be a Parquet file: ${faultOf(cause)}; get it again`, cause);
  }
}

function wrong(place: string, fault: string, cause?: unknown): LimbeckError {
  return new LimbeckError("DATA_FORMAT", `${place} ${fault}`, { cause });
}
