/** @file Names on the command line, checked before a folder is made or a byte is read. */
import { datasets } from "../data/index.ts";
import { methods } from "../distill/index.ts";
import { models } from "../models/index.ts";
import { augmentOptions } from "../data/augment.ts";
import { engines } from "../engine/engines.ts";
import { recipes } from "../experiment/recipes.ts";
import { optimisers, schedules } from "../optim/index.ts";
import { unknownName } from "../nearest-name.ts";

/**
 * Throws UNKNOWN_NAME, with the nearest known name, for the first that is in no table. What is no text comes from a file:
 * the schema says so.
 */
export function checkNames(given: {
  readonly dataset?: unknown;
  readonly model?: unknown;
  readonly teacherModel?: unknown;
  readonly through?: unknown;
  readonly method?: unknown;
  readonly recipe?: unknown;
  readonly engine?: unknown;
  readonly optimiser?: unknown;
  readonly schedule?: unknown;
  /** A list on the command line, an object in a file. */
  readonly augment?: unknown;
}): void {
  check("data set", given.dataset, datasets);
  for (const names of [given.model, given.teacherModel, given.through]) check("model", names, models);
  check("method", typeof given.method === "string" ? given.method.split("+") : undefined, methods);
  check("recipe", given.recipe, recipes);
  check("engine", given.engine, engines);
  check("optimiser", given.optimiser, optimisers);
  check("schedule", given.schedule, schedules);
  const { augment } = given;
  const isList = Array.isArray(augment) || typeof augment !== "object";
  const augmentations = isList ? augment : Object.keys(augment ?? {});
  if (Array.isArray(augmentations)) {
    const named = augmentations.filter((name) => name !== "none");
    check("augmentation", named, augmentOptions.shape);
  }
}

/** One name or several. */
function check(kind: string, given: unknown, table: object): void {
  for (const name of Array.isArray(given) ? (given as readonly unknown[]) : [given]) {
    if (typeof name === "string" && !Object.hasOwn(table, name)) unknownName(kind, name, Object.keys(table));
  }
}
