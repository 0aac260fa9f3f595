/** @file What the arguments of public functions have to be: types are checked where a call comes in (`src/entries/`), ranges in each function. */
import { LimbeckError } from "./errors.ts";

/** What an argument may be, and how a message says so. */
export interface Kind {
  readonly expected: string;
  is(value: unknown): boolean;
  /** What a value of this kind consists of, for messages that name the part that is wrong. */
  parts?(value: unknown): Iterable<readonly [name: string, part: unknown, kind: Kind]>;
}

/**
 * Kinds by name: several names, with spaces between them, share one; a name that ends with `?` may be left out; kinds by name in place of a kind are
 * an object with these properties. NOTE: no spread of calls in them, which bundlers keep in a page that has no use for the function.
 */
export interface Kinds {
  readonly [names: string]: Kind | Kinds;
}

/** Each name with its kind, in their order. */
/* @__NO_SIDE_EFFECTS__ */
export function kindsByName(kinds: Kinds): readonly (readonly [name: string, kind: Kind])[] {
  return Object.entries(kinds).flatMap(([names, value]) => {
    const kind = isKind(value) ? value : object(value);
    return names
      .split(" ")
      .map((name) => (name.endsWith("?") ? ([name.slice(0, -1), optional(kind)] as const) : ([name, kind] as const)));
  });
}

function isKind(value: Kind | Kinds): value is Kind {
  return typeof value.is === "function";
}

/** Several tables of kinds as one. */
/* @__NO_SIDE_EFFECTS__ */
export function joined(...tables: readonly Kinds[]): Kinds {
  return Object.assign({}, ...tables) as Kinds;
}

/** Throws ARGUMENT, in the name of a function, for the first argument that is not of its kind: `matmul: x should be a tensor, got null`. */
export function checkArguments(
  call: string,
  args: Readonly<Record<string, readonly [value: unknown, kind: Kind]>>,
): void {
  for (const [name, [value, kind]] of Object.entries(args)) if (!kind.is(value)) refuse(call, name, value, kind);
}

/** Names the innermost part that is wrong: `evaluate: options.split.count should be a number, got undefined`. */
function refuse(call: string, name: string, value: unknown, kind: Kind): never {
  for (const [inner, part, of] of kind.parts?.(value) ?? [])
    if (!of.is(part)) refuse(call, `${name}.${inner}`, part, of);
  throw new LimbeckError("ARGUMENT", `${call}: ${name} should be ${kind.expected}, got ${shown(value)}`);
}

export const aNumber: Kind = { expected: "a number", is: (value) => typeof value === "number" };
export const aString: Kind = { expected: "a string", is: (value) => typeof value === "string" };
export const aBoolean: Kind = { expected: "true or false", is: (value) => typeof value === "boolean" };
export const aFunction: Kind = { expected: "a function", is: (value) => typeof value === "function" };
export const anObject: Kind = { expected: "an object", is: isObject };
export const anIterable: Kind = {
  expected: "a list, or what can be iterated",
  is: (value) => isObject(value) && typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] === "function",
};
export const aMap: Kind = { expected: "a Map", is: (value) => value instanceof Map };
export const bytes: Kind = { expected: "a Uint8Array", is: (value) => value instanceof Uint8Array };
export const floats: Kind = { expected: "a Float32Array", is: (value) => value instanceof Float32Array };
export const aShape: Kind = {
  expected: "a list of whole numbers, one an axis",
  is: (value) => Array.isArray(value) && value.every((size) => Number.isSafeInteger(size)),
};

/** The kind, or `undefined`. */
/* @__NO_SIDE_EFFECTS__ */
export function optional(kind: Kind): Kind {
  return { ...kind, is: (value) => value === undefined || kind.is(value) };
}

/** One of these texts. */
/* @__NO_SIDE_EFFECTS__ */
export function oneOf(...texts: readonly string[]): Kind {
  return {
    expected: texts.map((text) => JSON.stringify(text)).join(" or "),
    is: (value) => texts.includes(value as string),
  };
}

/** A list of values of this kind. */
/* @__NO_SIDE_EFFECTS__ */
export function listOf(kind: Kind): Kind {
  // NOTE: not the list's own `entries`, which a list with holes has too, but `every` passes over them.
  return composed(`a list, each ${kind.expected}`, (value) =>
    Array.isArray(value) ? Array.from(value, (part: unknown, i) => [String(i), part, kind] as const) : undefined,
  );
}

/** An object that holds values of this kind by name. */
/* @__NO_SIDE_EFFECTS__ */
export function byName(expected: string, kind: () => Kind): Kind {
  return composed(expected, (value) =>
    isObject(value) ? Object.entries(value).map(([name, part]) => [name, part, kind()]) : undefined,
  );
}

/** A Map of values of this kind by name. */
/* @__NO_SIDE_EFFECTS__ */
export function mapOf(expected: string, kind: Kind): Kind {
  return composed(`a Map of ${expected} by name`, (value) =>
    value instanceof Map
      ? [...(value as Map<unknown, unknown>)].flatMap(([name, part]) => [
          ["every name", name, aString] as const,
          [String(name), part, kind] as const,
        ])
      : undefined,
  );
}

/** What is named so, with properties of these kinds. */
/* @__NO_SIDE_EFFECTS__ */
export function having(what: string, properties: Kinds): Kind {
  const named = kindsByName(properties);
  const expected = `${what}, with ${named.map(([name, { expected }]) => `${name} ${expected}`).join(", ")}`;
  return composed(expected, (value) =>
    isObject(value) ? named.map(([name, kind]) => [name, value[name], kind]) : undefined,
  );
}

/** An object with properties of these kinds. */
/* @__NO_SIDE_EFFECTS__ */
export function object(properties: Kinds): Kind {
  return having("an object", properties);
}

/** A kind of values that consist of others: `partsOf` gives none for what is no such value at all. */
/* @__NO_SIDE_EFFECTS__ */
function composed(
  expected: string,
  partsOf: (value: unknown) => readonly (readonly [string, unknown, Kind])[] | undefined,
): Kind {
  return {
    expected,
    is: (value) => partsOf(value)?.every(([, part, kind]) => kind.is(part)) ?? false,
    parts: (value) => partsOf(value) ?? [],
  };
}

/** A value for a message, whatever it is. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 50));
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  const name: unknown = (value as { readonly constructor?: { readonly name?: unknown } }).constructor?.name;
  return typeof name === "string" && name !== "" ? `an object, ${name}` : "an object";
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
