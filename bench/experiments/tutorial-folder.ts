/** @file One tutorial in a folder, run as a user would: by the command `limbeck`, as a process of its own. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { optionName } from "../../src/cli/command-line.ts";
import { LimbeckError } from "../../src/errors.ts";
import type { ConfigInput, Results } from "../../src/experiment/index.ts";

/** Runs of a tutorial: the teacher and four students. */
const runs = 5;

/** What the folder's tutorial came to; `undefined` if it is not over. */
export async function finishedTutorial(folder: string): Promise<Results | undefined> {
  const file = join(folder, "results.json");
  if (!existsSync(file)) return undefined;
  const results = JSON.parse(await readFile(file, "utf8")) as Results;
  return results.runs.length === runs ? results : undefined;
}

/**
 * Runs it to its end with this configuration, or goes on with what the folder holds. Throws OUTPUT for a folder that holds
 * a tutorial with another configuration, ENGINE if the command fails.
 */
export async function tutorial(folder: string, config: ConfigInput<"tutorial">): Promise<Results> {
  const begun = await beginning(folder, config);
  const finished = await finishedTutorial(folder);
  if (finished) return finished;
  const options = Object.entries(config).flatMap(([name, value]) => [optionName(name), String(value)]);
  const code = await limbeck(["tutorial", ...(begun ? ["--resume", folder] : [...options, "--out", folder])]);
  const results = await finishedTutorial(folder);
  if (code === 0 && results) return results;
  throw new LimbeckError(
    "ENGINE",
    `the tutorial in ${folder} ended with exit code ${code}; see its message above, then start this again to go on`,
  );
}

/** Whether the folder holds a tutorial with this configuration. */
async function beginning(folder: string, config: ConfigInput<"tutorial">): Promise<boolean> {
  const file = join(folder, "config.json");
  if (!existsSync(file)) return false;
  const held = JSON.parse(await readFile(file, "utf8")) as Readonly<Record<string, unknown>>;
  for (const [name, value] of Object.entries(config)) {
    if (held[name] === value) continue;
    throw new LimbeckError(
      "OUTPUT",
      `${folder} holds a tutorial with ${name} ${String(held[name])}, expected ${value}; give another --out`,
    );
  }
  return true;
}

/** Its progress goes to stderr. */
function limbeck(args: readonly string[]): Promise<number | null> {
  const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
  const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "ignore", "inherit"] });
  return new Promise((settle, fail) => child.on("error", fail).on("close", settle));
}
