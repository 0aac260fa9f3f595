/** @file What describes an experiment: the command line before a file of settings, checked before a folder is made. */
import { parseConfig, type Config } from "../experiment/config.ts";
import type { Trainer } from "../experiment/node/settle.ts";
import { withDataset } from "../experiment/node/with-dataset.ts";
import { overridden, readConfigFile } from "./config-file.ts";
import { checkNames } from "./names.ts";
import { trainingSettings } from "./training-options.ts";

/** The settings as they were given, and with every default. Throws UNKNOWN_NAME, CONFIG, DATA_MISSING. */
export async function settingsOf<C extends Trainer>(
  command: C,
  said: Readonly<Record<string, unknown>>,
): Promise<{ readonly given: Readonly<Record<string, unknown>>; readonly config: Config<C> }> {
  checkNames(said);
  const file = said["config"] === undefined ? {} : await readConfigFile(String(said["config"]), command);
  const given = await withDataset(overridden(file, trainingSettings(said)));
  checkNames(given);
  return { given, config: parseConfig(command, given) };
}
