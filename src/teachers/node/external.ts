/** @file The files beside an ONNX file that hold its constants' numbers. */
import { realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import { readRegularFile } from "../../data/node/read-file.ts";
import { LimbeckError } from "../../errors.ts";
import type { OnnxFile } from "../../onnx/index.ts";

/**
 * Their bytes by location. Throws WEIGHTS for a location outside of the file's own folder, by links too; DATA_MISSING for one that cannot be read.
 */
export async function readExternal(file: OnnxFile, path: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const locations = externalLocations(file);
  const files = new Map<string, Uint8Array>();
  if (locations.length === 0) return files;
  const folder = await realpath(dirname(path));
  const blobs = blobsOf(folder);
  for (const location of locations) {
    if (isAbsolute(location) || !isInside(folder, join(folder, location))) outside(path, location);
    const real = await realpath(join(folder, location)).catch((cause: Error) => missing(path, location, cause));
    if (!isInside(folder, real) && !(blobs !== undefined && isInside(blobs, real))) outside(path, location);
    files.set(location, await readRegularFile(real).catch((cause: Error) => missing(path, location, cause)));
  }
  return files;
}

/** The files that it names, each once. */
export function externalLocations({ initializers }: OnnxFile): readonly string[] {
  return [...new Set([...initializers.values()].flatMap(({ external }) => external?.location ?? []))];
}

/** Where the hub's cache keeps the files that a snapshot's links lead to; `undefined` for other folders. */
function blobsOf(folder: string): string | undefined {
  const repository = /^(.*)[\\/]snapshots[\\/][\da-f]{40}([\\/]|$)/.exec(folder)?.[1];
  return repository === undefined ? undefined : join(repository, "blobs");
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function outside(path: string, location: string): never {
  throw new LimbeckError(
    "WEIGHTS",
    `${path} says that its numbers are in ${JSON.stringify(location.slice(0, 200))}, outside of its own folder; it is not read, put that file beside it`,
  );
}

function missing(path: string, location: string, cause: Error): never {
  throw new LimbeckError(
    "DATA_MISSING",
    `${path} says that its numbers are in ${JSON.stringify(location.slice(0, 200))}, which cannot be read: ${cause.message}; keep that file beside it`,
    { cause },
  );
}
