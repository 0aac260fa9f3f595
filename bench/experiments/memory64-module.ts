/** @file Loops over memory as WebAssembly with addresses of 32 or of 64 bits. https://webassembly.github.io/spec/core/binary/ */
import { unsigned } from "../../src/engine/wasm/emit/code.ts";

/** Encoded instructions. */
export type Bytes = readonly number[];

/** Instructions one after the other. */
export function seq(...parts: readonly Bytes[]): Bytes {
  return parts.flat();
}

/** Opcodes, and what an address is in JavaScript. */
interface AddressType {
  readonly type: number;
  readonly constant: number;
  readonly add: number;
  readonly lessUnsigned: number;
  /** Of a memory with a maximum. */
  readonly limits: number;
  readonly of: (value: number) => number | bigint;
}

export const addressTypes = {
  32: { type: 0x7f, constant: 0x41, add: 0x6a, lessUnsigned: 0x49, limits: 1, of: Number },
  64: { type: 0x7e, constant: 0x42, add: 0x7c, lessUnsigned: 0x54, limits: 5, of: BigInt },
} as const satisfies Record<number, AddressType>;

/** A loop that reads two arrays. */
export interface Loop {
  readonly name: string;
  /** Of the first array, all of which it reads in a turn. */
  readonly bytes: number;
  /** Bytes that the two addresses, locals 0 and 1, advance by. */
  readonly steps: readonly [number, number];
  /** How many vector locals are sums, from `first` on, and how many more it needs. */
  readonly sums: number;
  readonly others: number;
  body(first: number): Bytes;
  /** Floating-point operations of a turn. */
  readonly flops: number;
}

/** Runs a loop so many times. */
export type Run = (turns: number) => void;

/** Where the sums are stored. */
const resultsAt = 65_536;
const i32Type = 0x7f;
const v128Type = 0x7b;

/**
 * The loop in a memory of at most so many 64 KiB pages, the second array behind the first.
 * NOTE: modules of the same bytes share their machine code, whatever V8's switches are by now, so a `note` tells them apart.
 */
export function compiled(loop: Loop, bits: 32 | 64, pages: number, note: string): Run {
  const address: AddressType = addressTypes[bits];
  const { type, limits } = address;
  const code = bodyOf(loop, address);
  const locals = [2, 2, type, ...unsigned(loop.sums + loop.others), v128Type];
  const entry = seq(locals, code, [0x0b]);
  const module = Uint8Array.from(
    seq(
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, [1, 0x60, 4, type, type, type, i32Type, 0]),
      section(3, [1, 0]),
      section(5, [1, limits, ...unsigned(16), ...unsigned(pages)]),
      section(7, [1, ...text("run"), 0, 0]),
      section(10, [1, ...unsigned(entry.length), ...entry]),
      section(0, [...text("note"), ...text(note)]),
    ),
  );
  const run = new WebAssembly.Instance(new WebAssembly.Module(module)).exports["run"] as (...given: unknown[]) => void;
  const given = [0, loop.bytes, loop.bytes].map(address.of);
  return (turns) => run(...given, turns);
}

/** Parameters: two addresses, the end of the first array, turns; then a copy of each address, and the vectors. */
function bodyOf({ steps, sums, body }: Loop, { constant, add, lessUnsigned }: AddressType): Bytes {
  const first = 6;
  const advance = (local: number, by: number): Bytes =>
    by === 0 ? [] : set(local, seq(get(local), [constant, ...signed(by)], [add]));
  const again = seq(get(0), get(2), [lessUnsigned, 0x0d, 0]);
  const inner = seq(begin, body(first), advance(0, steps[0]), advance(1, steps[1]), again, end);
  const countDown = seq(set(3, seq(get(3), [0x41, 1, 0x6b])), get(3), [0x0d, 0]);
  const results = Array.from({ length: sums }, (_, i) =>
    seq(get(4), get(first + i), [0xfd, 11, 2, ...unsigned(resultsAt + 16 * i)]),
  );
  const keep = seq(set(4, get(0)), set(5, get(1)));
  return seq(keep, begin, set(0, get(4)), set(1, get(5)), inner, countDown, end, ...results);
}

const begin: Bytes = [0x03, 0x40];
const end: Bytes = [0x0b];

export const get = (local: number): Bytes => [0x20, ...unsigned(local)];
export const set = (local: number, value: Bytes): Bytes => seq(value, [0x21, ...unsigned(local)]);
export const load = (address: number, offset: number): Bytes => seq(get(address), [0xfd, 0, 2, ...unsigned(offset)]);
export const loadSplat = (address: number, offset: number): Bytes =>
  seq(get(address), [0xfd, 9, 2, ...unsigned(offset)]);
export const add = (a: Bytes, b: Bytes): Bytes => seq(a, b, [0xfd, ...unsigned(0xe4)]);
export const multiplyAdd = (a: Bytes, b: Bytes, c: Bytes): Bytes => seq(a, b, c, [0xfd, ...unsigned(0x105)]);

function signed(value: number): number[] {
  const low = value & 0x7f;
  const rest = value >> 7;
  return rest === 0 && !(low & 0x40) ? [low] : [low | 0x80, ...signed(rest)];
}

function section(id: number, content: Bytes): Bytes {
  return [id, ...unsigned(content.length), ...content];
}

function text(value: string): number[] {
  const bytes = new TextEncoder().encode(value);
  return [...unsigned(bytes.length), ...bytes];
}
