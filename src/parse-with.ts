/** @file Checks a value against a zod schema: every problem says where, what was expected, what came, what was perhaps meant. */
import type * as z from "zod/mini";
import { LimbeckError, type ErrorCode } from "./errors.ts";
import { nearestName } from "./nearest-name.ts";

/** The parsed value, defaults filled in. Throws `code` listing each problem with its path; `what` names the value. */
export function parseWith<T>(schema: z.ZodMiniType<T>, value: unknown, code: ErrorCode, what: string): T {
  const parsed = schema.safeParse(value);
  const dropped = droppedKeys(value);
  if (parsed.success && dropped.length === 0) return parsed.data;
  const found = parsed.success ? dropped : problemsOf(schema, value, parsed.error);
  const problems = found.map(({ path, message }) =>
    path.length > 0 ? `  ${path.join(".")}: ${message}` : `  ${message}`,
  );
  throw new LimbeckError(code, `${what}:\n${problems.join("\n")}`);
}

export interface Problem {
  readonly path: readonly PropertyKey[];
  /** `expected string, got 5` */
  readonly message: string;
}

type Issue = z.core.$ZodIssue;
type Schema = z.core.$ZodType;

/** Every problem of the value, in the schema's order. */
export function problemsOf(schema: z.ZodMiniType, value: unknown, error: z.core.$ZodError): Problem[] {
  return error.issues.flatMap((issue) => describe(issue, schema, value));
}

function describe(issue: Issue, schema: z.ZodMiniType, value: unknown): Problem[] {
  const { path } = issue;
  const got = at(value, path);
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = knownKeys(schema, path);
      return issue.keys.map((key) => ({ path, message: `unknown key "${key}"${suggestion(key, known)}` }));
    }
    case "invalid_type":
      return [{ path, message: `expected ${wordOf(issue.expected)}, got ${shown(got)}` }];
    case "invalid_value": {
      const known = issue.values.map(String);
      const meant = typeof got === "string" ? nearestName(got, known) : undefined;
      const message = `expected ${known.join(", ")}, got ${shown(got)}${meant === undefined ? "" : `; did you mean ${meant}?`}`;
      return [{ path, message }];
    }
    case "invalid_union":
      return unionProblems(issue, schema, value);
    case "too_small":
    case "too_big":
      return [{ path, message: `expected ${rangeOf(issue)}, got ${shown(got)}` }];
    case "custom":
      return [{ path, message: issue.message }];
    default:
      return [{ path, message: `${issue.message}, got ${shown(got)}` }];
  }
}

/** Of the branch that the value fits best: the one whose problems lie deepest. Where all fail at once, what each expects. */
function unionProblems(
  { path, errors }: z.core.$ZodIssueInvalidUnion,
  schema: z.ZodMiniType,
  value: unknown,
): Problem[] {
  const deepest = errors.find((issues) =>
    issues.every((issue) => issue.path.length > 0 || issue.code !== "invalid_type"),
  );
  if (deepest) return deepest.flatMap((issue) => describe({ ...issue, path: [...path, ...issue.path] }, schema, value));
  const expected = errors.flat().flatMap((issue) => (issue.code === "invalid_type" ? wordOf(issue.expected) : []));
  return [{ path, message: `expected ${expected.join(" or ")}, got ${shown(at(value, path))}` }];
}

function suggestion(key: string, known: readonly string[]): string {
  const meant = nearestName(key, known);
  const asked = meant === undefined ? "." : `; did you mean ${meant}?`;
  return known.length === 0 ? "; none is known" : `${asked} Known: ${known.join(", ")}`;
}

/** The keys of the object at this path of the schema. */
function knownKeys(schema: Schema, path: readonly PropertyKey[]): string[] {
  const found = path.reduce<Schema[]>((schemas, step) => schemas.flatMap((each) => inside(each, step)), plain(schema));
  return found.flatMap((each) => Object.keys(shapeOf(each)));
}

/** What a value at this key or index has to be. */
function inside(schema: Schema, step: PropertyKey): Schema[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === "array") return plain(def.element);
  if (def.type === "record") return plain(def.valueType);
  const shape = shapeOf(schema);
  return Object.hasOwn(shape, step) ? plain(shape[String(step)]!) : [];
}

function shapeOf(schema: Schema): Readonly<Record<string, Schema>> {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  return def.type === "object" ? def.shape : {};
}

/** The schemas of a value as it is given, without what says that it may be missing or becomes another. */
function plain(schema: Schema): Schema[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "optional":
    case "nullable":
    case "default":
      return plain(def.innerType);
    case "pipe":
      return plain(def.in);
    case "union":
      return def.options.flatMap(plain);
    default:
      return [schema];
  }
}

/** `a number above 0`, `a list of at least 2 items` */
function rangeOf(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const { origin, inclusive } = issue;
  const [least, above, limit] =
    issue.code === "too_small" ? ["at least", "above", issue.minimum] : ["at most", "below", issue.maximum];
  if (origin === "array") return `a list of ${least} ${limit} ${limit === 1 ? "item" : "items"}`;
  if (origin === "string") return `a string of ${least} ${limit} ${limit === 1 ? "character" : "characters"}`;
  return inclusive ? `a number of ${least} ${limit}` : `a number ${above} ${limit}`;
}

function wordOf(expected: string): string {
  if (expected === "int") return "a whole number";
  if (expected === "record" || expected === "object") return "an object";
  if (expected === "array") return "a list";
  return `a ${expected}`;
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}

/** A value as JSON, cut where it is long. */
function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number") return String(value);
  if (typeof value === "string" || typeof value === "boolean" || value === null) return cut(JSON.stringify(value));
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

const LONGEST = 60;

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** NOTE: a zod record passes over the key `__proto__` without a word. */
function droppedKeys(value: unknown, path: readonly PropertyKey[] = []): Problem[] {
  if (typeof value !== "object" || value === null || path.length > DEEPEST) return [];
  const own = Object.hasOwn(value, "__proto__") ? [{ path, message: 'unknown key "__proto__"' }] : [];
  return [...own, ...Object.entries(value).flatMap(([key, inner]) => droppedKeys(inner, [...path, key]))];
}

/** Of what options hold. */
const DEEPEST = 4;
