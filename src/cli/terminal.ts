/** @file What a terminal shows: colours where it has them, words that a shell reads back. */
import { styleText } from "node:util";

type Format = Parameters<typeof styleText>[0];

/** The text in a colour, if the stream is a terminal that shows it; NO_COLOR and FORCE_COLOR are honoured. */
export function style(format: Format, text: string, stream: NodeJS.WriteStream): string {
  return styleText(format, text, { stream, validateStream: true });
}

/** Words as one would type them into a POSIX shell. */
export function shellWords(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(" ");
}

/** How this command was called, to suggest the next call: `limbeck`, or by way of npm or the sources. */
export function calledAs(command: string): string {
  if (process.env["npm_lifecycle_event"] === command) return `npm run ${command} --`;
  const script = process.argv[1] ?? "";
  return `${script.endsWith(".ts") ? "node src/cli/main.ts" : "limbeck"} ${command}`;
}
