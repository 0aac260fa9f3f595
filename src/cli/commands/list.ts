/** @file `limbeck list`: what can be asked for by name. */
import type { Command } from "commander";
import type { z } from "zod";
import { unknownName } from "../../nearest-name.ts";
import type { MethodOption } from "../method-options.ts";
import type { ModelCost } from "../model-cost.ts";
import { style } from "../terminal.ts";

/** A name and a line about it. */
interface Item {
  readonly name: string;
  readonly summary: string;
  /** Only models have it. */
  readonly cost?: ModelCost;
  /** By name. */
  readonly options?: Readonly<Record<string, MethodOption>>;
}

export function addList(program: Command): void {
  program
    .command("list")
    .summary("list models, methods, datasets, optimisers, schedules or recipes")
    .description("Lists what can be asked for by name: everything, or one kind.")
    .argument("[kind]", "models, methods, datasets, optimisers, schedules or recipes")
    .option("--json", "print JSON for machines")
    .addHelpText("after", "\nExamples:\n  limbeck list\n  limbeck list methods --json")
    .action(async (kind: string | undefined, { json = false }: { json?: boolean }) => {
      if (kind !== undefined && !Object.hasOwn(kinds, kind)) unknownName("kind", kind, Object.keys(kinds));
      const names = kind === undefined ? (Object.keys(kinds) as Kind[]) : [kind as Kind];
      const listed = Object.fromEntries(
        await Promise.all(names.map(async (name) => [name, await kinds[name]()] as const)),
      );
      const text = json
        ? JSON.stringify(listed)
        : (await Promise.all(Object.entries(listed).map(section))).join("\n\n");
      process.stdout.write(`${text}\n`);
    });
}

const kinds = {
  models: async () => {
    const [{ models }, { costOf }] = await Promise.all([import("../../models/index.ts"), import("../model-cost.ts")]);
    return Object.entries(models).map(([name, { summary, create }]) => ({ name, summary, cost: costOf(create()) }));
  },
  methods: async () => {
    const [{ methods }, { optionsOf }] = await Promise.all([
      import("../../distill/index.ts"),
      import("../method-options.ts"),
    ]);
    return Object.values(methods).map((method) => {
      const { name, title, summary, paper } = method;
      return { name, title, summary, paper, options: optionsOf(method.options) };
    });
  },
  datasets: async () => summaries((await import("../../data/index.ts")).datasets),
  optimisers: async () => withOptions((await import("../../optim/index.ts")).optimisers),
  schedules: async () => withOptions((await import("../../optim/index.ts")).schedules),
  recipes: async () => summaries((await import("../../experiment/recipes.ts")).recipes),
} as const satisfies Record<string, () => Promise<readonly Item[]>>;

type Kind = keyof typeof kinds;

function summaries(table: Readonly<Record<string, { readonly summary: string }>>): Item[] {
  return Object.entries(table).map(([name, { summary }]) => ({ name, summary }));
}

async function withOptions(
  table: Readonly<Record<string, { readonly summary: string; readonly options: z.ZodType }>>,
): Promise<Item[]> {
  const { optionsOf } = await import("../method-options.ts");
  return Object.entries(table).map(([name, { summary, options }]) => ({ name, summary, options: optionsOf(options) }));
}

async function section([kind, items]: [string, readonly Item[]]): Promise<string> {
  const width = Math.max(...items.map(({ name }) => name.length));
  const indent = `  ${" ".repeat(width)}  `;
  const costs = items.flatMap(({ cost }) => cost ?? []);
  const [heading, ...columns] = costs.length > 0 ? (await import("../model-cost.ts")).costColumns(costs) : [];
  const dim = (text: string): string => style("dim", text, process.stdout);
  const lines = items.flatMap(({ name, summary, options = {} }, i) => [
    `  ${name.padEnd(width)}  ${columns[i] ? `${columns[i]}  ` : ""}${summary}`,
    ...Object.entries(options).map(([option, { value, description }]) =>
      dim(`${indent}${option}=${JSON.stringify(value)}  ${description}`),
    ),
  ]);
  const about = `with ${costs[0]?.classes} classes; multiply-adds of one image`;
  return [
    style("bold", kind, process.stdout),
    ...(heading ? [dim(`${indent}${heading}  ${about}`)] : []),
    ...lines,
  ].join("\n");
}
