/** @file The options of a method: each one's default, bounds and description. */
import type { PairedPaths } from "./observed.ts";

/** An option of a method. `option.weight(0.5, "weight of ...")` and its kin make them. */
export interface Option<Value> {
  readonly default: Value;
  /** For people, in `limbeck list methods NAME`. */
  readonly description: string;
  readonly allowed: AllowedValues;
}

/** By the option's name. */
export type Options = Readonly<Record<string, Option<unknown>>>;

/** The values of a method's options. */
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

/** What values an option takes. */
export type AllowedValues =
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
