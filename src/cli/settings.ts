/** @file The settings of an experiment: the command line over a file of settings, checked before a folder is made. */
import { readFile } from "node:fs/promises";
import { LimbeckError, reasonOf } from "../errors.ts";
import { allSettings, checkNames } from "../experiment/settings/index.ts";
import { parseWithModules, type ResolvedConfig, type TrainingCommand } from "../experiment/node/index.ts";
import { parseStrictJson } from "../strict-json.ts";

/** The settings as a person wrote them, over those of a file, and the configuration that they resolve to. Throws as `parseWithModules`. */
export async function settingsOf<C extends TrainingCommand>(
  command: C,
  given: Readonly<Record<string, unknown>>,
  file?: string,
): Promise<ResolvedConfig<C> & { readonly settings: Readonly<Record<string, unknown>> }> {
  checkNames(given);
  const settings = overridden(file === undefined ? {} : await readConfigFile(file, command), given);
  checkNames(settings);
  return { settings, ...(await parseWithModules(command, settings)) };
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
    throw new LimbeckError("CONFIG", `${file} should hold ${what} as JSON: ${reasonOf(cause)}`, { cause });
  }
  if (typeof value === "object" && value !== null) return value;
  throw new LimbeckError("CONFIG", `${file} should hold ${what}, such as ${example}`);
}

/** A file's settings, overridden by those of the command line: single options of the same optimiser, schedule or method too. */
export function overridden(
  settings: Readonly<Record<string, unknown>>,
  overrides: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...settings, ...overrides };
  for (const [options, { belongsTo: of }] of Object.entries(allSettings)) {
    if (!of) continue;
    const isSame = of.every((name) => overrides[name] === undefined || overrides[name] === settings[name]);
    if (isSame) {
      if (typeof settings[options] === "object" && overrides[options])
        merged[options] = { ...(settings[options] as object), ...(overrides[options] as object) };
    } else if (overrides[options] === undefined) delete merged[options];
  }
  return merged;
}
