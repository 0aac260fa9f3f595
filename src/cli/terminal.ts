/** @file What a terminal shows: colours where it has them, words that a shell reads back. */
import { fileURLToPath } from "node:url";
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

/** How to call a command in the way this one was called: installed, by npx, or from the sources, in their folder by npm. */
export function calledAs(command: string): string {
  return `${caller()} ${command}`;
}

function caller(): string {
  const script = process.argv[1] ?? "";
  // NOTE: npm brings the Node that runs the sources; the one on the path may be too old for TypeScript.
  if (script.endsWith(".ts")) return isInClone() ? "npm run limbeck --" : shellWords([process.execPath, script]);
  if (process.env["npm_lifecycle_event"] === "npx" || script.includes("node_modules")) return "npx limbeck";
  return script.endsWith(".js") ? shellWords(["node", script]) : "limbeck";
}

function isInClone(): boolean {
  try {
    return process.cwd() === fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");
  } catch {
    return false; // the working folder was removed
  }
}
