/** @file What may follow the words of an unfinished command line: the shell's script runs `limbeck complete -- WORDS`. */
import type { Command, Option } from "commander";
import { datasets } from "../data/index.ts";
import { allSettings, flagName } from "../experiment/settings/index.ts";
import { listedNames } from "./commands/list.ts";

/** What may stand in place of the last word, by commander's own tree, whose commands all have their options; nothing where only paths may. */
export async function completions(program: Command, words: readonly string[]): Promise<readonly string[]> {
  const [previous, last = ""] = [words.at(-2), words.at(-1)];
  let command = program;
  let given: string[] = [];
  for (const word of words.slice(0, -1)) {
    const found = command.commands.find((each) => each.name() === word);
    given = found ? [] : [...given, word];
    command = found ?? command;
  }
  const options = command.createHelp().visibleOptions(command);
  const takesValue = (word: string | undefined): Option | undefined =>
    options.find(({ long, required, optional }) => long === word && (required || optional));
  const option = takesValue(previous);
  const offered = option
    ? valuesOf(option, last)
    : last.startsWith("-")
      ? options.flatMap(({ long }) => long ?? [])
      : [
          ...subcommandsOf(command),
          ...(await argumentsOf(
            command,
            given.filter((word, i) => !word.startsWith("-") && !takesValue(given[i - 1])),
          )),
        ];
  return offered.filter((each) => each.startsWith(last));
}

function subcommandsOf(command: Command): readonly string[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((each) => each.name());
}

/** Names of the argument that comes after those which are given. */
async function argumentsOf(command: Command, given: readonly string[]): Promise<readonly string[]> {
  const argument = command.registeredArguments[given.length];
  if (command.name() === "list") return listedNames(given);
  return argument?.name() === "data" ? Object.keys(datasets) : (argument?.argChoices ?? []);
}

/** Choices, or names of a table; of several with commas or plus signs between them, the last is completed. */
function valuesOf({ long, argChoices = [] }: Option, last: string): readonly string[] {
  const [before = ""] = /^.*[,+]/.exec(last) ?? [];
  const row = Object.values(allSettings).find(({ flags }) => flags.some((flag) => flagName(flag) === long));
  return row?.names ? Object.keys(row.names.table).map((name) => before + name) : argChoices;
}
