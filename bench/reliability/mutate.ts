/** @file Damage: bytes and JSON that were valid, changed at random. */
import type { Stream } from "../../src/data/stream.ts";

export function pick<T>(random: Stream, from: readonly T[]): T {
  return from[random.below(from.length)]!;
}

/** The bytes with one to four changes, which may undo each other. */
export function mutateBytes(bytes: Uint8Array, random: Stream): Uint8Array {
  let changed: Uint8Array = Uint8Array.from(bytes);
  for (let left = 1 + random.below(4); left > 0; left--) changed = pick(random, changes)(changed, random);
  return changed;
}

type Change = (bytes: Uint8Array, random: Stream) => Uint8Array;

/** Where damage likes to sit: anywhere, or at the beginning, where headers are. */
function place(bytes: Uint8Array, random: Stream): number {
  return random.below(random.below(2) === 0 ? bytes.length + 1 : Math.min(bytes.length + 1, 16));
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const noise = (count: number, random: Stream): Uint8Array =>
  Uint8Array.from({ length: count }, () => random.below(256));

/** Numbers of four or eight bytes that lengths and offsets are lost by. */
const words = [0n, 1n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];

const changes: readonly Change[] = [
  (bytes, random) => {
    if (bytes.length > 0) bytes[place(bytes, random) % bytes.length]! ^= 1 << random.below(8);
    return bytes;
  },
  (bytes, random) => {
    if (bytes.length > 0) bytes[place(bytes, random) % bytes.length] = random.below(256);
    return bytes;
  },
  (bytes, random) => bytes.slice(0, place(bytes, random)),
  (bytes, random) => bytes.slice(place(bytes, random)),
  (bytes, random) => join(bytes, noise(random.below(600), random)),
  (bytes, random) => join(bytes, new Uint8Array(random.below(600))),
  (bytes, random) => {
    const at = place(bytes, random);
    return join(bytes.subarray(0, at), noise(1 + random.below(12), random), bytes.subarray(at));
  },
  (bytes, random) => {
    const at = place(bytes, random);
    return join(bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(12)));
  },
  (bytes, random) => {
    const [from, to] = [place(bytes, random), place(bytes, random)];
    return bytes.copyWithin(to, from, from + random.below(64));
  },
  (bytes, random) => bytes.fill(pick(random, [0, 0x20, 0xff]), place(bytes, random), place(bytes, random)),
  (bytes, random) => {
    const [at, size] = [place(bytes, random), pick(random, [4, 8])];
    if (at + size > bytes.length) return bytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (size === 8) view.setBigUint64(at, pick(random, words), true);
    else view.setUint32(at, Number(BigInt.asUintN(32, pick(random, words))), true);
    return bytes;
  },
];

/** What stands for `Raw` text in a value until it is written. */
const mark = "\u0001raw";

/** JSON of the value with one to three changes: other types, huge numbers, keys that are left out, there twice or `__proto__`, deep nesting. */
export function mutateJson(value: unknown, random: Stream): string {
  let changed = value;
  let raw = "0";
  for (let left = 1 + random.below(3); left > 0; left--) {
    raw = pick(random, raws);
    changed = changeNode(changed, random);
  }
  const text = JSON.stringify(changed).replaceAll(JSON.stringify(mark), raw);
  const at = random.below(text.length + 1);
  switch (random.below(12)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.replace(/"(\w+)":/, (key, name: string) => `"${name}":null,${key}`); // a key twice
    case 2:
      return (
        text.slice(0, at) + pick(random, ["{", "}", "[", "]", ",", '"', "\\", "\0", "é", "NaN", "-"]) + text.slice(at)
      );
    default:
      return text;
  }
}

const raws: readonly string[] = [
  "1e999",
  "-1e999",
  "-0",
  "1e308",
  "5e-324",
  "9007199254740993",
  "18446744073709551616",
  `${"[".repeat(20)}${"]".repeat(20)}`,
  `${"[".repeat(5000)}${"]".repeat(5000)}`,
  `${'{"a":'.repeat(40)}1${"}".repeat(40)}`,
  `"${"x".repeat(5000)}"`,
  '{"__proto__":{"polluted":1}}',
  '{"constructor":{"prototype":{"polluted":1}}}',
  '"\\ud800"',
];

const keys = ["__proto__", "constructor", "toString", "", "0", "\u0000", "length"];

function changeNode(value: unknown, random: Stream): unknown {
  if (typeof value !== "object" || value === null || random.below(4) === 0) return another(value, random);
  const entries = Object.entries(value);
  const at = random.below(entries.length);
  switch (random.below(8)) {
    case 0:
      entries.splice(at, 1);
      break;
    case 1:
      entries.push([pick(random, keys), another(undefined, random)]);
      break;
    case 2:
      if (entries.length > 0) entries.push([`${entries[at]![0]}2`, entries[at]![1]]);
      break;
    default:
      if (entries.length > 0) entries[at] = [entries[at]![0], changeNode(entries[at]![1], random)];
  }
  return Array.isArray(value) ? entries.map(([, each]) => each) : Object.fromEntries(entries);
}

function another(value: unknown, random: Stream): unknown {
  if (typeof value === "number" && random.below(2) === 0) {
    return pick(random, [-value, value + 1, value - 1, value * 2 ** 31, value / 2, value + 0.5]);
  }
  if (typeof value === "string" && random.below(2) === 0) {
    return pick(random, [value.toUpperCase(), `${value}x`, "", value.slice(1), "__proto__", "toString"]);
  }
  return pick(random, [
    mark,
    mark,
    null,
    true,
    false,
    0,
    1,
    -1,
    0.5,
    2 ** 31,
    2 ** 53,
    1e15,
    "",
    "a",
    [],
    {},
    [0],
    { a: 1 },
  ]);
}
