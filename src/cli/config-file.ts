/** @file Settings from a file: what `--config` names. */
import { readFile } from "node:fs/promises";
import { LimbeckError } from "../errors.ts";
import { parseStrictJson } from "../strict-json.ts";

/**
 * The settings of a JSON file, the folder's `config.json` of an earlier run too. They are checked with the rest.
 *
 * Throws CONFIG for a file that cannot be read, is no JSON object, or is of another command.
 */
export async function readConfigFile(file: string, command: string): Promise<Record<string, unknown>> {
  let value: unknown;
  try {
    value = parseStrictJson(await readFile(file, "utf8"));
  } catch (cause) {
    throw new LimbeckError("CONFIG", `${file} should hold settings as JSON: ${(cause as Error).message}`, { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new LimbeckError("CONFIG", `${file} should hold an object of settings, such as {"epochs": 4}`);
  }
  const { command: itsCommand = command, ...settings } = value as Record<string, unknown>;
  if (itsCommand === command) return settings;
  const problem =
    typeof itsCommand === "string"
      ? `is for limbeck ${itsCommand}, not ${command}; give it to that`
      : `should name its command, ${command}, or none`;
  throw new LimbeckError("CONFIG", `${file} ${problem}`);
}

/** Options that belong to what another key names, and are said anew with it. */
const belongs = {
  optimiserOptions: ["optimiser"],
  scheduleOptions: ["schedule"],
  preset: ["method"],
  options: ["method", "preset"],
} as const;

/** The settings with those of the command line before them; single options of the same optimiser, schedule or method too. */
export function overridden(
  settings: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...settings, ...given };
  for (const [options, of] of Object.entries(belongs)) {
    const isSame = of.every((name) => given[name] === undefined || given[name] === settings[name]);
    if (isSame) {
      if (typeof settings[options] === "object" && given[options])
        merged[options] = { ...(settings[options] as object), ...(given[options] as object) };
    } else if (given[options] === undefined) delete merged[options];
  }
  return merged;
}
