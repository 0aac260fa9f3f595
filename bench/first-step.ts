/** @file How long one waits from `limbeck tutorial` to its first training step. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Seconds; `undefined` where the command `script` is missing, which gives it a terminal: there, the progress line speaks of an
 * epoch as soon as a step is done.
 */
export async function firstStep(): Promise<number | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "limbeck-first-step-"));
  const main = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));
  const started = performance.now();
  const child = spawn(
    "script",
    ["-qfec", `stty cols 120 rows 40; ${process.execPath} ${main} tutorial --out ${join(folder, "run")}`, "/dev/null"],
    { stdio: ["pipe", "pipe", "inherit"], detached: true },
  );
  try {
    return await new Promise<number | undefined>((settle) => {
      let shown = "";
      child.on("error", () => settle(undefined));
      child.on("close", () => settle(undefined));
      child.stdout.on("data", (chunk: Buffer) => {
        shown += chunk.toString();
        if (shown.includes("epoch 1/")) settle((performance.now() - started) / 1000);
      });
    });
  } finally {
    if (child.pid !== undefined && child.exitCode === null) {
      const ended = new Promise((settle) => child.on("close", settle));
      process.kill(-child.pid, "SIGKILL");
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  }
}
