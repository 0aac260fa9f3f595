/** @file Names in settings: those of a table, or a module's path where that may stand. */
import { unknownName } from "../nearest-name.ts";
import { allSettings } from "./config.ts";
import { methodNames } from "./settings/network.ts";
import { isModulePath } from "./settings/values.ts";

/**
 * Throws UNKNOWN_NAME, with the nearest known name, for the first that is in no table, nor the path of a module where that may stand.
 * Values of other types, from a file, are left to the schema.
 */
export function checkNames(settings: object): void {
  for (const [name, value] of Object.entries(settings)) {
    const { names, isModule = false } = (Object.hasOwn(allSettings, name) && allSettings[name]) || {};
    if (!names) continue;
    for (const each of namesIn(name === "method" ? methodNames(value) : value))
      if (!(isModule && isModulePath(each)) && !Object.hasOwn(names.table, each))
        unknownName(names.kind, each, Object.keys(names.table));
  }
}

/** A name, several, or those of an object's keys. */
function namesIn(value: unknown): readonly string[] {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return Object.keys(value);
  return [value].flat().filter((name) => typeof name === "string");
}
