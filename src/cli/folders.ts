/** @file The folders of a command: the one that paths start from, and new ones for runs. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { LimbeckError } from "../errors.ts";

/** `runs/2026-01-31-154502-tutorial-shapes`, with a number behind it where that is taken. */
export function newFolder(parts: readonly string[], now: Date = new Date(), root = "runs"): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join("-");
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join("");
  const name = join(root, [day, time, ...parts].join("-"));
  let folder = name;
  for (let again = 2; existsSync(folder); again++) folder = `${name}-${again}`;
  return folder;
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
