/** @file The ways in which integer students multiply and sum, by the instructions that there are for it. */
import { exactly, i16x8, i32x4, seq, set, u8x16, v128, type Code, type Local, type Tuple } from "../wasm/emit/code.ts";
import type { FunctionBuilder } from "../wasm/emit/module.ts";

/** How weights, which lie in vectors of four columns, are multiplied by activations, as many as a lane of 32 bits has. */
export interface Multiplier {
  /** Of a vector of weights, for one lane of activations. */
  readonly vectorBytes: number;
  /** How many lanes' products may be summed before they are added to 32 bits. */
  readonly mostTogether: 1 | 3;
  /** A vector of weights. */
  loadWeights(address: Code, offset: number): Code;
  /** sums + Σ weights·activations, in each of four lanes, of the lanes that follow each other; `ones` holds eight, of 16 bits. */
  addProducts(sums: Code, lanes: readonly Products[], ones: Local): Code;
}

/** How activations lie in memory, and how they are multiplied by weights, which are signed bytes. */
export interface Flavour extends Multiplier {
  readonly name: string;
  /** Of an activation in memory. */
  readonly bytes: 1 | 2;
  /** How many activations lie in 32 bits, whose products with as many weights one instruction sums. */
  readonly perLane: 2 | 4;
  /** How many sums a tile of a convolution has, which registers have room for beside the operands. */
  readonly mostSums: number;
  /** Whether Winograd's products of 16 bits, less than half as many, are the faster. */
  readonly prefersWinograd: boolean;
  /** The largest activation that it can take. */
  readonly mostTop: 255 | 127;
  /** Eight activations, in the low half where they are bytes. */
  loadEight(address: Code, offset: number): Code;
  /** Eight activations as numbers of 16 bits. */
  loadEightWide(address: Code, offset: number): Code;
  /** Holds eight numbers of 16 bits between 0 and `top` and stores them as activations. */
  storeEight(f: FunctionBuilder, address: Code, eight: Code, top: number, offset?: number): Code;
  /** Stores the first four of eight numbers of 16 bits, which are between 0 and `mostTop`, as activation `index` and the following. */
  storeFour(f: FunctionBuilder, address: Code, eight: Code, index: number): Code;
  /** The larger of each two activations, of eight as `loadEight` gives them. */
  max(a: Code, b: Code): Code;
  /** Stores eight activations as `loadEight` gives them. */
  keepEight(address: Code, eight: Code, offset?: number): Code;
}

export interface Products {
  readonly weights: Code;
  readonly activations: Code;
}

/** Eight ones of 16 bits. NOTE: in memory, because V8 makes a constant again each time that it is used. */
export const onesAt = 16;

/** Both factors of 16 bits, two in a lane. */
export const wide: Multiplier = {
  vectorBytes: 16,
  mostTogether: 1,
  loadWeights: v128.load,
  addProducts: (sums, lanes) =>
    lanes.reduce((sum, { weights, activations }) => i32x4.add(sum, i32x4.dotI16(activations, weights)), sums),
};

/** Activations of 16 bits, so that nothing has to be widened before `i32x4.dot_i16x8_s`, which all WebAssembly with SIMD has. */
export const plain: Flavour = {
  name: "plain",
  bytes: 2,
  perLane: 2,
  vectorBytes: 8,
  mostSums: 8,
  mostTogether: 1,
  prefersWinograd: true,
  mostTop: 255,
  loadWeights: v128.load8x8Signed,
  addProducts: wide.addProducts,
  loadEight: v128.load,
  loadEightWide: v128.load,
  storeEight: (_, address, eight, top, offset = 0) =>
    v128.store(address, i16x8.min(i16x8.max(eight, i16x8.const(0)), i16x8.const(top)), offset),
  storeFour: (_, address, eight, index) => v128.store64Lane(address, eight, index * 2, 0),
  max: i16x8.max,
  keepEight: (address, eight, offset = 0) => v128.store(address, eight, offset),
};

/** Activations of 7 bits in bytes, for `i32x4.relaxed_dot_i8x16_i7x16_add_s`: one instruction of many processors. */
export const dots: Flavour = {
  name: "dots",
  bytes: 1,
  perLane: 4,
  vectorBytes: 16,
  mostSums: 12,
  mostTogether: 1,
  prefersWinograd: false,
  mostTop: 127,
  loadWeights: v128.load,
  addProducts: (sums, lanes) =>
    lanes.reduce((sum, { weights, activations }) => i32x4.relaxedDotI8AddTo(weights, activations, sum), sums),
  loadEight: v128.load64Zero,
  loadEightWide: v128.load8x8Unsigned,
  storeEight: (f, address, eight, top, offset = 0) => {
    const narrow = f.local("v128");
    return seq(
      set(narrow, eight),
      v128.store64Lane(address, u8x16.min(u8x16.narrowI16(narrow, narrow), u8x16.const(top)), offset, 0),
    );
  },
  storeFour: (f, address, eight, index) => {
    const narrow = f.local("v128");
    return seq(set(narrow, eight), v128.store32Lane(address, u8x16.narrowI16(narrow, narrow), index, 0));
  },
  max: u8x16.max,
  keepEight: (address, eight, offset = 0) => v128.store64Lane(address, eight, offset, 0),
};

/**
 * The same by `i16x8.relaxed_dot_i8x16_i7x16_s`, for processors that have but this: sums of two products, of which those of a few lanes
 * are added in 16 bits, as far as they cannot be too large, before they are widened.
 */
export const pairs: Flavour = {
  ...dots,
  name: "pairs",
  mostSums: 8,
  prefersWinograd: true,
  mostTogether: 3,
  addProducts: (sums, lanes, ones) => {
    const products = lanes.map(({ weights, activations }) => i16x8.relaxedDotI8(weights, activations));
    return i32x4.add(sums, i32x4.dotI16(products.reduce(i16x8.add), ones));
  },
};

/** Code shared by steps that differ only in what they are called with. */
export interface KernelCode {
  /** Says all that the code depends on: two of the same key are the same. */
  readonly key: string;
  /** How many i32 arguments it takes. */
  readonly parameters: number;
  body(f: FunctionBuilder, parameters: readonly Local[]): Code;
}

/** Such code, whose body has a tuple of its parameters. */
export function kernelCode<Count extends number>({
  key,
  parameters,
  body,
}: {
  readonly key: string;
  readonly parameters: Count;
  readonly body: (f: FunctionBuilder, parameters: Tuple<Local, Count>) => Code;
}): KernelCode {
  return { key, parameters, body: (f, given) => body(f, exactly(parameters, given)) };
}
