/** @file The table of methods as `limbeck list` shows it. */
import { methods, optionsSchema, type AnyMethod } from "../distill/index.ts";
import { optionsOf, type MethodOption } from "./method-options.ts";

/** A method, and what it needs. */
export interface MethodItem {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly paper: string;
  /** For people: `a teacher`, `networks of its own`. */
  readonly needs: readonly string[];
  readonly options: Readonly<Record<string, MethodOption>>;
  /** Published settings: where they are from, and what they set. */
  readonly presets: Readonly<Record<string, PresetItem>>;
}

/** A preset with every option that any of the method's presets sets. */
export interface PresetItem {
  readonly source: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly isDefault: boolean;
}

export function methodItems(): MethodItem[] {
  return Object.values<AnyMethod>(methods).map((method) => {
    const { name, title, summary, paper } = method;
    const options = optionsOf(optionsSchema(method));
    return { name, title, summary, paper, needs: needsOf(method), options, presets: presetsOf(method, options) };
  });
}

function presetsOf({ presets = {} }: AnyMethod, options: MethodItem["options"]): MethodItem["presets"] {
  const set = new Set(Object.values(presets).flatMap((preset) => Object.keys(preset.options)));
  const defaults = [...set].map((name) => [name, options[name]?.value] as const);
  return Object.fromEntries(
    Object.entries(presets).map(([name, { source, options: own }], i) => [
      name,
      { source, options: { ...Object.fromEntries(defaults), ...own }, isDefault: i === 0 },
    ]),
  );
}

/** What a method may need, by the letter that a narrow column has for it. */
const letters = {
  T: "a teacher",
  N: "networks of its own",
  E: "epochs before the training",
  O: "images of other classes",
} as const;

/** `TN··` */
export function needLetters(needs: readonly string[]): string {
  return Object.entries(letters)
    .map(([letter, need]) => (needs.includes(need) ? letter : "·"))
    .join("");
}

export const needLegend: string = Object.entries(letters)
  .map(([letter, need]) => `${letter} ${need}`)
  .join(", ");

function needsOf({ needsTeacher, auxiliaries, student, pretraining, needs }: AnyMethod): string[] {
  const isNeeded = { T: needsTeacher, N: auxiliaries || student, E: pretraining, O: needs } satisfies Record<
    keyof typeof letters,
    unknown
  >;
  return Object.entries(letters).flatMap(([letter, need]) => (isNeeded[letter as keyof typeof letters] ? [need] : []));
}
