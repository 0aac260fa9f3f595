/** @file What a caller may give by mistake: values of every type, at and beyond the edges of what is meant. */
import type { Stream } from "../../../src/data/stream.ts";
import { constant, input } from "../../../src/tensor/index.ts";
import { pick } from "../mutate.ts";

/** NOTE: numbers that are large and whole are beyond all memory, so that what tried to use them would fail at once. */
const wrong: readonly (() => unknown)[] = [
  () => undefined,
  () => null,
  () => true,
  () => Number.NaN,
  () => Infinity,
  () => -1,
  () => 0,
  () => 0.5,
  () => 7,
  () => 2 ** 40,
  () => 2 ** 53,
  () => 1e308,
  () => 10n,
  () => "",
  () => "conv2d",
  () => "__proto__",
  () => Symbol("symbol"),
  () => ({}),
  () => Object.create(null) as unknown,
  () => ({ shape: [1, 2], length: 3, size: 2 }),
  () => [],
  () => [1, 2],
  () => [null],
  () => ["a"],
  () => new Map(),
  () => new Set([1]),
  () => new Date(0),
  () => () => undefined,
  () => new Float32Array(3),
  () => new Int32Array(2),
  () => new Uint8Array(5),
  () => constant(1),
  () => input("x", [2]),
  () => input("x", [2, 3]),
  () => input("x", [2, 3, 8, 8]),
  () => input("labels", [2], "int32"),
  () => input("labels", [3], "int32"),
];

export function wrongValue(random: Stream): unknown {
  return pick(random, wrong)();
}

/** The value with one of its own properties, or one of theirs, exchanged for a wrong one; what is no plain object or list is exchanged itself. */
export function spoilt(value: unknown, random: Stream): unknown {
  if (random.below(2) === 0 || !isPlain(value)) return wrongValue(random);
  const keys = Object.keys(value);
  if (keys.length === 0) return wrongValue(random);
  const key = pick(random, keys);
  const inner = spoilt((value as Record<string, unknown>)[key], random);
  if (Array.isArray(value)) return value.map((item, i) => (String(i) === key ? inner : (item as unknown)));
  return { ...value, [key]: inner };
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
