/** @file What of Limbeck's tables the page offers. */
import { methods, models } from "limbeck";
import type { AnyMethod } from "limbeck/methods";
import type { ModelEntry } from "limbeck/nn";
import type { Catalogue, OptionEntry } from "../messages.ts";

export function catalogue(): Catalogue {
  const small = Object.entries<ModelEntry>(models).filter(([, { defaults }]) => !defaults);
  return {
    models: small.map(([name, { summary }]) => ({ name, summary })),
    methods: Object.values<AnyMethod>(methods)
      .filter(({ needsTeacher }) => needsTeacher)
      .map((method) => ({
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
      ? [{ name, description, default: value, isWhole: allowed.kind === "number" && allowed.bounds.whole === true }]
      : [],
  );
  const description = labels?.description ?? "weight of the loss with the labels";
  return labels && !labels.isFixed
    ? [...own, { name: "ceWeight", description, default: labels.weight, isWhole: false }]
    : own;
}
