/** @file `limbeck list`: what can be asked for by name. */
import type { Command } from "commander";
import type { z } from "zod";
import { unknownName } from "../../nearest-name.ts";
import type { MethodOption } from "../method-options.ts";
import { style } from "../terminal.ts";

/** A name and a line about it. */
interface Item {
  readonly name: string;
  readonly summary: string;
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
      process.stdout.write(
        json ? `${JSON.stringify(listed)}\n` : `${Object.entries(listed).map(section).join("\n\n")}\n`,
      );
    });
}

const kinds = {
  models: async () => summaries((await import("../../models/index.ts")).models),
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

function section([kind, items]: [string, readonly Item[]]): string {
  const width = Math.max(...items.map(({ name }) => name.length));
  const lines = items.flatMap(({ name, summary, options = {} }) => [
    `  ${name.padEnd(width)}  ${summary}`,
    ...Object.entries(options).map(([option, { value, description }]) =>
      style("dim", `  ${" ".repeat(width)}  ${option}=${JSON.stringify(value)}  ${description}`, process.stdout),
    ),
  ]);
  return [style("bold", kind, process.stdout), ...lines].join("\n");
}
