/** @file Checks a value against a zod schema and turns every problem into one LimbeckError. */
import type { z } from "zod";
import { LimbeckError, type ErrorCode } from "./errors.ts";

/** The parsed value, defaults filled in. Throws `code` listing each problem with its path; `what` names the value. */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown, code: ErrorCode, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) =>
    path.length > 0 ? `  ${path.join(".")}: ${message}` : `  ${message}`,
  );
  throw new LimbeckError(code, `${what}:\n${problems.join("\n")}`);
}
