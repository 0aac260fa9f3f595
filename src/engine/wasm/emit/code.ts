/**
 * @file WebAssembly instructions as expressions: each function returns the bytes that leave its result on the stack.
 * https://webassembly.github.io/spec/core/binary/instructions.html
 */
import { elementAt } from "../../../elements.ts";

/** Encoded instructions: bytes, or parts that follow each other. `length` counts bytes. A local is the code that reads it. */
export type Code = readonly number[] | Parts;

/** Code, or several that follow each other. */
export type Body = Code | readonly Code[];

/** Shares what it is made of, so that nothing is copied until a function is encoded. NOTE: no list, so that it is not taken for bytes. */
class Parts {
  readonly list: readonly (Code | number)[];
  readonly length: number;

  constructor(list: readonly (Code | number)[]) {
    this.list = list;
    let length = 0;
    for (const part of list) length += typeof part === "number" ? 1 : part.length;
    this.length = length;
  }
}

function parts(...list: readonly (Code | number)[]): Code {
  return new Parts(list);
}

/** Code as its bytes. */
export function encode(code: Code): Uint8Array {
  const bytes = new Uint8Array(code.length);
  encodeAt(bytes, 0, code);
  return bytes;
}

/** Puts code's bytes at `at`; returns where they end. */
function encodeAt(bytes: Uint8Array, at: number, code: Code): number {
  const list = code instanceof Parts ? code.list : code;
  for (let i = 0; i < list.length; i++) {
    const part = elementAt(list, i);
    if (typeof part === "number") bytes[at++] = part;
    else at = encodeAt(bytes, at, part);
  }
  return at;
}

export type ValueType = "i32" | "f32" | "v128";

/** A local variable or parameter of the function being written: code that leaves its value on the stack. */
export class Local extends Parts {
  readonly index: number;
  readonly type: ValueType;

  constructor(index: number, type: ValueType) {
    super([0x20, unsigned(index)]);
    this.index = index;
    this.type = type;
  }
}

/** `Count` items; a list where that is no known number. */
export type Tuple<Item, Count extends number, Found extends Item[] = []> = number extends Count
  ? Item[]
  : Found["length"] extends Count
    ? Found
    : Tuple<Item, Count, [...Found, Item]>;

/** The items, of which there have to be so many. */
export function exactly<Item, Count extends number>(count: Count, items: readonly Item[]): Tuple<Item, Count> {
  if (items.length !== count) throw new Error(`there should be ${count} items, got ${items.length}`);
  return items as Tuple<Item, Count>;
}

/** Unsigned LEB128. */
export function unsigned(value: number): readonly number[] {
  return singleBytes[value] ?? longUnsigned(value);
}

const singleBytes: readonly (readonly number[])[] = Array.from({ length: 128 }, (_, value) => [value]);

function longUnsigned(value: number): number[] {
  const bytes: number[] = [];
  do {
    const low = value % 128;
    value = Math.floor(value / 128);
    bytes.push(value > 0 ? low | 0x80 : low);
  } while (value > 0);
  return bytes;
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  for (;;) {
    const low = value & 0x7f;
    value >>= 7;
    if ((value === 0 && !(low & 0x40)) || (value === -1 && low & 0x40)) {
      bytes.push(low);
      return bytes;
    }
    bytes.push(low | 0x80);
  }
}

/** Instructions one after the other. */
export function seq(...list: readonly Code[]): Code {
  return new Parts(list);
}

export function set(local: Local, value: Code): Code {
  return parts(value, 0x21, unsigned(local.index));
}

/** A whole number: a constant, or what code leaves on the stack. */
export type Int = number | Code;

/** A whole number on the stack. */
export function int(value: Int): Code {
  if (typeof value !== "number") return value;
  const { base, rest } = resolve(value);
  if (!base) return [0x41, ...signed(rest | 0)];
  return rest === 0 ? base : parts(base, 0x41, ...signed(rest | 0), 0x6a);
}

/** What numbers that stand for a parameter are multiples of; a difference of two, or twice one, is none of them. */
const standInStep = 2 ** 36;
const firstStandIn = 2 ** 16;

/**
 * A number in the place of an address that is known only as what a parameter of the function holds. Numbers can be added to
 * it and taken from it; nothing else has a meaning, and code refuses to be written of it.
 */
export function standIn(parameter: Local): number {
  return (firstStandIn + parameter.index) * standInStep;
}

/** A number as what it is, or as a parameter and what is added to it. */
function resolve(value: number): { readonly base: Code | null; readonly rest: number } {
  if (value >= -(2 ** 31) && value < 2 ** 32) return { base: null, rest: value };
  const multiple = Math.round(value / standInStep);
  const rest = value - multiple * standInStep;
  if (!(multiple >= firstStandIn && multiple < 2 * firstStandIn && Math.abs(rest) < 2 ** 32))
    throw new Error(`${value} is neither a number of 32 bits nor an address that a parameter holds`);
  return { base: parts(0x20, unsigned(multiple - firstStandIn)), rest };
}

/** An instruction with its alignment, and what it takes: the address, `offset` bytes before the place, and a value, if it takes one. */
function access(instruction: readonly number[], offset: number, address: Code, value: Code = []): Code {
  const { base, rest } = resolve(offset);
  if (!base) return parts(address, value, instruction, unsigned(rest));
  const from = parts(address, base, 0x6a);
  return rest < 0 ? parts(i32.add(from, rest), value, instruction, 0) : parts(from, value, instruction, unsigned(rest));
}

/** Instructions that read, and that write, at multiples of 2 to the power of `alignment` if they are to be fast. */
function loading(opcode: readonly number[], alignment: number): (address: Code, offset?: number) => Code {
  const instruction = [...opcode, alignment];
  return (address, offset = 0) => access(instruction, offset, address);
}

function storing(opcode: readonly number[], alignment: number): (address: Code, value: Code, offset?: number) => Code {
  const instruction = [...opcode, alignment];
  return (address, value, offset = 0) => access(instruction, offset, address, value);
}

/** The same for one lane of a vector. */
function ofLane(
  opcode: readonly number[],
  alignment: number,
): (address: Code, value: Code, offset: number, lane: number) => Code {
  const instruction = [...opcode, alignment];
  return (address, value, offset, lane) => parts(access(instruction, offset, address, value), lane);
}

const binary =
  (opcode: number) =>
  (a: Int, b: Int): Code =>
    parts(int(a), int(b), opcode);

export const i32 = {
  add: (a: Int, b: Int): Code => (b === 0 ? int(a) : parts(int(a), int(b), 0x6a)),
  sub: binary(0x6b),
  mul: (a: Int, b: Int): Code => (b === 1 ? int(a) : parts(int(a), int(b), 0x6c)),
  divUnsigned: binary(0x6e),
  remUnsigned: binary(0x70),
  and: binary(0x71),
  ltSigned: binary(0x48),
  ltUnsigned: binary(0x49),
  geSigned: binary(0x4e),
  eq: binary(0x46),
  shl: binary(0x74),
  shrUnsigned: binary(0x76),
  load: loading([0x28], 2),
  store: storing([0x36], 2),
  load8Signed: loading([0x2c], 0),
  load8Unsigned: loading([0x2d], 0),
  load16Unsigned: loading([0x2f], 1),
  store8: storing([0x3a], 0),
  store16: storing([0x3b], 1),
} as const;

/** The sum of terms, a pair being an index times its step: `address(image, [row, rowBytes], [column, 16])`. */
export function address(...terms: readonly (Int | readonly [index: Code, step: Int])[]): Code {
  return terms.map((term) => (isPair(term) ? i32.mul(term[0], term[1]) : int(term))).reduce((a, b) => i32.add(a, b));
}

/** Adds to a local. */
export function advance(local: Local, by: Int): Code {
  return set(local, i32.add(local, by));
}

/** NOTE: code is a list of numbers, whose first is none of these. */
function isPair(term: Int | readonly [Local | Code, Int]): term is readonly [Code, Int] {
  return Array.isArray(term) && typeof term[0] === "object";
}

const f32Binary =
  (opcode: number) =>
  (a: Code, b: Code): Code =>
    parts(a, b, opcode);

const float = new Float32Array(1);
const floatBytes = new Uint8Array(float.buffer);

function bytesOfFloat(value: number): number[] {
  float[0] = value;
  return [...floatBytes];
}

export const f32 = {
  const: (value: number): Code => [0x43, ...bytesOfFloat(value)],
  load: loading([0x2a], 2),
  store: storing([0x38], 2),
  add: f32Binary(0x92),
  mul: f32Binary(0x94),
  sub: f32Binary(0x93),
  gt: f32Binary(0x5e),
  ne: f32Binary(0x5c),
  /** NaN if either is. */
  max: f32Binary(0x97),
} as const;

/** SIMD opcodes are LEB128 after a 0xfd prefix. */
const simd = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];

const vectorUnary = (opcode: number): ((x: Code) => Code) => {
  const instruction = simd(opcode);
  return (x) => parts(x, instruction);
};
const vectorBinary = (opcode: number): ((a: Code, b: Code) => Code) => {
  const instruction = simd(opcode);
  return (a, b) => parts(a, b, instruction);
};

export const v128 = {
  load: loading(simd(0x00), 4),
  load32Splat: loading(simd(0x09), 2),
  store: storing(simd(0x0b), 4),
  load32Lane: ofLane(simd(0x56), 2),
  store32Lane: ofLane(simd(0x5a), 2),
  /** Eight bytes, each as a number of 16 bits. */
  load8x8Signed: loading(simd(0x01), 3),
  load8x8Unsigned: loading(simd(0x02), 3),
  /** Eight bytes, and eight zeros. */
  load64Zero: loading(simd(0x5d), 3),
  store64Lane: ofLane(simd(0x5b), 3),
  /** Sixteen bytes: 0 to 15 are those of a, 16 to 31 those of b. */
  shuffleBytes: (a: Code, b: Code, bytes: readonly number[]): Code => parts(a, b, ...simd(0x0d), ...exactly(16, bytes)),
  /** Four numbers of 32 bits: 0 to 3 are those of a, 4 to 7 those of b. */
  shuffle: (a: Code, b: Code, lanes: readonly [number, number, number, number]): Code =>
    parts(a, b, ...simd(0x0d), ...lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => lane * 4 + byte))),
  and: vectorBinary(0x4e),
  andNot: vectorBinary(0x4f),
  or: vectorBinary(0x50),
  /** Bits of a where mask is set, of b elsewhere. */
  bitSelect: (a: Code, b: Code, mask: Code): Code => parts(a, b, mask, ...simd(0x52)),
} as const;

/** Bytes, as numbers from 0 to 255. */
export const u8x16 = {
  const: (value: number): Code => [...simd(0x0c), ...Array.from({ length: 16 }, () => value)],
  min: vectorBinary(0x77),
  max: vectorBinary(0x79),
  /** Eight signed numbers of 16 bits of a, then those of b, held between 0 and 255. */
  narrowI16: vectorBinary(0x66),
} as const;

export const i16x8 = {
  add: vectorBinary(0x8e),
  sub: vectorBinary(0x91),
  /**
   * Sums of two products each, of signed bytes of a and bytes of b. Relaxed: the same everywhere where b's are from 0 to 127, and a's
   * from -127 on.
   */
  relaxedDotI8: vectorBinary(0x112),
  const: (value: number): Code => [
    ...simd(0x0c),
    ...Array.from({ length: 8 }, () => [value & 0xff, (value >> 8) & 0xff]).flat(),
  ],
  min: vectorBinary(0x96),
  max: vectorBinary(0x98),
  /** Four numbers of a, then those of b, held between -32768 and 32767. */
  narrowI32: vectorBinary(0x85),
} as const;

export const i32x4 = {
  splat: (x: Int): Code => parts(int(x), ...simd(0x11)),
  const: (value: number): Code => [
    ...simd(0x0c),
    ...Array.from({ length: 4 }, () => [0, 8, 16, 24].map((bits) => (value >> bits) & 0xff)).flat(),
  ],
  extractLane: (x: Code, lane: number): Code => parts(x, ...simd(0x1b), lane),
  /** The first and the last four of eight signed numbers of 16 bits. */
  extendLowI16: vectorUnary(0xa7),
  extendHighI16: vectorUnary(0xa8),
  /** Sums of two products each of signed numbers of 16 bits. */
  dotI16: vectorBinary(0xba),
  /**
   * c plus sums of four products each, of signed bytes of a and bytes of b. Relaxed: it is the same everywhere only where b's are from 0 to
   * 127 and sums of two products within 16 bits, as those of a's from -127 to 127 are.
   */
  relaxedDotI8AddTo: (a: Code, b: Code, c: Code): Code => parts(a, b, c, ...simd(0x113)),
  add: vectorBinary(0xae),
  sub: vectorBinary(0xb1),
  shl: (x: Code, bits: number): Code => parts(x, int(bits), ...simd(0xab)),
  shrSigned: (x: Code, bits: Int): Code => parts(x, int(bits), ...simd(0xac)),
  truncSat: vectorUnary(0xf8),
} as const;

const vectorConstant = simd(0x0c);
const relaxedMadd = simd(0x105);

export const f32x4 = {
  const: (value: number): Code => {
    const bytes = bytesOfFloat(value);
    return parts(vectorConstant, bytes, bytes, bytes, bytes);
  },
  splat: vectorUnary(0x13),
  extractLane: (x: Code, lane: number): Code => parts(x, ...simd(0x1f), lane),
  eq: vectorBinary(0x41),
  ne: vectorBinary(0x42),
  lt: vectorBinary(0x43),
  gt: vectorBinary(0x44),
  le: vectorBinary(0x45),
  ge: vectorBinary(0x46),
  nearest: vectorUnary(0x6a),
  abs: vectorUnary(0xe0),
  neg: vectorUnary(0xe1),
  sqrt: vectorUnary(0xe3),
  add: vectorBinary(0xe4),
  sub: vectorBinary(0xe5),
  mul: vectorBinary(0xe6),
  div: vectorBinary(0xe7),
  /** NaN if either is. */
  min: vectorBinary(0xe8),
  max: vectorBinary(0xe9),
  convertI32: vectorUnary(0xfa),
  /** The smaller and the larger; a where one is no number. */
  pseudoMin: vectorBinary(0xea),
  pseudoMax: vectorBinary(0xeb),
  /** a·b + c, rounded once or twice as the processor pleases. */
  relaxedMadd: (a: Code, b: Code, c: Code): Code => parts(a, b, c, relaxedMadd),
} as const;

/** Runs `body` for i = 0, 1, … below `count`. */
export function repeat(i: Local, count: Int, body: Body): Code {
  return forRange(i, 0, count, 1, body);
}

/** Runs `body` for i = from, from + step, … below `to`. Nothing is tested first where both ends are numbers and the loop runs. */
export function forRange(i: Local, from: Int, to: Int, step: number, body: Body): Code {
  const turn = joined(body);
  const loop = parts(0x03, 0x40, turn, advance(i, step), i32.ltSigned(i, to), 0x0d, 0, 0x0b);
  if (typeof from === "number" && typeof to === "number") {
    if (from >= to) return [];
    if (from + step >= to) return parts(set(i, int(from)), turn);
    return parts(set(i, int(from)), loop);
  }
  return parts(set(i, int(from)), when(i32.ltSigned(i, to), loop));
}

/** Runs `then` if the condition is not 0, else `otherwise`. */
export function when(condition: Code, then: Body, otherwise: Body = []): Code {
  const alternative = joined(otherwise);
  const branches = alternative.length > 0 ? parts(joined(then), 0x05, alternative) : joined(then);
  return parts(condition, 0x04, 0x40, branches, 0x0b);
}

function joined(body: Body): Code {
  return body instanceof Parts ? body : new Parts(body);
}

/** a if the condition is not 0, else b. */
export function select(a: Code, b: Code, condition: Code): Code {
  return parts(a, b, condition, 0x1b);
}

/** The smaller of two i32 values, as signed numbers. `a` and `b` are evaluated twice. */
export function min(a: Int, b: Int): Code {
  return select(int(a), int(b), i32.ltSigned(a, b));
}

export function call(index: number, ...args: readonly Code[]): Code {
  return parts(...args, 0x10, ...unsigned(index));
}
