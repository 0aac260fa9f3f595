/** @file What `limbeck list` knows of models, methods and their options, read from the tables themselves. */
import * as z from "zod/mini";
import { methods, objective, optionsSchema, type AnyMethod } from "../distill/index.ts";
import { createModel, models, type Model, type ModelName, type OwnModelEntry } from "../models/index.ts";
import {
  type Recipe,
  type RecipeName,
  type RecipeResult,
  recipeResults,
  recipes,
} from "../experiment/settings/index.ts";
import { countMultiplyAdds, countParameters } from "../nn/index.ts";
import { bytes, millions } from "../report/index.ts";
import { weightsFileBytes } from "../weights/index.ts";

/** A method, and what it needs. */
export interface MethodItem {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly paper?: string | undefined;
  /** For people: `a teacher`, `networks of its own`. */
  readonly needs: readonly string[];
  readonly options: Readonly<Record<string, OptionItem>>;
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
  return Object.values<AnyMethod>(methods).map(methodItem);
}

export function methodItem(method: AnyMethod): MethodItem {
  const { name, title, summary, paper } = method;
  const options = optionsOf(optionsSchema(method));
  return {
    name,
    title,
    summary,
    paper,
    needs: needsOf(method),
    options,
    presets: presetsOf(method, options),
  };
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
  V: "a second, strongly augmented view of each image",
} as const;

/** `TN···` */
export function needLetters(needs: readonly string[]): string {
  return Object.entries(letters)
    .map(([letter, need]) => (needs.includes(need) ? letter : "·"))
    .join("");
}

export const needLegend: string = Object.entries(letters)
  .map(([letter, need]) => `${letter} ${need}`)
  .join(", ");

/** With its defaults. */
function needsOf(method: AnyMethod): string[] {
  const { needsTeacher, auxiliaries, student, pretraining } = method;
  const { negatives, strongView } = objective(method).needs;
  const networks = auxiliaries || student;
  const isNeeded = { T: needsTeacher, N: networks, E: pretraining, O: negatives, V: strongView } satisfies Record<
    keyof typeof letters,
    unknown
  >;
  return Object.entries(letters).flatMap(([letter, need]) => (isNeeded[letter as keyof typeof letters] ? [need] : []));
}

/** An option by its name. */
export interface OptionItem {
  /** Its default. */
  readonly value: unknown;
  readonly description: string;
  /** Its type and bounds, as a JSON schema has them. */
  readonly allowed: z.core.JSONSchema.JSONSchema;
}

/** The options by name, in the schema's order. */
export function optionsOf(schema: z.ZodMiniType): Record<string, OptionItem> {
  const { properties = {} } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => {
      const { default: value, description = "", ...allowed } = property as z.core.JSONSchema.JSONSchema;
      return [name, { value, description, allowed }];
    }),
  );
}

/** A recipe, what it sets of a training on CIFAR-10, and what came of it. */
export interface RecipeItem {
  readonly name: string;
  readonly summary: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly results: readonly RecipeResult[];
}

export function recipeItems(): RecipeItem[] {
  return Object.entries<Recipe>(recipes).map(([name, { summary, settings, also = {}, comparison }]) => ({
    name,
    summary,
    settings: { ...settings({ dataset: "cifar10" }), ...also, ...(comparison && { comparison }) },
    results: recipeResults[name as RecipeName] ?? [],
  }));
}

/** `LightNN alone 68.77 ± 0.89 % of cifar10 (n = 5), 50 s each on 2 cores of an AMD EPYC: bench/records/…` */
export function resultLines({ results }: Pick<RecipeItem, "results">): string[] {
  if (results.length === 0) return ["not measured yet"];
  return results.map(({ what, dataset, n, seconds, machine, record, augmented, ...plain }) => {
    const views = augmented ? `, ${meanOf(augmented)} with test-time augmentation` : "";
    return `${what} ${meanOf(plain)} of ${dataset} (n = ${n})${views}, ${seconds} s each on ${machine}: ${record}`;
  });
}

function meanOf({ accuracy, deviation }: { readonly accuracy: number; readonly deviation?: number }): string {
  return `${accuracy.toFixed(2)}${deviation === undefined ? "" : ` ± ${deviation.toFixed(2)}`} %`;
}

/** A network of the table, or of a module. */
export interface ModelItem {
  readonly name: string;
  readonly summary: string;
  readonly cost: ModelCost;
  readonly options: Readonly<Record<string, OptionItem>>;
}

export function modelItem(model: string | OwnModelEntry): ModelItem {
  const {
    name,
    summary = "",
    options = {},
  }: OwnModelEntry = typeof model === "string" ? { name: model, ...models[model as ModelName] } : model;
  const items = Object.entries(options).map(([option, { value, description, expected }]) => [
    option,
    { value, description, allowed: { description: expected } },
  ]);
  return { name, summary, cost: costOf(createModel(model)), options: Object.fromEntries(items) };
}

export interface ModelCost {
  readonly classes: number;
  readonly parameters: number;
  /** Of one image. */
  readonly multiplyAdds: number;
  readonly fileBytes: number;
}

function costOf(model: Model): ModelCost {
  const { module, inputShape, classes } = model;
  return {
    classes,
    parameters: countParameters(module),
    multiplyAdds: countMultiplyAdds(module, inputShape),
    fileBytes: weightsFileBytes(model),
  };
}

/** `0.268 M parameters, 1.3 M multiply-adds of one image, a file of 1.07 MB; with 10 classes` */
export function costLine({ classes, parameters, multiplyAdds, fileBytes }: ModelCost): string {
  const computed = `${millions(multiplyAdds)} multiply-adds of one image`;
  return `${millions(parameters)} parameters, ${computed}, a file of ${bytes(fileBytes)}; with ${classes} classes`;
}

/** The figures of several networks, a heading first, as columns of one width. */
export function costColumns(costs: readonly ModelCost[]): string[] {
  const headings = ["parameters", "multiply-adds", "file"];
  const rows = [
    headings,
    ...costs.map((cost) => [millions(cost.parameters), millions(cost.multiplyAdds), bytes(cost.fileBytes)]),
  ];
  const widths = headings.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => widths.map((width, column) => row[column]?.padStart(width)).join("  "));
}
