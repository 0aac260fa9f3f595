/** @file One experiment in a folder, run as a user would: by the command `limbeck`, as a process of its own. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { LimbeckError } from "../../src/errors.ts";
import { parseConfig, type ConfigInput, type Results } from "../../src/experiment/index.ts";

/** How many runs each command makes: a teacher and four students, one network, a teacher and a student. */
const runs = { tutorial: 5, train: 1, distill: 2 } as const;

/** A command that trains. */
export type Trainer = keyof typeof runs;

/** What the folder's experiment came to; `undefined` if it is not over. */
export async function finishedExperiment(command: Trainer, folder: string): Promise<Results | undefined> {
  const file = join(folder, "results.json");
  if (!existsSync(file)) return undefined;
  const results = JSON.parse(await readFile(file, "utf8")) as Results;
  return results.runs.length === runs[command] ? results : undefined;
}

/**
 * Runs it to its end with this configuration, or goes on with what the folder holds. Throws OUTPUT for a folder that holds
 * an experiment with another configuration, ENGINE if the command fails.
 */
export async function experiment<C extends Trainer>(
  command: C,
  folder: string,
  config: ConfigInput<C>,
): Promise<Results> {
  const begun = await beginning(folder, parseConfig(command, config), Object.keys(config));
  const finished = await finishedExperiment(command, folder);
  if (finished) return finished;
  const settings = `${folder}.settings.json`;
  if (!begun) {
    await mkdir(dirname(folder), { recursive: true });
    await writeFile(settings, JSON.stringify(config));
  }
  const code = await limbeck([command, ...(begun ? ["--resume", folder] : ["--config", settings, "--out", folder])]);
  const results = await finishedExperiment(command, folder);
  if (code === 0 && results) return results;
  throw new LimbeckError(
    "ENGINE",
    `limbeck ${command} in ${folder} ended with exit code ${code}; see its message above, then start this again to go on`,
  );
}

/** Whether the folder holds an experiment with this configuration, as far as it was said. */
async function beginning(folder: string, config: object, said: readonly string[]): Promise<boolean> {
  const file = join(folder, "config.json");
  if (!existsSync(file)) return false;
  const held = JSON.parse(await readFile(file, "utf8")) as Readonly<Record<string, unknown>>;
  for (const [name, value] of Object.entries(config)) {
    if (!said.includes(name)) continue;
    if (isDeepStrictEqual(held[name], value)) continue;
    throw new LimbeckError(
      "OUTPUT",
      `${folder} holds an experiment with ${name} ${JSON.stringify(held[name])}, expected ${JSON.stringify(value)}; give another --out`,
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
