/** @file The folder that paths of the command line start from. */
import { LimbeckError } from "../errors.ts";

/** Throws OUTPUT where the working folder was removed: then no path means anything. */
export function checkWorkingFolder(): void {
  try {
    process.cwd();
  } catch (cause) {
    const message = "the working folder no longer exists; change to one that does, and try again";
    throw new LimbeckError("OUTPUT", message, { cause });
  }
}
