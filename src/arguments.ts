/** @file What the arguments of public functions have to be, checked where a call comes in: types here, ranges in each function. */
import { LimbeckError } from "./errors.ts";

/** What an argument may be, and how a message says so. */
export interface Kind {
  readonly expected: string;
  is(value: unknown): boolean;
}

/** Throws ARGUMENT, in the name of a function, for the first argument that is not of its kind: `matmul: x should be a tensor, got null`. */
export function checkArguments(
  call: string,
  args: Readonly<Record<string, readonly [value: unknown, kind: Kind]>>,
): void {
  for (const [name, [value, { expected, is }]] of Object.entries(args)) {
    if (is(value)) continue;
    throw new LimbeckError("ARGUMENT", `${call}: ${name} should be ${expected}, got ${shown(value)}`);
  }
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
export function optional({ expected, is }: Kind): Kind {
  return { expected, is: (value) => value === undefined || is(value) };
}

/** A list of values of this kind. */
export function listOf({ expected, is }: Kind): Kind {
  // NOTE: not `every`, which passes over holes.
  return { expected: `a list, each ${expected}`, is: (value) => Array.isArray(value) && Array.from(value).every(is) };
}

/** An object with properties of these kinds. */
export function having(what: string, properties: Readonly<Record<string, Kind>>): Kind {
  const named = Object.entries(properties);
  return {
    expected: `${what}, with ${named.map(([name, { expected }]) => `${name} ${expected}`).join(", ")}`,
    is: (value) => isObject(value) && named.every(([name, { is }]) => is(value[name])),
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
