/** @file Names on the command line, checked before a folder is made or a byte is read. */
import { datasets } from "../data/index.ts";
import { methods } from "../distill/index.ts";
import { models } from "../models/index.ts";
import { augmentOptions } from "../data/augment.ts";
import { recipes } from "../experiment/recipes.ts";
import { optimisers, schedules } from "../optim/index.ts";
import { unknownName } from "../nearest-name.ts";

/** Throws UNKNOWN_NAME, with the nearest known name, for the first that is in no table. */
export function checkNames(given: {
  readonly dataset?: string;
  readonly model?: string;
  readonly teacherModel?: string | readonly string[];
  readonly through?: readonly string[];
  readonly method?: string;
  readonly recipe?: string;
  readonly optimiser?: string;
  readonly schedule?: string;
  /** A list on the command line, an object in a file. */
  readonly augment?: readonly string[] | object;
}): void {
  check("data set", given.dataset, datasets);
  check("model", given.model, models);
  for (const name of [given.teacherModel ?? [], given.through ?? []].flat()) check("model", name, models);
  for (const name of given.method?.split("+") ?? []) check("method", name, methods);
  check("recipe", given.recipe, recipes);
  check("optimiser", given.optimiser, optimisers);
  check("schedule", given.schedule, schedules);
  const { augment = [] } = given;
  const augmentations = Array.isArray(augment) ? (augment as readonly string[]) : Object.keys(augment);
  for (const name of augmentations) if (name !== "none") check("augmentation", name, augmentOptions.shape);
}

function check(kind: string, name: string | undefined, table: object): void {
  if (name !== undefined && !Object.hasOwn(table, name)) unknownName(kind, name, Object.keys(table));
}
