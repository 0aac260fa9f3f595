/** @file The settings of an experiment: the command line over a file of settings, checked before a folder is made. */
import { readFile } from "node:fs/promises";
import { augmentOptions } from "../data/augment-options.ts";
import { methods } from "../distill/index.ts";
import { engineRequests } from "../engine/engines.ts";
import { LimbeckError } from "../errors.ts";
import { isModulePath } from "../experiment/names.ts";
import { parseWithModules, type ResolvedConfig, type TrainingCommand } from "../experiment/node/resolve-config.ts";
import { methodNames } from "../experiment/node/modules/load.ts";
import { recipes } from "../experiment/recipes.ts";
import { models } from "../models/index.ts";
import { unknownName } from "../nearest-name.ts";
import { optimisers, schedules } from "../optim/index.ts";
import { parseStrictJson } from "../strict-json.ts";
import { trainingSettings } from "./options.ts";

/** The settings as a person wrote them, and the configuration that they resolve to. Throws as `parseWithModules`. */
export async function settingsOf<C extends TrainingCommand>(
  command: C,
  options: Readonly<Record<string, unknown>>,
): Promise<ResolvedConfig<C> & { readonly settings: Readonly<Record<string, unknown>> }> {
  checkNames(options);
  const file = options["config"] === undefined ? {} : await readConfigFile(String(options["config"]), command);
  const settings = overridden(file, trainingSettings(options));
  checkNames(settings);
  return { settings, ...(await parseWithModules(command, settings)) };
}

/**
 * Throws UNKNOWN_NAME, with the nearest known name, for the first that is in no table, nor the path of a module where that may stand.
 * Values of other types, from a file, are left to the schema.
 */
export function checkNames(names: {
  readonly model?: unknown;
  readonly student?: unknown;
  readonly teacherModel?: unknown;
  readonly assistants?: unknown;
  readonly method?: unknown;
  readonly recipe?: unknown;
  readonly engine?: unknown;
  readonly optimiser?: unknown;
  readonly schedule?: unknown;
  /** A list on the command line, an object in a file. */
  readonly augment?: unknown;
}): void {
  for (const each of [names.model, names.student, names.teacherModel, names.assistants])
    check("model", notModules(each), models);
  check("method", notModules(methodNames(names.method)), methods);
  check("recipe", names.recipe, recipes);
  check("engine", names.engine, engineRequests);
  check("optimiser", names.optimiser, optimisers);
  check("schedule", names.schedule, schedules);
  const { augment } = names;
  const isList = Array.isArray(augment) || typeof augment !== "object";
  const augmentations = isList ? augment : Object.keys(augment ?? {});
  if (Array.isArray(augmentations)) {
    const named = augmentations.filter((name) => name !== "none");
    check("augmentation", named, augmentOptions.shape);
  }
}

const EXAMPLE = '{"epochs": 4}';

/**
 * The settings of a JSON file, the folder's `config.json` of an earlier run too. They are checked with the rest.
 *
 * Throws CONFIG for a file that cannot be read, is no JSON object, or is of another command.
 */
export async function readConfigFile(file: string, command: string): Promise<Record<string, unknown>> {
  const value = await readJsonFile(file, "settings", EXAMPLE);
  if (Array.isArray(value))
    throw new LimbeckError("CONFIG", `${file} should hold settings, such as ${EXAMPLE}, not a list`);
  const { command: itsCommand = command, ...settings } = value as Record<string, unknown>;
  if (itsCommand === command) return settings;
  const problem =
    typeof itsCommand === "string"
      ? `is for limbeck ${itsCommand}, not ${command}; give it to that`
      : `should name its command, ${command}, or none`;
  throw new LimbeckError("CONFIG", `${file} ${problem}`);
}

/** A JSON file that holds `what` as an object or a list. Throws CONFIG. */
export async function readJsonFile(file: string, what: string, example: string): Promise<object> {
  let value: unknown;
  try {
    value = parseStrictJson(await readFile(file, "utf8"));
  } catch (cause) {
    throw new LimbeckError("CONFIG", `${file} should hold ${what} as JSON: ${(cause as Error).message}`, { cause });
  }
  if (typeof value === "object" && value !== null) return value;
  throw new LimbeckError("CONFIG", `${file} should hold ${what}, such as ${example}`);
}

/** Options that belong to what another key names: another optimiser does not keep the options of the file's. */
const belongs = {
  optimiserOptions: ["optimiser"],
  scheduleOptions: ["schedule"],
  modelOptions: ["model"],
  studentOptions: ["student"],
  teacherModelOptions: ["teacherModel"],
  preset: ["method"],
  options: ["method", "preset"],
} as const;

/** A file's settings, overridden by those of the command line: single options of the same optimiser, schedule or method too. */
export function overridden(
  settings: Readonly<Record<string, unknown>>,
  overrides: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...settings, ...overrides };
  for (const [options, of] of Object.entries(belongs)) {
    const isSame = of.every((name) => overrides[name] === undefined || overrides[name] === settings[name]);
    if (isSame) {
      if (typeof settings[options] === "object" && overrides[options])
        merged[options] = { ...(settings[options] as object), ...(overrides[options] as object) };
    } else if (overrides[options] === undefined) delete merged[options];
  }
  return merged;
}

function notModules(names: unknown): readonly unknown[] {
  const all: readonly unknown[] = Array.isArray(names) ? names : [names];
  return all.filter((name) => typeof name !== "string" || !isModulePath(name));
}

/** One name or several. */
function check(kind: string, names: unknown, table: object): void {
  for (const name of Array.isArray(names) ? (names as readonly unknown[]) : [names]) {
    if (typeof name === "string" && !Object.hasOwn(table, name)) unknownName(kind, name, Object.keys(table));
  }
}
