/** @file From the folder of a run to the weights file in it. */
import { existsSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { readIfThere } from "../../data/node/read-file.ts";
import { LimbeckError } from "../../errors.ts";
import { shellWords } from "../../shell-words.ts";
import { parseStrictJson } from "../../strict-json.ts";
import { parseConfig, type Config } from "../config.ts";
import type { TrainingCommand } from "./resolve-config.ts";

const WEIGHTS = "model.safetensors";

/** The run that an experiment of this command is made for; of the tutorial's five, nobody can tell. */
const product: Readonly<Record<string, string>> = { train: "model", distill: "student" };

/**
 * The weights file that a path means: the file itself; of an experiment's folder the student, or the model where there is no teacher; of
 * one run's folder its model.
 *
 * Throws ARGUMENT for a folder that holds no run, or several to choose from; WEIGHTS for a run that is not finished.
 */
export async function weightsPath(path: string): Promise<string> {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
  if (existsSync(join(path, WEIGHTS))) return join(path, WEIGHTS);
  const command = await commandOf(path);
  if (command === undefined) {
    throw new LimbeckError(
      "ARGUMENT",
      `${path} holds no run of Limbeck: it has neither ${WEIGHTS} nor config.json; give the folder that --out named, or a weights file`,
    );
  }
  const run = product[command];
  if (run === undefined) {
    throw new LimbeckError(
      "ARGUMENT",
      `${path} holds the runs of limbeck ${command}; give the folder of one of them, ${join(path, "student-kd")} say`,
    );
  }
  const file = join(path, run, WEIGHTS);
  if (existsSync(file)) return file;
  const students = await studentsIn(path);
  if (students.length > 0) {
    throw new LimbeckError(
      "ARGUMENT",
      `${path} holds several students; give the folder of one of them: ${students.map((each) => join(path, each)).join(", ")}`,
    );
  }
  throw new LimbeckError(
    "WEIGHTS",
    `${path} has no ${join(run, WEIGHTS)}: its training is not finished; go on with limbeck ${shellWords([command, "--resume", path])}`,
  );
}

/** The students of an experiment that trains several, but for the one alone. */
async function studentsIn(path: string): Promise<readonly string[]> {
  const names = (await readdir(path)).filter((name) => name.startsWith("student-") && !/^student-ce\b/.test(name));
  return names.sort().filter((name) => existsSync(join(path, name, WEIGHTS)));
}

/** The folder of the experiment that a weights file would lie in. */
export function runFolderOf(weights: string): string {
  return dirname(dirname(resolve(weights)));
}

/** What only those can check who have the modules that it may be of. */
const ofModules = new Set(["method", "options", "preset", "modelOptions", "studentOptions", "teacherModelOptions"]);

/**
 * The configuration of the experiment that a weights file lies in the folder of, but for its method and its networks' options, which may be
 * a module's; `undefined` where it lies in none.
 */
export async function experimentOf(weights: string): Promise<Config<TrainingCommand> | undefined> {
  const { command, ...whole } = (await configIn(runFolderOf(weights))) ?? {};
  if (typeof command !== "string" || !["train", "distill", "tutorial"].includes(command)) return undefined;
  const config = Object.entries(whole).filter(([name]) => !ofModules.has(name));
  return parseConfig(command as TrainingCommand, Object.fromEntries(config));
}

async function commandOf(folder: string): Promise<string | undefined> {
  const { command } = (await configIn(folder)) ?? {};
  return typeof command === "string" ? command : undefined;
}

async function configIn(folder: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  const bytes = await readIfThere(join(folder, "config.json")).catch(() => undefined);
  if (!bytes) return undefined;
  try {
    const config = parseStrictJson(new TextDecoder().decode(bytes));
    return typeof config === "object" && config !== null ? { ...config } : undefined;
  } catch {
    return undefined;
  }
}
