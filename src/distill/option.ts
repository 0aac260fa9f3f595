/** @file What a method can be told: each option's default, bounds and description, and the schema made of them. */
import { z } from "zod";
import type { PairedPaths } from "./pairs.ts";

/** An option of a method. `option.weight(0.5, "weight of ...")` and its kin make them. */
export interface Option<Value> {
  readonly default: Value;
  /** For people, in `limbeck list methods NAME`. */
  readonly description: string;
  readonly allowed: Allowed;
}

/** By the option's name. */
export type Options = Readonly<Record<string, Option<unknown>>>;

/** What a method is given for its options. */
export type ValuesOf<O extends Options> = {
  readonly [Name in keyof O]: O[Name] extends Option<infer Value> ? Value : never;
};

/** Bounds of a number; `above` and `below` are themselves not allowed. */
export interface Bounds {
  readonly whole?: boolean;
  readonly least?: number;
  readonly above?: number;
  readonly most?: number;
  readonly below?: number;
}

type Allowed =
  | { readonly kind: "number"; readonly bounds: Bounds }
  | { readonly kind: "flag" }
  | { readonly kind: "numbers"; readonly each: Bounds }
  | { readonly kind: "pairs" };

/** A number within bounds. */
export function number(value: number, description: string, bounds: Bounds = {}): Option<number> {
  return { default: value, description, allowed: { kind: "number", bounds } };
}

/** What a loss is multiplied by: 0 or more. */
export function weight(value: number, description: string): Option<number> {
  return number(value, description, { least: 0 });
}

/** A number above 0: a temperature, say. */
export function positive(value: number, description: string): Option<number> {
  return number(value, description, { above: 0 });
}

/** A whole number from 1: epochs, channels. */
export function count(value: number, description: string): Option<number> {
  return number(value, description, { whole: true, above: 0 });
}

/** True or false. */
export function flag(value: boolean, description: string): Option<boolean> {
  return { default: value, description, allowed: { kind: "flag" } };
}

/** One number or more, each above 0. */
export function positives(value: readonly number[], description: string): Option<readonly number[]> {
  return { default: value, description, allowed: { kind: "numbers", each: { above: 0 } } };
}

/** One whole number or more, each from 1. */
export function counts(value: readonly number[], description: string): Option<readonly number[]> {
  return { default: value, description, allowed: { kind: "numbers", each: { whole: true, above: 0 } } };
}

/** Places to compare; none stands for those that the method pairs itself. */
export function pairs(description: string): Option<readonly PairedPaths[]> {
  return { default: [], description, allowed: { kind: "pairs" } };
}

/**
 * A schema that fills in the defaults and refuses unknown keys. `check` finds what is wrong between several options, by the
 * name of one of them.
 */
export function schemaOf<O extends Options>(
  options: O,
  check?: (values: ValuesOf<O>) => Readonly<Record<string, string>>,
): z.ZodType<ValuesOf<O>> {
  const properties = Object.entries(options).map(([name, { allowed, default: value, description }]) => {
    // NOTE: a copy, because a default is handed out as it is.
    return [name, schemas(allowed).default(structuredClone(value)).describe(description)] as const;
  });
  const schema = z.strictObject(Object.fromEntries(properties)) as unknown as z.ZodType<ValuesOf<O>>;
  if (!check) return schema;
  return schema.superRefine((values, context) => {
    for (const [name, message] of Object.entries(check(values)))
      context.addIssue({ code: "custom", path: [name], message });
  });
}

function schemas(allowed: Allowed): z.ZodType {
  switch (allowed.kind) {
    case "number":
      return within(allowed.bounds);
    case "flag":
      return z.boolean();
    case "numbers":
      return z.array(within(allowed.each)).min(1);
    case "pairs": {
      const path = z.string().min(1);
      return z.array(z.strictObject({ teacher: path, student: path }));
    }
  }
}

function within({ whole = false, least, above, most, below }: Bounds): z.ZodNumber {
  let schema: z.ZodNumber = whole ? z.int() : z.number();
  if (least !== undefined) schema = schema.min(least);
  if (above !== undefined) schema = schema.gt(above);
  if (most !== undefined) schema = schema.max(most);
  if (below !== undefined) schema = schema.lt(below);
  return schema;
}
