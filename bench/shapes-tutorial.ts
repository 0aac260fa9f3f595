/** @file The tutorial on its embedded images, as its user starts it. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Seconds from the start of the process to its end. Rejects with what it said if it failed. */
export async function wholeShapesTutorial({ threads }: { readonly threads: number }): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "limbeck-tutorial-"));
  const main = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));
  const started = performance.now();
  try {
    await promisify(execFile)(process.execPath, [
      main,
      "tutorial",
      "--threads",
      `${threads}`,
      "--out",
      join(folder, "run"),
    ]);
    return (performance.now() - started) / 1000;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
