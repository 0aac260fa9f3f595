/** @file One entry of a table in full: what it is, where it comes from, what it can be told. */
import type { MethodOption } from "./method-options.ts";
import { style } from "./terminal.ts";
import { wrapped } from "./wrapped.ts";

/** What is known of it; a kind of thing that has no paper or no options leaves them out. */
export interface Details {
  readonly name: string;
  readonly title?: string;
  readonly summary: string;
  readonly paper?: string;
  readonly needs?: readonly string[];
  readonly options?: Readonly<Record<string, MethodOption>>;
}

/** Lines for a terminal. */
export function itemDetails({ name, title, summary, paper, needs = [], options = {} }: Details): string {
  const dim = (text: string): string => style("dim", text, process.stdout);
  const named = Object.entries(options).map(([option, { value, description }]) => ({
    name: value === undefined ? option : `${option}=${JSON.stringify(value)}`,
    description,
  }));
  const width = Math.max(0, ...named.map((option) => option.name.length));
  return [
    `${style("bold", name, process.stdout)}${title ? `  ${title}` : ""}`,
    wrapped(`  ${summary}`, 2),
    ...(paper ? [dim(wrapped(`  ${paper}`, 2))] : []),
    ...(needs.length > 0 ? [`  Needs ${needs.join(", ")}.`] : []),
    ...(named.length > 0 ? ["", "options"] : []),
    ...named.map((option) => wrapped(`  ${option.name.padEnd(width)}  ${dim(option.description)}`, width + 4)),
  ].join("\n");
}
