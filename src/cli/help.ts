/** @file `--help`: the options that people use, a line each; `--help all` shows every option with all there is to know. */
import { Help, type Command, type HelpConfiguration, type Option } from "commander";

/** Options whose line in the short help is another than their description, or that are not there. */
const shortLines = new WeakMap<Option, string | undefined>();

/** The option, which the short help shows by this line, or leaves out without one. */
export function withShortHelp<Shown extends Option>(option: Shown, line?: string): Shown {
  shortLines.set(option, line);
  return option;
}

/** Whether the short help leaves it out. */
const isSeldom = (option: Option): boolean => shortLines.has(option) && shortLines.get(option) === undefined;

/** The words of a command line without those that ask for every option, and whether there are such: `--help all`, `help NAME --all`. */
export function parseHelp(args: readonly string[]): { readonly words: readonly string[]; readonly isFull: boolean } {
  const flag = args.findIndex((word, i) => (word === "--help" || word === "-h") && args[i + 1] === "all");
  if (flag >= 0) return { words: args.toSpliced(flag + 1, 1), isFull: true };
  if (args[0] !== "help") return { words: args, isFull: false };
  const words = args.filter((word) => word !== "--all");
  return { words, isFull: words.length < args.length };
}

/** How commander shows the help of every command: options that people use first. */
export function helpConfiguration(isFull: boolean): HelpConfiguration {
  const { visibleOptions } = Help.prototype;
  return {
    // That of a command is no news to whoever reads it.
    visibleOptions(command) {
      const options = visibleOptions.call(this as Help, command);
      const shown = options.filter((option) => !(command.parent && option.long === "--help"));
      const common = shown.filter((option) => !isSeldom(option));
      return isFull ? [...common, ...shown.filter(isSeldom)] : common;
    },
    optionDescription(option) {
      const { description, defaultValue } = option;
      const line = (isFull ? undefined : shortLines.get(option)) ?? description;
      return defaultValue === undefined ? line : `${line} (default: ${String(defaultValue)})`;
    },
  };
}

/** Says below a command's short help where the rest is, if it leaves some out. */
export function addMoreHelp(command: Command, isFull: boolean): void {
  const seldom = command.options.filter(isSeldom);
  if (isFull || seldom.length === 0) return;
  command.addHelpText("after", `\n${seldom.length} more options: limbeck help ${command.name()} --all`);
}
