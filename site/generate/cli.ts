/** @file The reference of the command line, a page for each command: from the commands themselves. */
import type { EventEmitter } from "node:events";
import type { Command, Option } from "commander";
import { commandLine } from "../../src/cli/program.ts";
import { code, plain, table, writePage } from "./page.ts";

/** Writes `cli/`. */
export async function writeCli(): Promise<void> {
  const program = await commandLine(["complete"], true, () => {});
  const commands = program.commands.filter((command) => command.name() !== "help");
  const rows = commands.map((command) => [`[\`${command.name()}\`](./${command.name()}.md)`, plain(command.summary())]);
  const index = [
    "# Command line",
    "",
    "In a clone, write `npm run limbeck --` in place of `limbeck`.",
    "",
    table(["command", "what it does"], rows),
    "",
    examplesOf(program),
  ];
  writePage("cli/index.md", index.join("\n"));
  for (const command of commands) writePage(`cli/${command.name()}.md`, pageOf(command));
}

function pageOf(command: Command): string {
  const subcommands = command.commands.filter((each) => each.name() !== "help");
  return [
    `# limbeck ${command.name()}`,
    bodyOf(command),
    ...subcommands.map((each) => `## ${command.name()} ${each.name()}\n\n${bodyOf(each)}`),
  ].join("\n\n");
}

function bodyOf(command: Command): string {
  const usage = [...parentsOf(command), command.usage()].join(" ").trim();
  return [
    plain(command.description() || command.summary()),
    `\`\`\`text\n${usage}\n\`\`\``,
    argumentsOf(command),
    ...groupsOf(command).map(([heading, options]) => optionTable(heading, options)),
    examplesOf(command),
  ]
    .filter(Boolean)
    .join("\n\n");
}

function parentsOf(command: Command): readonly string[] {
  return command.parent ? [...parentsOf(command.parent), command.name()] : [command.name()];
}

function argumentsOf({ registeredArguments }: Command): string {
  if (registeredArguments.length === 0) return "";
  return table(
    ["argument", "what it is"],
    registeredArguments.map((argument) => [code(argument.name()), plain(argument.description)]),
  );
}

/** Under their headings, in the order of `--help all`, which leaves out what there is only to be refused. */
function groupsOf(command: Command): readonly (readonly [string, readonly Option[]])[] {
  const options = command.createHelp().visibleOptions(command);
  return [...Map.groupBy(options, (option) => option.helpGroupHeading ?? "Options:")];
}

function optionTable(heading: string, options: readonly Option[]): string {
  const rows = options.map((option) => [code(option.flags), helpOf(option)]);
  return `**${heading.replace(/:$/, "")}**\n\n${table(["option", "what it does"], rows)}`;
}

function helpOf({ description, argChoices }: Option): string {
  return plain(description) + (argChoices ? `; one of ${argChoices.map(code).join(", ")}` : "");
}

/** What stands under the options in `--help`: commander writes it by an event alone. */
function examplesOf(command: Command): string {
  let text = "";
  // NOTE: its types leave out that it is an EventEmitter.
  (command as Command & EventEmitter).emit("afterHelp", {
    error: false,
    command,
    write: (more: string) => (text += more),
  });
  return text.trim() === "" ? "" : `\`\`\`text\n${text.trim()}\n\`\`\``;
}
