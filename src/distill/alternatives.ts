/** @file Several methods of which each trains a student of its own, `kd,dist`: which option is whose. */
import { LimbeckError } from "../errors.ts";
import { unknownName } from "../nearest-name.ts";
import { combined } from "./combine.ts";
import type { AnyMethod } from "./method.ts";
import type { Objective } from "./objective.ts";
import { optionsOf } from "./resolve.ts";

/**
 * An objective for each alternative, a method or a combination. An option goes to every alternative that has it: `temperature` to all, `kd.temperature`
 * to those with kd. A preset is taken by every method. One alternative alone is as `combined` has it.
 *
 * Throws ARGUMENT for an alternative given twice, UNKNOWN_NAME for an option that none of them has, and as `combined`.
 */
export function alternatives(
  each: readonly (readonly AnyMethod[])[],
  options: Readonly<Record<string, unknown>> = {},
  preset?: string,
): readonly Objective[] {
  const [first, ...others] = each;
  if (first && others.length === 0) return [combined(first, options, preset)];
  const names = each.map(nameOf);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw new LimbeckError("ARGUMENT", `method ${twice} should be given once; leave the second out`);
  const shares = Object.entries(options).map(([key, value]) => {
    const found = each.map((methods) => shareOf(methods, key, value));
    return found.some((share) => share) ? found : refuse(each.flat(), key);
  });
  return each.map((methods, i) =>
    combined(methods, Object.fromEntries(shares.flatMap((share) => share[i] ?? [])), preset),
  );
}

function nameOf(methods: readonly AnyMethod[]): string {
  return methods.map(({ name }) => name).join("+");
}

type Entries = readonly (readonly [name: string, value: unknown])[];

/** What of an option is for an alternative, by the names that it knows; `undefined` where nothing is. */
export function shareOf(methods: readonly AnyMethod[], key: string, value: unknown): Entries | undefined {
  const [prefix, name] = splitKey(key);
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  // Every option of an alternative, as a resolved configuration has them.
  if (key === nameOf(methods) && isObject) return Object.entries(value);
  if (prefix === undefined) return methods.some((method) => hasOption(method, key)) ? [[key, value]] : undefined;
  if (!methods.some((method) => method.name === prefix && hasOption(method, name))) return undefined;
  return [[methods.length === 1 ? name : key, value]];
}

function splitKey(key: string): readonly [prefix: string | undefined, name: string] {
  const at = key.indexOf(".");
  return at < 0 ? [undefined, key] : [key.slice(0, at), key.slice(at + 1)];
}

function hasOption(method: AnyMethod, name: string): boolean {
  return Object.hasOwn(optionsOf(method), name);
}

function refuse(methods: readonly AnyMethod[], key: string): never {
  const [prefix, name] = splitKey(key);
  const named = prefix === undefined ? methods : methods.filter((method) => method.name === prefix);
  if (named.length > 0)
    unknownName("option", name, [...new Set(named.flatMap((method) => Object.keys(optionsOf(method))))]);
  return unknownName("method", prefix ?? key, [...new Set(methods.map((method) => method.name))]);
}
