/** @file Weights files on disk: their bytes, and those of what a training starts from, the same as when the experiment began. */
import { readRegularFile } from "../../data/node/read-file.ts";
import { LimbeckError, reasonOf } from "../../errors.ts";
import { readModelFile, type ModelFile } from "../../model-file/index.ts";
import { sha256Hex } from "../../sha256.ts";
import type { ExperimentFolder } from "../folder.ts";
import { checkListed } from "./manifest.ts";
import { weightsPath } from "./run-folder.ts";

/** What the wasm engine's memory holds at most; nothing is read of a file that could never be used. */
const MOST_BYTES = 2 ** 32;

/**
 * A weights file, or that of a run by its folder: the bytes, and the file's path. Throws as `weightsPath`; WEIGHTS if it cannot be read, CHECKSUM for
 * one in a run's folder that is not as it was written.
 */
export async function readWeightsFile(
  fileOrRun: string,
): Promise<{ readonly bytes: Uint8Array; readonly source: string }> {
  const path = await weightsPath(fileOrRun);
  let bytes: Uint8Array;
  try {
    bytes = await readRegularFile(path, { most: MOST_BYTES });
  } catch (error) {
    const message = reasonOf(error);
    throw new LimbeckError("WEIGHTS", `the weights file ${path} cannot be read: ${message}; give another path`, {
      cause: error,
    });
  }
  await checkListed(path, bytes);
  return { bytes, source: path };
}

/**
 * The weights that a run starts from; `undefined` where it is over, so that they are not needed. Throws CHECKSUM for another file than
 * the experiment was begun with, WEIGHTS.
 */
export async function readStart(
  folder: ExperimentFolder,
  run: string,
  path: string,
): Promise<(ModelFile & { readonly sha256: string }) | undefined> {
  if (await folder.read(`${run}/run.json`)) return undefined;
  const { bytes, source, sha256 } = await readBound(folder, `first weights of ${run}`, path);
  return { ...readModelFile(bytes, source), sha256 };
}

/** A file outside the folder that has to stay the same: its bytes, its path and their checksum. */
export async function readBound(
  folder: Pick<ExperimentFolder, "bind">,
  name: string,
  path: string,
): Promise<{ readonly bytes: Uint8Array; readonly source: string; readonly sha256: string }> {
  const { bytes, source } = await readWeightsFile(path);
  const found = await sha256Hex(bytes);
  const expected = folder.bind(name, found);
  if (found === expected) return { bytes, source, sha256: found };
  throw new LimbeckError(
    "CHECKSUM",
    `${source} is not the file that this experiment started with: expected SHA-256 ${expected}, got ${found}; ` +
      "put the same file there, or start again in a new folder",
  );
}
