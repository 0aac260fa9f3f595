/** @file Values as text on a command line: read, each checked, and written. Readers throw ARGUMENT for a bad one, saying what it should be. */
import * as z from "zod/mini";
import { datasets } from "../../data/index.ts";
import type { PairedPaths } from "../../distill/index.ts";
import { LimbeckError } from "../../errors.ts";

/** Whole numbers, `least` and above. */
export function whole(least: number, most: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
    throw unlike(`It should be a whole number ${range}.`);
  };
}

/** A probability that leaves something: 0 <= p < 1. */
export function probability(text: string): number {
  const value = decimal(text);
  if (value >= 0 && value < 1) return value;
  throw unlike("It should be a number from 0 to below 1.");
}

/** A number above 0. */
export function positive(text: string): number {
  const value = decimal(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw unlike("It should be a number above 0.");
}

/** A number from 0. */
export function fromZero(text: string): number {
  const value = decimal(text);
  if (value >= 0 && Number.isFinite(value)) return value;
  throw unlike("It should be a number from 0.");
}

/** NaN unless the text is a plain decimal number. */
function decimal(text: string): number {
  return /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

/** A share: `20%`. */
export function share(text: string): string {
  if (/^\d+(\.\d+)?%$/.test(text) && Number.parseFloat(text) > 0 && Number.parseFloat(text) < 100) return text;
  throw unlike("It should be a share above 0% and below 100%, such as 20%.");
}

/** Checks a share as people write it, `20%`: above 0, below 100. */
export function aShare(): z.ZodMiniType<string, string> {
  return z.string().check(
    z.regex(/^\d+(\.\d+)?%$/, "expected a share such as 20%"),
    z.refine((text) => shareOf(text) > 0 && shareOf(text) < 1, "expected a share above 0% and below 100%"),
  );
}

/** `20%` is 0.2. */
export function shareOf(text: string): number {
  return Number(text.slice(0, -1)) / 100;
}

/** How many, or a share. */
export function wholeOrShare(text: string): number | string {
  return text.endsWith("%") ? share(text) : whole(1)(text);
}

/** `0.5,0.4,0.4` */
export function decimals(text: string): number[] {
  const numbers = text.split(",").map((word) => Number(word.trim() || Number.NaN));
  if (numbers.every(Number.isFinite)) return numbers;
  throw unlike("It should be numbers with commas between them.");
}

/** A path. An empty one would mean the working folder; it comes of a shell variable that is not set. */
export function path(text: string): string {
  if (text !== "") return text;
  throw unlike("It should be a path.");
}

/** `a,b,c` */
export function listed(text: string): string[] {
  return text.split(",").map((name) => name.trim());
}

/** Whole numbers from 1: `150,180,210`. */
export function wholeNumbers(text: string): number[] {
  return listed(text).map((word) => {
    if (/^\d+$/.test(word) && Number(word) > 0) return Number(word);
    throw unlike("It should be whole numbers from 1 with commas between them.");
  });
}

/** `teacher=student`, two places to compare. */
export function pairOfPlaces(text: string): PairedPaths {
  const [teacher, student, ...rest] = text.split("=");
  if (teacher && student && rest.length === 0) return { teacher, student };
  throw unlike("It should be TEACHER=STUDENT, a module's path of each: layer2=features.4.");
}

/** `pattern=number`, of parameters whose names fit: the pattern and the number. */
export function numberFor(text: string): { readonly parameters: string; readonly value: number } {
  const at = text.lastIndexOf("=");
  const value = decimal(text.slice(at + 1));
  if (at > 0 && value >= 0 && Number.isFinite(value)) return { parameters: text.slice(0, at), value };
  throw unlike("It should be PATTERN=NUMBER: '*.bias=0'.");
}

/** One of these, or `none`. */
export function orNone<Value>(parse: (text: string) => Value): (text: string) => Value | "none" {
  return (text) => (text === "none" ? "none" : parse(text));
}

/** `pattern=64x`. */
export function factorFor(text: string): ReturnType<typeof numberFor> {
  if (text.endsWith("x")) return numberFor(text.slice(0, -1));
  throw unlike("It should be PATTERN=FACTORx, times the learning rate: '*.bias=64x'.");
}

/** `name=value`. Values that read as JSON are taken so: `temperature=4`. */
export function namedValue(text: string): Readonly<Record<string, unknown>> {
  const at = text.indexOf("=");
  if (at < 1) throw unlike("It should be name=value.");
  return { [text.slice(0, at)]: readValue(text.slice(at + 1)) };
}

/** The same for an option of a network, whose value may be numbers with commas between them: `widths=64,256,256`. */
export function namedSetting(text: string): Readonly<Record<string, unknown>> {
  const [name, numbers] = /^([^=]+)=(\d+(?:,\d+)+)$/.exec(text)?.slice(1) ?? [];
  return name === undefined || numbers === undefined ? namedValue(text) : { [name]: numbers.split(",").map(Number) };
}

function readValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A value that `namedValue` reads back as it is. */
export function writeValue(value: unknown): string {
  return typeof value === "string" && readValue(value) === value ? value : JSON.stringify(value);
}

/** The words of a repeated `--option name=value`. */
export function optionWords(usage: string): (options: Readonly<Record<string, unknown>>) => string[] {
  const flag = usage.replace(/ .*/, "");
  return (options) => Object.entries(options).flatMap(([name, value]) => [flag, `${name}=${writeValue(value)}`]);
}

/** Options with more of them, or others of the same names. */
export function intoOptions(before: unknown, part: unknown): Record<string, unknown> {
  return { ...(before as object | undefined), ...(part as object) };
}

/** A list with one more, or several. */
export function appendTo(before: unknown, part: unknown): unknown[] {
  return [...((before as unknown[] | undefined) ?? []), ...(Array.isArray(part) ? (part as unknown[]) : [part])];
}

function unlike(expected: string): LimbeckError {
  return new LimbeckError("ARGUMENT", expected);
}

/** Whether a name is the path of a module: it ends as files of JavaScript or TypeScript do. */
export function isModulePath(name: string): boolean {
  return /\.[cm]?[jt]s$/.test(name);
}

/** Whether a configuration's data set is a name of the table, whose images are what they are; else it is a path. */
export function isInTable(dataset: string): boolean {
  return Object.hasOwn(datasets, dataset);
}

/** Whether it is the path of pictures: neither a name of the table nor a module, whose images are what they are too. */
export function isPictures(dataset: string): boolean {
  return !isInTable(dataset) && !isModulePath(dataset);
}
