/** @file Pictures by paths: files, all of a folder, or the bytes of a stream. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { faultOf } from "../data/node/images/listing.ts";
import { walk } from "../data/node/images/walk.ts";
import { readRegularFile } from "../data/node/read-file.ts";
import { LimbeckError, systemCode } from "../errors.ts";
import { endingOf, formatOfEnding, type Picture, unreadEndings } from "../images/index.ts";
import { oneLine } from "../printable.ts";

/** A picture that is not read yet. */
export interface PictureSource {
  /** For people. */
  readonly path: string;
  /** The bytes of its file, or the picture. Throws what reading throws. */
  read(): Promise<Uint8Array | Picture>;
}

/** The most bytes of one picture's file. */
const MOST_BYTES = 2 ** 28;

/**
 * The pictures of these paths, in their order: a file whatever its name, of a folder those whose names end as pictures' do, however deep,
 * in the order of their names. One that is not there, or a folder without pictures, fails when it is read. `-` stands for the stream, where one is given.
 */
export async function pictureSources(paths: readonly string[], stream?: Readable): Promise<PictureSource[]> {
  const found = await Promise.all(
    paths.map((path) => (path === "-" && stream ? [{ path, read: () => buffer(stream) }] : sourcesAt(path))),
  );
  return found.flat();
}

async function sourcesAt(path: string): Promise<PictureSource[]> {
  const about = await stat(path).catch((cause: unknown) => {
    const code = systemCode(cause);
    return missing(path, code === "ENOENT" ? "does not exist" : `cannot be read: ${faultOf(cause)}`);
  });
  if ("read" in about) return [about];
  if (!about.isDirectory()) return [{ path, read: () => readFile(path) }];
  const tree = await walk(path).catch((cause: unknown) => failing(path, cause));
  if ("read" in tree) return [tree];
  const { files } = tree;
  const pictures = files.filter((file) => isPicture(file)).map((file) => join(path, file));
  if (pictures.length === 0) return [missing(path, "holds no pictures")];
  return pictures.map((file) => ({ path: file, read: () => readFile(file) }));
}

function failing(path: string, cause: unknown): PictureSource {
  return { path, read: () => Promise.reject(cause as Error) };
}

function missing(path: string, fault: string): PictureSource {
  const message = `${path} ${fault}; give pictures (${[...formatOfEnding.keys()].join(", ")}) or folders of them`;
  return failing(path, new LimbeckError("DATA_MISSING", message));
}

async function readFile(path: string): Promise<Uint8Array> {
  try {
    return await readRegularFile(path, { most: MOST_BYTES });
  } catch (cause) {
    throw new LimbeckError("DATA_MISSING", `${oneLine(path)} cannot be read: ${faultOf(cause)}`, { cause });
  }
}

function isPicture(path: string): boolean {
  const ending = endingOf(path);
  return formatOfEnding.has(ending) || unreadEndings.has(ending);
}
