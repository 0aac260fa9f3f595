/** @file The folders of a command: the one that paths start from, and new ones for runs. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { LimbeckError, reasonOf, systemCode } from "../errors.ts";

/**
 * Makes `runs/2026-01-31-154502-tutorial-shapes`, with a number behind it where that is taken: the folder is the claim to its name, so
 * of several processes each has its own. Throws OUTPUT where it cannot be made.
 */
export function newFolder(parts: readonly string[], now: Date = new Date(), root = "runs"): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join("-");
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join("");
  const name = join(root, [day, time, ...parts].join("-"));
  try {
    mkdirSync(root, { recursive: true });
    let folder = name;
    for (let again = 2; !tryMake(folder); again++) folder = `${name}-${again}`;
    return folder;
  } catch (cause) {
    const message = `${name} cannot be made: ${reasonOf(cause)}; choose another folder with --out`;
    throw new LimbeckError("OUTPUT", message, { cause });
  }
}

/** Whether the folder could be made: false where there is one. */
function tryMake(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw error;
  }
}

/** Throws OUTPUT where the working folder was removed: then no path means anything. */
export function checkWorkingFolder(): void {
  try {
    process.cwd();
  } catch (cause) {
    const message = "the working folder no longer exists; change to one that does, and try again";
    throw new LimbeckError("OUTPUT", message, { cause });
  }
}
