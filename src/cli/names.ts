/** @file Names on the command line, checked before a folder is made or a byte is read. */
import { datasets } from "../data/index.ts";
import { methods } from "../distill/index.ts";
import { models } from "../models/index.ts";
import { unknownName } from "../nearest-name.ts";

/** Throws UNKNOWN_NAME, with the nearest known name, for the first that is in no table. */
export function checkNames(given: {
  readonly dataset?: string;
  readonly model?: string;
  readonly teacherModel?: string;
  readonly method?: string;
}): void {
  check("data set", given.dataset, datasets);
  check("model", given.model, models);
  check("model", given.teacherModel, models);
  check("method", given.method, methods);
}

function check(kind: string, name: string | undefined, table: object): void {
  if (name !== undefined && !Object.hasOwn(table, name)) unknownName(kind, name, Object.keys(table));
}
