/**
 * @file What a JSON value from outside has to look like, checked by hand: where, expected, got. For files that a page loads,
 * where a schema library would be larger than all else.
 */
import { shown, type Kind } from "./arguments.ts";

/** What is wrong with a value; nothing, if it is as it should be. */
export type Check = (value: unknown) => JsonProblem | undefined;

export interface JsonProblem {
  /** Where below the value. */
  readonly path: readonly (string | number)[];
  /** `expected text, got 5` */
  readonly message: string;
}

/** `shape: 0: expected a whole number from 0, got -2` */
export function problemText({ path, message }: JsonProblem): string {
  return [...path, message].join(": ");
}

/** A value of this kind. */
export function ofKind({ expected, is }: Kind): Check {
  return (value) => (is(value) ? undefined : { path: [], message: `expected ${expected}, got ${shown(value)}` });
}

/** A list of these: of any length, or of exactly this. */
export function listOf(check: Check, length?: number): Check {
  return (value) => {
    if (!Array.isArray(value) || (length !== undefined && value.length !== length)) {
      return {
        path: [],
        message: `expected a list${length === undefined ? "" : ` of ${length}`}, got ${shown(value)}`,
      };
    }
    return firstOf(value.entries(), () => check);
  };
}

/** An object of these fields and no others; those in the second record may be missing. */
export function objectOf(fields: Readonly<Record<string, Check>>, others: Readonly<Record<string, Check>> = {}): Check {
  const known = new Map(Object.entries({ ...fields, ...others }));
  return (value) => {
    const problem = record(value);
    if (problem) return problem;
    const given = value as Record<string, unknown>;
    const unknown = Object.keys(given).find((key) => !known.has(key));
    if (unknown !== undefined) {
      return { path: [], message: `unknown key ${shown(unknown)}; known: ${[...known.keys()].join(", ")}` };
    }
    const missing = Object.keys(fields).find((key) => !Object.hasOwn(given, key));
    if (missing !== undefined) return { path: [missing], message: "expected a value, got nothing" };
    return firstOf(Object.entries(given), (key) => known.get(key)!);
  };
}

/** An object of any fields. */
export const record: Check = ofKind({
  expected: "an object",
  is: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
});

/** The first problem among the parts of a value. */
function firstOf<Key extends string | number>(
  parts: Iterable<readonly [key: Key, value: unknown]>,
  checkOf: (key: Key) => Check,
): JsonProblem | undefined {
  for (const [key, value] of parts) {
    const problem = checkOf(key)(value);
    if (problem) return { ...problem, path: [key, ...problem.path] };
  }
  return undefined;
}
