/** @file The student that answers on the site: trained on the embedded images, and exported, by the commands that pages show. */
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../navigation.ts";

/** Makes the folder of a student for the web. */
export function writeStudent(out: string): void {
  const run = join(repository, ".cache/site/run");
  rmSync(run, { recursive: true, force: true });
  const limbeck = (...args: readonly string[]): void => {
    execFileSync(process.execPath, [join(repository, "src/cli/main.ts"), ...args], {
      stdio: ["ignore", "ignore", "pipe"],
    });
  };
  limbeck("train", "shapes", "--model", "airbench_small", "--model-option", "activation=relu", ...size, "--out", run);
  limbeck("export", run, "--precision", "int8", "--out", out);
}

/** Enough for nine of ten pictures, within seconds. */
const size = ["--limit", "2048", "--epochs", "6", "--no-latency"];
