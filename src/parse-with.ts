/** @file Checks a value against a zod schema and turns every problem into one LimbeckError. */
import type { z } from "zod";
import { LimbeckError, type ErrorCode } from "./errors.ts";
import { problemsOf, type Problem } from "./schema-problems.ts";

/** The parsed value, defaults filled in. Throws `code` listing each problem with its path; `what` names the value. */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown, code: ErrorCode, what: string): T {
  const parsed = schema.safeParse(value);
  const dropped = droppedKeys(value);
  if (parsed.success && dropped.length === 0) return parsed.data;
  const found = parsed.success ? dropped : problemsOf(schema, value, parsed.error);
  const problems = found.map(({ path, message }) =>
    path.length > 0 ? `  ${path.join(".")}: ${message}` : `  ${message}`,
  );
  throw new LimbeckError(code, `${what}:\n${problems.join("\n")}`);
}

/** NOTE: a zod record passes over the key `__proto__` without a word. */
function droppedKeys(value: unknown, path: readonly PropertyKey[] = []): Problem[] {
  if (typeof value !== "object" || value === null || path.length > DEEPEST) return [];
  const own = Object.hasOwn(value, "__proto__") ? [{ path, message: 'unknown key "__proto__"' }] : [];
  return [...own, ...Object.entries(value).flatMap(([key, inner]) => droppedKeys(inner, [...path, key]))];
}

/** Of what options hold. */
const DEEPEST = 4;
