/** @file `limbeck list`: everything that has a name on the command line. */
import type { Command } from "commander";
import type * as z from "zod/mini";
import { allSettings, helpOf, isModulePath } from "../../experiment/settings/index.ts";
import { unknownName } from "../../nearest-name.ts";
import type { ModelCost, OptionItem, PresetItem, RecipeItem } from "../catalogue.ts";
import type { ModuleSettings, OwnModules } from "../../experiment/node/modules/index.ts";
import { jsonLine, print, style, wrapped } from "../output.ts";

/** A name and a line about it. */
interface Item {
  readonly name: string;
  readonly summary: string;
  /** Only models have it. */
  readonly cost?: ModelCost;
  /** Only methods have these three. */
  readonly paper?: string | undefined;
  readonly needs?: readonly string[];
  readonly presets?: Readonly<Record<string, PresetItem>>;
  /** Only recipes have these two. */
  readonly settings?: RecipeItem["settings"];
  readonly results?: RecipeItem["results"];
  /** Only settings have it. */
  readonly flags?: readonly string[];
  /** By name. */
  readonly options?: Readonly<Record<string, OptionItem>>;
}

export function addList(command: Command): void {
  command
    .description("Lists what has a name: all kinds, one kind, or one item in detail.")
    .argument("[kind]", "models, methods, datasets, settings, optimisers, schedules, recipes, engines or formats")
    .argument("[name]", "one item, with its options; for models, methods and datasets also a module: ./net.ts")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  limbeck list\n  limbeck list methods\n  limbeck list methods kd\n  limbeck list methods --json",
    )
    .action(async (kind: string | undefined, name: string | undefined, { json = false }: { json?: boolean }) => {
      if (kind !== undefined && !Object.hasOwn(kinds, kind)) unknownName("kind", kind, Object.keys(kinds));
      if (name !== undefined) {
        const item = await itemNamed(kind as Kind, name);
        const text = json ? jsonLine(item) : (await import("../item-details.ts")).itemDetails(item);
        await print(text);
        return;
      }
      const names = kind === undefined ? (Object.keys(kinds) as Kind[]) : [kind as Kind];
      const listed = Object.fromEntries(
        await Promise.all(names.map(async (name) => [name, await kinds[name]()] as const)),
      );
      const text = json ? jsonLine(listed) : (await Promise.all(Object.entries(listed).map(section))).join("\n\n");
      await print(text);
    });
}

const kinds = {
  models: async () => {
    const [{ models }, { modelItem }] = await Promise.all([import("../../models/index.ts"), import("../catalogue.ts")]);
    return Object.keys(models).map(modelItem);
  },
  methods: async () => (await import("../catalogue.ts")).methodItems(),
  datasets: async () => summaries((await import("../../data/index.ts")).datasets),
  settings: async () =>
    Object.entries(allSettings).map(([name, setting]) => ({
      name,
      summary: helpOf(setting),
      flags: setting.flags.map(({ usage }) => usage),
    })),
  optimisers: async () => withOptions((await import("../../optim/index.ts")).optimisers),
  schedules: async () => withOptions((await import("../../optim/index.ts")).schedules),
  recipes: async () => (await import("../catalogue.ts")).recipeItems(),
  engines: async () => summaries((await import("../../engine/engines.ts")).engineRequests),
  formats: async () => summaries((await import("../../ship/node/index.ts")).formats),
} as const satisfies Record<string, () => Promise<readonly Item[]>>;

type Kind = keyof typeof kinds;

/** What may stand next on the command line: a kind, or an item of the kind that is given. */
export async function listedNames([kind, ...more]: readonly string[]): Promise<readonly string[]> {
  if (kind === undefined) return Object.keys(kinds);
  if (more.length > 0 || !Object.hasOwn(kinds, kind)) return [];
  return (await kinds[kind as Kind]()).map(({ name }) => name);
}

/** Throws UNKNOWN_NAME, with the nearest known name; as `withModules` for a module. */
async function itemNamed(kind: Kind, name: string): Promise<Item> {
  if (isModulePath(name) && isOfModules(kind)) return ofModules[kind](name);
  const items: readonly Item[] = await kinds[kind]();
  const known = items.map((item) => item.name);
  return items.find((item) => item.name === name) ?? unknownName(kind.replace(/s$/, ""), name, known);
}

/** What a module gives, by its path. */
const ofModules = {
  async models(path: string) {
    const { own } = await modulesOf({ model: path });
    const [entry] = own.models.values();
    return (await import("../catalogue.ts")).modelItem(entry!);
  },
  async methods(path: string) {
    const { own } = await modulesOf({ method: path });
    const [method] = own.methods.values();
    return (await import("../catalogue.ts")).methodItem(method!);
  },
  async datasets(path: string) {
    const { own } = await modulesOf({ dataset: path });
    const [entry] = own.datasets.values();
    const { name, classes, shape, train, test } = await entry!.load();
    return { name, summary: `${classes.length} classes, images of ${shape.join("x")}: ${train.count} + ${test.count}` };
  },
} as const satisfies Partial<Record<Kind, (path: string) => Promise<Item>>>;

function isOfModules(kind: Kind): kind is keyof typeof ofModules {
  return Object.hasOwn(ofModules, kind);
}

async function modulesOf(settings: ModuleSettings): Promise<{ readonly own: OwnModules }> {
  return (await import("../../experiment/node/index.ts")).withModules(settings);
}

function summaries(table: Readonly<Record<string, { readonly summary: string }>>): Item[] {
  return Object.entries(table).map(([name, { summary }]) => ({ name, summary }));
}

async function withOptions(
  table: Readonly<Record<string, { readonly summary: string; readonly options: z.ZodMiniType }>>,
): Promise<Item[]> {
  const { optionsOf } = await import("../catalogue.ts");
  return Object.entries(table).map(([name, { summary, options }]) => ({ name, summary, options: optionsOf(options) }));
}

async function section([kind, items]: [string, readonly Item[]]): Promise<string> {
  const width = Math.max(...items.map(({ name }) => name.length));
  const indent = `  ${" ".repeat(width)}  `;
  const dim = (text: string): string => style("dim", text, process.stdout);
  const { heading, columns, about, isBrief } = await columnsOf(items);
  const { resultLines } = await import("../catalogue.ts");
  const lines = items.flatMap(({ name, summary, options = {}, results }, i) => {
    const start = `  ${name.padEnd(width)}  ${columns[i] ? `${columns[i]}  ` : ""}`;
    return [
      wrapped(start + summary, start.length),
      ...(results ? resultLines({ results }).map((line) => dim(wrapped(indent + line, indent.length + 2))) : []),
      ...(isBrief ? [] : optionLines(options).map((line) => dim(wrapped(indent + line, indent.length + 2)))),
    ];
  });
  return [
    style("bold", kind, process.stdout),
    ...(heading === undefined ? [] : [dim(wrapped(`${indent}${heading}  ${about}`, indent.length))]),
    ...lines,
    ...(items.some(({ paper }) => paper)
      ? [dim(`  limbeck list ${kind} NAME shows its paper, its options and its presets`)]
      : []),
    ...(items.some(({ cost }) => cost)
      ? [dim(`  limbeck list ${kind} NAME shows its options, which --model-option and --student-option set`)]
      : []),
  ].join("\n");
}

/** Figures or letters between name and summary, and what stands above all: for models what they cost, for methods what they need. */
async function columnsOf(
  items: readonly Item[],
): Promise<{ heading?: string | undefined; columns: readonly string[]; about: string; isBrief: boolean }> {
  const costs = items.flatMap(({ cost }) => cost ?? []);
  const [first] = costs;
  if (first) {
    const [heading, ...columns] = (await import("../catalogue.ts")).costColumns(costs);
    const about = `with ${first.classes} classes; multiply-adds of one image`;
    return { heading, columns, about, isBrief: true };
  }
  const needs = items.flatMap((item) => (item.needs ? [item.needs] : []));
  if (needs.length === 0) return { columns: [], about: "", isBrief: false };
  const { needLetters, needLegend } = await import("../catalogue.ts");
  return { heading: "need", columns: needs.map(needLetters), about: needLegend, isBrief: true };
}

function optionLines(options: NonNullable<Item["options"]>): string[] {
  return Object.entries(options).map(
    ([option, { value, description }]) => `${option}=${JSON.stringify(value)}  ${description}`,
  );
}
