/** @file The options of a method: each one's default, bounds and description. */
import type { PairedPaths } from "./observed.ts";

/** An option of a method. `option.weight(0.5, "weight of ...")` and its kin make them. */
export interface Option<Value> {
  readonly default: Value;
  /** For people, in `limbeck list methods NAME`. */
  readonly description: string;
  readonly allowed: AllowedValues;
  /** Where tuning looks for a value; without it, the value stays as it is. */
  readonly search?: SearchRange | undefined;
  /** Of a number of epochs: it shrinks with a training that is shortened. */
  readonly unit?: "epochs";
}

/** Where tuning looks for a number: evenly between both ends, or evenly between their logarithms. */
export interface SearchRange {
  readonly from: number;
  readonly to: number;
  readonly scale: "linear" | "log";
}

/** How an option is tuned; `false` for one that makes another network, say. */
export interface Tuned {
  readonly search?: SearchRange | false;
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

/** A number within bounds; tuning leaves it as it is unless a range is given. */
export function number(
  value: number,
  description: string,
  bounds: Bounds = {},
  { search }: Tuned = {},
): Option<number> {
  return { default: value, description, allowed: { kind: "number", bounds }, search: search || undefined };
}

/** What a loss is multiplied by: 0 or more. Tuning tries a tenth to ten times of it; a weight of 0 stays. */
export function weight(value: number, description: string): Option<number> {
  return number(value, description, { least: 0 }, { search: around(value, 10) });
}

/** A number above 0: a temperature, say. Tuning tries a quarter to four times of it, unless another range or none is given. */
export function positive(
  value: number,
  description: string,
  { search = around(value, 4) }: Tuned = {},
): Option<number> {
  return number(value, description, { above: 0 }, { search });
}

/** From the value divided by the factor to the value times it, log-uniform; none for 0. */
export function around(value: number, factor: number): SearchRange | false {
  return value > 0 && { from: value / factor, to: value * factor, scale: "log" };
}

/** A whole number from 1: channels, say. */
export function count(value: number, description: string): Option<number> {
  return number(value, description, { whole: true, above: 0 });
}

/** A whole number of epochs, from 1. */
export function epochs(value: number, description: string): Option<number> {
  return { ...count(value, description), unit: "epochs" };
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
