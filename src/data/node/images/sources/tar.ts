/** @file WebDataset's shards: tar files in which 0001.jpg and 0001.cls make one picture and its class. Indexed once, then read by position. */
import { valueAt } from "../../../../elements.ts";
import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { Header, Pax } from "tar";
import { LimbeckError } from "../../../../errors.ts";
import { oneLine } from "../../../../printable.ts";
import { endingOf, formatOfEnding } from "../../../../images/index.ts";
import { classOrder, faultOf, fileVersion, splitOfFile, type Listed, type Listing } from "../listing.ts";

/** A file in a tar file. */
interface Entry {
  readonly path: string;
  /** Where its bytes begin, and how many they are. */
  readonly at: number;
  readonly size: number;
}

/** Endings that tell a class, the first one that is there: a number or a name as text, or an object with one of `keys`. */
const labelEndings = ["cls", "txt", "json"] as const;
const keys = ["label", "cls", "class", "class_name"];

const MOST_LABEL = 2 ** 16;
const MOST_PICTURE = 2 ** 28;
const MOST_PATH = 2 ** 16;

/**
 * The pictures of some shards, by paths from a folder on. Files whose path is the same up to the name's first dot belong
 * together, as in WebDataset. The split is what the shard's name begins with, or its folder's name.
 *
 * Throws DATA_FORMAT for a shard that is no tar file or is cut short, a class that cannot be read, pictures some of which have none.
 */
export async function listTar(folder: string, files: readonly string[], unlabelled: boolean): Promise<Listing> {
  const found: (Listed & Pick<Sample, "className">)[] = [];
  for (const file of files) {
    const path = join(folder, file);
    const version = await fileVersion(path);
    const split = splitOfFile(file);
    for (const { picture, className } of await samplesOf(path, unlabelled)) {
      found.push({
        place: oneLine(`${file}: ${picture.path}`),
        version: `${version} ${picture.at}`,
        split,
        className,
        read: () => reading(path, (handle) => bytesOf(handle, picture)),
      });
    }
  }
  const names = found.flatMap(({ className }) => (className === undefined ? [] : [className]));
  const without = found.find(({ className }) => className === undefined);
  if (names.length > 0 && without) {
    throw wrong(
      join(folder, without.place),
      "should have its class beside it (.cls, .txt or .json), as other pictures have",
    );
  }
  const classes = classOrder(names);
  const labels = new Map(classes.map((name, label) => [name, label]));
  const pictures = found.map(({ className, ...listed }): Listed =>
    className === undefined ? listed : { ...listed, label: valueAt(labels, className) },
  );
  return { kind: "tar shards", classes, pictures, notes: [] };
}

interface Sample {
  readonly picture: Entry;
  readonly className: string | undefined;
}

function samplesOf(path: string, unlabelled: boolean): Promise<Sample[]> {
  return reading(path, async (handle) => {
    const samples = new Map<string, Map<string, Entry>>();
    for await (const entry of entriesOf(path, handle)) {
      const [, key, ending] = /^((?:.*\/)?[^./][^/.]*)\.([^/]*)$/s.exec(entry.path) ?? [];
      if (key === undefined || ending === undefined) continue;
      const parts = samples.get(key) ?? new Map<string, Entry>();
      parts.set(ending.toLowerCase(), entry);
      samples.set(key, parts);
    }
    const list: Sample[] = [];
    for (const parts of samples.values()) {
      const picture = [...parts].find(([ending]) => formatOfEnding.has(endingOf(`.${ending}`)))?.[1];
      if (!picture) continue;
      const label = labelEndings.find((ending) => parts.has(ending));
      const className = unlabelled || !label ? undefined : await classOf(path, handle, valueAt(parts, label), label);
      list.push({ picture, className });
    }
    return list;
  });
}

async function classOf(
  path: string,
  handle: FileHandle,
  entry: Entry,
  ending: (typeof labelEndings)[number],
): Promise<string> {
  if (entry.size > MOST_LABEL) throw wrong(`${path}: ${entry.path}`, `should name a class, got ${entry.size} bytes`);
  const text = new TextDecoder().decode(await bytesOf(handle, entry)).trim();
  let value: unknown = text;
  if (ending === "json") {
    try {
      const object = JSON.parse(text) as Record<string, unknown>;
      value = keys.map((key) => object?.[key]).find((value) => value !== undefined);
    } catch (cause) {
      throw wrong(`${path}: ${entry.path}`, `should be an object in JSON: ${faultOf(cause)}`, cause);
    }
  }
  const name = typeof value === "number" ? String(value) : value;
  if (typeof name === "string" && name !== "" && !name.includes("\n")) return name;
  throw wrong(
    `${path}: ${entry.path}`,
    `should name a class${ending === "json" ? ` as one of ${keys.join(", ")}` : " in one line"}, got ${text.slice(0, 50) || "nothing"}`,
  );
}

/** The regular files of a tar file, in order. Long paths come as entries of their own before them. */
async function* entriesOf(path: string, handle: FileHandle): AsyncGenerator<Entry> {
  const { size } = await handle.stat();
  const block = Buffer.alloc(512);
  let extended: Pax | { path: string } | undefined;
  for (let at = 0; ;) {
    const { bytesRead } = await handle.read(block, 0, 512, at);
    if (bytesRead === 0 && at > 0) return; // some writers leave the empty blocks at the end out
    const header = bytesRead === 512 ? headerOf(block, extended) : undefined;
    if (header?.nullBlock) return;
    const entry = { path: header?.path ?? "", at: at + 512, size: header?.size ?? 0 };
    if (!header?.cksumValid || !Number.isSafeInteger(entry.size) || entry.size < 0) {
      throw wrong(path, `should be a tar file, not compressed: byte ${at} begins no entry; make or get it again`);
    }
    at += 512 + 512 * Math.ceil(entry.size / 512);
    if (entry.at + entry.size > size) {
      throw wrong(path, `is cut short in ${entry.path.slice(0, 100)}; get it again`);
    }
    const isLongPath = header.type === "NextFileHasLongPath";
    if (header.type === "ExtendedHeader" || isLongPath) {
      if (entry.size > MOST_PATH)
        throw wrong(path, `has a header of ${entry.size} bytes, expected at most ${MOST_PATH}`);
      const text = (await bytesOf(handle, entry)).toString("utf8");
      extended = isLongPath ? { path: text.replace(/\0.*/s, "") } : Pax.parse(text);
      continue;
    }
    extended = undefined;
    if (header.type === "File" || header.type === "OldFile") yield entry;
  }
}

/** `undefined` for a block that is none: the library throws at numbers that it cannot read. */
function headerOf(block: Buffer, extended: Pax | { path: string } | undefined): Header | undefined {
  try {
    return new Header(block, 0, extended as Pax);
  } catch {
    return undefined;
  }
}

async function bytesOf(handle: FileHandle, { path, at, size }: Entry): Promise<Buffer> {
  if (size > MOST_PICTURE) throw new Error(`${path} should be at most ${MOST_PICTURE} bytes, got ${size}`);
  const bytes = Buffer.alloc(size);
  const { bytesRead } = await handle.read(bytes, 0, size, at);
  if (bytesRead !== size) throw new Error("it became shorter while it was read");
  return bytes;
}

async function reading<Result>(path: string, work: (handle: FileHandle) => Promise<Result>): Promise<Result> {
  const handle = await open(path).catch((cause: unknown) => {
    throw new LimbeckError("DATA_MISSING", `${path} cannot be read: ${faultOf(cause)}`, { cause });
  });
  return work(handle).finally(() => handle.close());
}

function wrong(place: string, fault: string, cause?: unknown): LimbeckError {
  return new LimbeckError("DATA_FORMAT", `${place} ${fault}`, { cause });
}
