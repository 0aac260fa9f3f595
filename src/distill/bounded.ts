/** @file Numbers that float32 losses can be computed with: a weight of 1e308 would be infinite in the engine. */
import { LimbeckError } from "../errors.ts";

const [LEAST, MOST] = [1e-12, 1e9];

/**
 * The options of a method, each number in them 0 or between 1e-12 and 1e9 in size, so that neither it, its square nor its
 * reciprocal leaves the range of float32. Throws ARGUMENT, listing those that are not.
 */
export function bounded<Options>(method: string, options: Options): Options {
  const problems = [...numbersIn(options, "")].flatMap(([path, value]) => {
    const size = Math.abs(value);
    if (size === 0 || (size >= LEAST && size <= MOST)) return [];
    return [`  ${path}: should be 0, or from ${LEAST} to ${MOST} in size, got ${value}`];
  });
  if (problems.length === 0) return options;
  throw new LimbeckError("ARGUMENT", `options of method ${method}:\n${problems.join("\n")}`);
}

function* numbersIn(value: unknown, path: string): Generator<readonly [path: string, value: number]> {
  if (typeof value === "number") yield [path, value];
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) yield* numbersIn(inner, path ? `${path}.${key}` : key);
}
