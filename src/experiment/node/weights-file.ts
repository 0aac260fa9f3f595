/** @file Reads the bytes of a weights file. */
import { readRegularFile } from "../../data/node/read-file.ts";
import { LimbeckError } from "../../errors.ts";

/** The file's bytes, and its path for messages. Throws WEIGHTS if it cannot be read. */
export async function readWeightsFile(path: string): Promise<{ readonly bytes: Uint8Array; readonly source: string }> {
  try {
    return { bytes: await readRegularFile(path), source: path };
  } catch (error) {
    const { message } = error as Error;
    throw new LimbeckError("WEIGHTS", `the weights file ${path} cannot be read: ${message}; give another path`, {
      cause: error,
    });
  }
}
