/** @file Options of a network's own, beside those that every network has: its widths, say. */
import { isObject, shown } from "../arguments.ts";
import { LimbeckError } from "../errors.ts";
import { nearestName } from "../nearest-name.ts";

/** One option: its default, what it is, and which values it takes. */
export interface ModelOption<Value = unknown> {
  readonly value: Value;
  /** For people. */
  readonly description: string;
  /** `a whole number from 1` */
  readonly expected: string;
  readonly is: (value: unknown) => boolean;
}

export type ModelOptionTable = Readonly<Record<string, ModelOption>>;

/** Each option's value. */
export type ModelOptionValues<Table extends ModelOptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends ModelOption<infer Value> ? Value : never;
};

/** What a width or a number of units is limited to. */
const MOST = 65_535;

/** A whole number from `least`. */
export function count(value: number, description: string, least = 1): ModelOption<number> {
  return { value, description, expected: `a whole number from ${least} to ${MOST}`, is: isCount(least) };
}

type Counts<Value extends readonly number[]> = { readonly [I in keyof Value]: number };

/** As many whole numbers from 1 as the default has. */
export function counts<const Value extends readonly number[]>(
  value: Value,
  description: string,
): ModelOption<Counts<Value>> {
  return {
    value: value as Counts<Value>,
    description,
    expected: `${value.length} whole numbers from 1 to ${MOST}`,
    is: (given) => Array.isArray(given) && given.length === value.length && Array.from(given).every(isCount(1)),
  };
}

/** A number above 0. */
export function factor(value: number, description: string): ModelOption<number> {
  return {
    value,
    description,
    expected: "a number above 0",
    is: (given) => typeof given === "number" && Number.isFinite(given) && given > 0,
  };
}

/** One of the table's names. */
export function choice<const Name extends string>(
  value: Name,
  names: Readonly<Record<Name, unknown>>,
  description: string,
): ModelOption<Name> {
  return {
    value,
    description,
    expected: new Intl.ListFormat("en", { type: "disjunction" }).format(Object.keys(names)),
    is: (given) => typeof given === "string" && Object.hasOwn(names, given),
  };
}

function isCount(least: number): (value: unknown) => boolean {
  return (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= MOST;
}

/**
 * The values that are given, and the defaults for the rest. Throws ARGUMENT, naming the network, for an option that it does not have, with
 * the nearest that it has, and for a value that is none of the option's.
 */
export function resolveOptions(network: string, table: ModelOptionTable, given: unknown): Record<string, unknown> {
  const refuse = (problem: string): never => {
    throw new LimbeckError("ARGUMENT", `${network}: ${problem}`);
  };
  if (!isObject(given)) return refuse(`options should be an object, got ${shown(given)}`);
  const known = Object.keys(table);
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(table, name)) {
      const near = nearestName(name, known);
      const meant = near === undefined ? "." : `; did you mean ${near}?`;
      refuse(`unknown option "${name}"${meant} Known: ${known.length === 0 ? "none" : known.join(", ")}`);
    }
    const { expected, is } = table[name]!;
    if (!is(value)) refuse(`option ${name} should be ${expected}, got ${listed(value)}`);
  }
  return Object.fromEntries(Object.entries(table).map(([name, { value }]) => [name, given[name] ?? value]));
}

function listed(value: unknown): string {
  return Array.isArray(value) ? `[${value.slice(0, 8).map(shown).join(", ")}]` : shown(value);
}
