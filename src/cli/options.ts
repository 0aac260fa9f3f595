/** @file Options of the command line: those that the settings' rows give, and those of every command that trains. */
import { InvalidArgumentError, Option, type Command } from "commander";
import { LimbeckError } from "../errors.ts";
import {
  anEngineName,
  type Flag,
  flagName,
  groups,
  helpOf,
  path,
  type Setting,
  type Settings,
  settingsFromFlags,
  shortHelpOf,
  trainingSettings,
  whole,
} from "../experiment/settings/index.ts";
import { shellWords } from "../shell-words.ts";
import { addForms, type FormOptions } from "./forms.ts";
import { withShortHelp } from "./help.ts";

/** What was given on a command line. */
export interface ParsedOptions {
  /** As settings of a configuration. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The flags that say so. */
  readonly flags: readonly string[];
}

/** A reader of an option's text as commander has it: an error that names the option. */
export function read<Value>(parse: (text: string) => Value): (text: string) => Value {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      if (error instanceof LimbeckError) throw new InvalidArgumentError(error.message);
      throw error;
    }
  };
}

/** The same for what may be repeated: all values, in order. */
export function repeated<Value>(parse: (text: string) => Value): (text: string, before?: readonly Value[]) => Value[] {
  return (text, before = []) => [...before, read(parse)(text)];
}

/** The same for `name=value`, which may be repeated for each name. */
export function merged(
  parse: (text: string) => Readonly<Record<string, unknown>>,
): (text: string, before?: Readonly<Record<string, unknown>>) => Record<string, unknown> {
  return (text, before = {}) => ({ ...before, ...read(parse)(text) });
}

/** Adds the flags of these settings under their headings. */
export function addSettings(command: Command, rows: Settings): Command {
  for (const group of groups) {
    const flags = Object.values(rows)
      .filter((setting) => setting.group === group)
      .flatMap((setting) => setting.flags.map((flag) => optionOf(setting, flag)));
    if (flags.length > 0) command.optionsGroup(`${group}:`);
    for (const flag of flags) command.addOption(flag);
  }
  return command;
}

/** NOTE: by its own name and never negated, because commander takes `--no-test` for the opposite of `--test`, and gives it a value where nobody does. */
function optionOf(setting: Setting, flag: Flag): Option {
  const line = flag.isCommon && shortHelpOf(setting, flag);
  const option = withShortHelp(new Option(flag.usage, helpOf(setting, flag)), line);
  option.negate = false;
  option.attributeName = () => flagName(flag);
  if (flag.choices) return option.choices([...flag.choices]);
  return option.required ? option.argParser(repeated(flag.parse ?? String)) : option;
}

/** What was given for these settings, and as the data. */
export function parsedOptions(command: Command, rows: Settings, dataset?: string): ParsedOptions {
  const options = command.opts<Record<string, unknown>>();
  const given = new Map(
    Object.values(rows).flatMap(({ flags }) =>
      flags.flatMap((flag) => {
        const value = options[flagName(flag)];
        if (value === undefined) return [];
        const parts = Array.isArray(value)
          ? (value as readonly unknown[])
          : [value === true ? (flag.value ?? true) : value];
        return [[flagName(flag), parts] as const];
      }),
    ),
  );
  return {
    settings: { ...settingsFromFlags(rows, given), ...(dataset !== undefined && { dataset }) },
    flags: [...(dataset === undefined ? [] : ["the data"]), ...given.keys()],
  };
}

/** The argument that says what is trained or tested on; whoever gives it as an option is told so. */
export function addData(command: Command, byDefault: string): Command {
  for (const flag of ["--data", "--dataset"]) {
    const argument = (data: string): never => {
      const line = shellWords(["limbeck", command.name(), data]);
      throw new LimbeckError("UNKNOWN_NAME", `unknown option '${flag}'; the data set is an argument: ${line}`);
    };
    command.addOption(new Option(`${flag} [data]`).preset("cifar10").argParser(argument).hideHelp());
  }
  return command.argument(
    "[data]",
    `folder of pictures, table, Parquet file or tar shard; or shapes, cifar10 or cifar100 (default: ${byDefault})`,
    read(path),
  );
}

/** Where to write, and for whom to print. */
export interface OutputOptions extends FormOptions {
  readonly config?: string | undefined;
  readonly out?: string | undefined;
  readonly resume?: string | undefined;
}

/** The data, these settings, and what every command that trains has besides. */
export function addTraining(command: Command, rows: Settings): Command {
  const training = addSettings(addData(command, "shapes"), rows)
    .optionsGroup("Output:")
    .option("--config <file>", "JSON file of settings, such as a run's config.json", read(path))
    .option("--out <dir>", "the run's folder (default: a new one in runs/)", read(path))
    .option("--resume <dir>", "resume an interrupted run", read(path));
  return addForms(training, { json: "print the results as JSON", csv: "print the comparison as CSV" });
}

/** Test-time augmentation. */
export function ttaOption(): Option {
  const { help, flags } = trainingSettings.tta;
  return new Option(flags[0].usage, help).choices([...flags[0].choices]);
}

/** The argument that names a trained network. */
export function addRun(command: Command): Command {
  return command.argument("<run>", "a run's folder (its student or model is used), or a weights file", read(path));
}

/** The modules that a network may need, and the engine that computes it. */
export function addNetworkOptions(command: Command): Command {
  const module = (usage: string, whose: string): Option =>
    withShortHelp(new Option(usage, `module of ${whose}, for a network made by one`).argParser(read(path)));
  return command
    .addOption(module("--model <file>", "the model"))
    .addOption(module("--method <file>", "the method"))
    .addOption(module("--teacher-model <file>", "the teacher's model"))
    .option("--engine <name>", `engine: ${anEngineName}`)
    .option("--threads <n>", "threads of the wasm engine (default: all cores)", read(whole(1, 256)));
}

/** `--force` of commands that use a network made by modules. */
export const forceOption = (): Option =>
  withShortHelp(new Option("--force", "accept a module that has changed since the training"));
