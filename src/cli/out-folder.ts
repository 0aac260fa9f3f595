/** @file Names for new folders of runs. */
import { existsSync } from "node:fs";
import { join } from "node:path";

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
