/** @file Reads the bytes of a weights file. */
import { aString, checkArguments } from "../../arguments.ts";
import { readRegularFile } from "../../data/node/read-file.ts";
import { LimbeckError } from "../../errors.ts";
import { modelOf, readModelFile } from "../../model-file/index.ts";
import type { TeacherFile } from "../single.ts";
import { checkListed } from "./manifest.ts";

/** What the wasm engine's memory holds at most; nothing is read of a file that could never be used. */
const MOST_BYTES = 2 ** 32;

/** The file's bytes, and its path for messages. Throws WEIGHTS if it cannot be read, CHECKSUM for one in a run's folder that is not as it was written. */
export async function readWeightsFile(path: string): Promise<{ readonly bytes: Uint8Array; readonly source: string }> {
  checkArguments("readWeightsFile", { path: [path, aString] });
  let bytes: Uint8Array;
  try {
    bytes = await readRegularFile(path, { most: MOST_BYTES });
  } catch (error) {
    const { message } = error as Error;
    throw new LimbeckError("WEIGHTS", `the weights file ${path} cannot be read: ${message}; give another path`, {
      cause: error,
    });
  }
  await checkListed(path, bytes);
  return { bytes, source: path };
}

/** A teacher's file, and the network that it describes, if it does. Throws WEIGHTS. */
export async function asTeacher({ bytes, source }: Awaited<ReturnType<typeof readWeightsFile>>): Promise<TeacherFile> {
  const file = readModelFile(bytes, source);
  const model = await modelOf(file);
  return { ...file, ...(model && { model }) };
}
