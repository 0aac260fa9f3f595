/** @file One entry of a table in full: what it is, where it comes from, its options. */
import {
  costLine,
  resultLines,
  type ModelCost,
  type OptionItem,
  type PresetItem,
  type RecipeItem,
} from "./catalogue.ts";
import { oneLine, printable } from "../printable.ts";
import { style, wrapped } from "./output.ts";

/** A kind of item that has no paper or no options leaves them out. */
export interface Details {
  readonly name: string;
  readonly title?: string;
  readonly summary: string;
  readonly cost?: ModelCost;
  readonly paper?: string | undefined;
  readonly needs?: readonly string[];
  readonly settings?: RecipeItem["settings"];
  readonly results?: RecipeItem["results"];
  readonly options?: Readonly<Record<string, OptionItem>>;
  readonly presets?: Readonly<Record<string, PresetItem>>;
}

/** Lines for a terminal. */
export function itemDetails({
  name,
  title,
  summary,
  cost,
  paper,
  needs = [],
  settings,
  results,
  options = {},
  presets = {},
}: Details): string {
  const dim = (text: string): string => style("dim", text, process.stdout);
  const named = Object.entries(options).map(([option, { value, description }]) => ({
    name: oneLine(value === undefined ? option : `${option}=${JSON.stringify(value)}`),
    description: printable(description),
  }));
  const width = Math.max(0, ...named.map((option) => option.name.length));
  return [
    `${style("bold", oneLine(name), process.stdout)}${title ? `  ${oneLine(title)}` : ""}`,
    wrapped(`  ${printable(summary)}`, 2),
    ...(cost ? [wrapped(`  ${costLine(cost)}`, 2)] : []),
    ...(paper ? [dim(wrapped(`  ${oneLine(paper)}`, 2))] : []),
    ...(needs.length > 0 ? [`  Needs ${needs.join(", ")}.`] : []),
    ...(results ? resultLines({ results }).map((line) => wrapped(`  ${line}`, 2)) : []),
    ...(settings ? ["", "settings"] : []),
    ...Object.entries(settings ?? {}).map(([name, value]) => wrapped(`  ${name}=${JSON.stringify(value)}`, 4)),
    ...(named.length > 0 ? ["", "options"] : []),
    ...named.map((option) => wrapped(`  ${option.name.padEnd(width)}  ${dim(option.description)}`, width + 4)),
    ...presetLines(presets, dim),
  ].join("\n");
}

/** `cifar (default)  temperature=4 kdWeight=0.9`, and where that is from. */
function presetLines(presets: NonNullable<Details["presets"]>, dim: (text: string) => string): string[] {
  const named = Object.entries(presets).map(([name, { isDefault, ...preset }]) => ({
    name: oneLine(isDefault ? `${name} (default)` : name),
    source: printable(preset.source),
    options: preset.options,
  }));
  if (named.length === 0) return [];
  const width = Math.max(...named.map(({ name }) => name.length));
  const lines = named.flatMap(({ name, source, options }) => {
    const values = Object.entries(options).map(([option, value]) => oneLine(`${option}=${JSON.stringify(value)}`));
    const padded = `  ${name.padEnd(width)}  `;
    const from = (start: string): string => wrapped(start + dim(source), padded.length);
    if (values.length === 0) return [from(padded)];
    return [wrapped(padded + values.join(" "), padded.length), from(" ".repeat(padded.length))];
  });
  return ["", "presets", ...lines];
}
