/** @file What of Limbeck's tables the page offers, written into it when it is built; a method itself is loaded where it is chosen. */
import type { Plugin } from "vite";
import { methods, models } from "../src/entries/index.ts";
import type { AnyMethod } from "../src/entries/methods.ts";
import type { ModelEntry } from "../src/entries/nn.ts";
import type { Catalogue, OptionEntry } from "virtual:catalogue";

/** Those that teach. */
const teaching = Object.values<AnyMethod>(methods).filter(({ needsTeacher }) => needsTeacher);

/** By the modules' names; virtual.d.ts says what they export. */
const modules: Readonly<Record<string, () => string>> = {
  "virtual:catalogue": () => `export const catalogue = ${JSON.stringify(offered())};`,
  "virtual:methods": () => `export const methods = { ${teaching.map(({ name }) => loader(name)).join()} };`,
};

export function catalogue(): Plugin {
  return {
    name: "limbeck:catalogue",
    resolveId: (source) => (Object.hasOwn(modules, source) ? `\0${source}` : null),
    load: (id) => modules[id.slice(1)]?.() ?? null,
  };
}

function loader(name: string): string {
  return `${name}: async () => (await import("limbeck/methods/${name}")).${name}`;
}

function offered(): Catalogue {
  const small = Object.entries<ModelEntry>(models).filter(([, { defaults }]) => !defaults);
  return {
    models: small.map(([name, { summary }]) => ({ name, summary })),
    methods: teaching.map((method) => ({
      name: method.name,
      title: method.title,
      summary: method.summary,
      options: optionsOf(method),
    })),
  };
}

/** Numbers and flags; lists and places keep their defaults. */
function optionsOf({ options, labels }: AnyMethod): OptionEntry[] {
  const own = Object.entries(options).flatMap(([name, { default: value, description, allowed }]) =>
    typeof value === "number" || typeof value === "boolean"
      ? [{ name, description, default: value, bounds: allowed.kind === "number" ? allowed.bounds : {} }]
      : [],
  );
  const description = labels?.description ?? "weight of the loss with the labels";
  return labels && !labels.isFixed
    ? [...own, { name: "ceWeight", description, default: labels.weight, bounds: { least: 0 } }]
    : own;
}
