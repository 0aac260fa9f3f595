/** @file Parsers of option values, each checked as it is read. They throw commander's error for a bad one. */
import { InvalidArgumentError } from "commander";
import type { PairedPaths } from "../distill/index.ts";
import { defaultEngine, engineRequests } from "../engine/engines.ts";

/** The names of engines, for help: `auto, wasm, webgpu or reference (default: auto)`. */
export const anEngineName = `${new Intl.ListFormat("en-GB", { type: "disjunction" }).format(Object.keys(engineRequests))} (default: ${defaultEngine})`;

/** Whole numbers, `least` and above. */
export function whole(least: number, most: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`It should be a whole number ${range}.`);
  };
}

/** A probability that leaves something: 0 <= p < 1. */
export function probability(text: string): number {
  const value = decimal(text);
  if (value >= 0 && value < 1) return value;
  throw new InvalidArgumentError("It should be a number from 0 to below 1.");
}

/** A number above 0. */
export function positive(text: string): number {
  const value = decimal(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("It should be a number above 0.");
}

/** A number from 0. */
export function fromZero(text: string): number {
  const value = decimal(text);
  if (value >= 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("It should be a number from 0.");
}

/** NaN unless the text is a plain decimal number. */
function decimal(text: string): number {
  return /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

/** A share: `20%`. */
export function share(text: string): string {
  if (/^\d+(\.\d+)?%$/.test(text) && Number.parseFloat(text) > 0 && Number.parseFloat(text) < 100) return text;
  throw new InvalidArgumentError("It should be a share above 0% and below 100%, such as 20%.");
}

/** How many, or a share. */
export function wholeOrShare(text: string): number | string {
  return text.endsWith("%") ? share(text) : whole(1)(text);
}

/** `0.5,0.4,0.4`, which may be repeated. */
export function decimals(text: string, before: readonly number[] = []): number[] {
  const numbers = text.split(",").map((word) => Number(word.trim() || Number.NaN));
  if (numbers.every(Number.isFinite)) return [...before, ...numbers];
  throw new InvalidArgumentError("It should be numbers with commas between them.");
}

/** A path. An empty one would mean the working folder; it comes of a shell variable that is not set. */
export function path(text: string): string {
  if (text !== "") return text;
  throw new InvalidArgumentError("It should be a path.");
}

/** An option that may be repeated: all its values, in order. */
export function repeated<Value>(parse: (text: string) => Value): (text: string, before?: readonly Value[]) => Value[] {
  return (text, before = []) => [...before, parse(text)];
}

/** `a,b,c`, which may be repeated. */
export function listed(text: string, before: readonly string[] = []): string[] {
  return [...before, ...text.split(",").map((name) => name.trim())];
}

/** Whole numbers from 1: `150,180,210`. */
export function wholeNumbers(text: string): number[] {
  return listed(text).map((word) => {
    if (/^\d+$/.test(word) && Number(word) > 0) return Number(word);
    throw new InvalidArgumentError("It should be whole numbers from 1 with commas between them.");
  });
}

/** `teacher=student`, two places to compare, which may be repeated. */
export function pairOfPlaces(text: string, before: readonly PairedPaths[] = []): PairedPaths[] {
  const [teacher, student, ...rest] = text.split("=");
  if (teacher && student && rest.length === 0) return [...before, { teacher, student }];
  throw new InvalidArgumentError("It should be TEACHER=STUDENT, a module's path of each: layer2=features.4.");
}

/** `pattern=number`, of parameters whose names fit: the pattern and the number. */
export function numberFor(text: string): { readonly parameters: string; readonly value: number } {
  const at = text.lastIndexOf("=");
  const value = decimal(text.slice(at + 1));
  if (at > 0 && value >= 0 && Number.isFinite(value)) return { parameters: text.slice(0, at), value };
  throw new InvalidArgumentError("It should be PATTERN=NUMBER: '*.bias=0'.");
}

/** A list of these, which may be repeated; `none` for an empty one, whatever a recipe has. */
export function orNone<Value>(
  parse: (text: string) => Value,
): (text: string, before?: readonly Value[]) => readonly Value[] {
  return (text, before = []) => (text === "none" ? [] : [...before, parse(text)]);
}

/** `pattern=64x`. */
export function factorFor(text: string): ReturnType<typeof numberFor> {
  if (text.endsWith("x")) return numberFor(text.slice(0, -1));
  throw new InvalidArgumentError("It should be PATTERN=FACTORx, times the learning rate: '*.bias=64x'.");
}

/** `name=value`, repeated for each name. Values that read as JSON are taken so: `temperature=4`. */
export function namedValue(text: string, before: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("It should be name=value.");
  return { ...before, [text.slice(0, at)]: jsonOrText(text.slice(at + 1)) };
}

/** The same for an option of a network, whose value may be numbers with commas between them: `widths=64,256,256`. */
export function namedSetting(text: string, before: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const [name, numbers] = /^([^=]+)=(\d+(?:,\d+)+)$/.exec(text)?.slice(1) ?? [];
  return name === undefined || numbers === undefined
    ? namedValue(text, before)
    : { ...before, [name]: numbers.split(",").map(Number) };
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
