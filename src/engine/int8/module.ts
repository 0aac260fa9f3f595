/** @file A network in whole numbers as a WebAssembly module of its own, without imports. */
import { elementAt } from "../../elements.ts";
import { call, i32, i32x4, int, seq, set, v128, when, type Code } from "../wasm/emit/code.ts";
import { ModuleBuilder, type FunctionBuilder, type NetworkModule } from "../wasm/emit/module.ts";
import { pagesFor } from "../wasm/heap.ts";
import type { QuantisedNetwork } from "./network.ts";
import { dots, onesAt, pairs, plain, type Flavour, type KernelCode } from "./flavour.ts";
import { fill } from "./kernels/pack.ts";
import { lower, type Lowered } from "./lower/lower.ts";
import { placeAreas, type Area } from "./place.ts";

/** Its weights are bytes, the same in both modules; images and logits are float32. */
export interface IntegerModule extends NetworkModule<Uint8Array<ArrayBuffer>> {
  /** Of memory, from its beginning. */
  readonly bytes: number;
}

/** Modules by what they need: SIMD, or relaxed SIMD too. */
export type ModuleName = "plain" | "relaxed";

/** One way to multiply, or two: the first, and what takes its place on machines that `choose` tells. */
type Ways = readonly [Flavour] | readonly [Flavour, Flavour];

/** Ways to multiply, of which a module takes the one that suits the machine. */
const flavours: Readonly<Record<ModuleName, Ways>> = {
  plain: [plain],
  relaxed: [dots, pairs],
};

/** Two ones of 16 bits. */
const ONES = 0x0001_0001;
/** Which of the module's flavours computes, in 32 bits; `prepare` finds out, and prepares for that one. */
export const choiceAt = 8;
/** Vectors of bytes, to find it out with: 127 and 255. */
const [bytesOf127, bytesOf255] = [32, 48];
/** Above 0, so that no address could pass for none, and above the few numbers that have their places below. */
const firstAddress = 1024;

/**
 * The module of a network in whole numbers: `plain` for every WebAssembly with SIMD, `relaxed` for those with relaxed SIMD, which is
 * faster and takes networks with activations of 7 bits. Given the same network, both compute the same bits.
 *
 * Throws UNSUPPORTED, naming the layer, for what cannot be computed in 32 bits.
 */
export function integerModule(network: QuantisedNetwork, name: ModuleName): IntegerModule {
  return moduleOf(network, flavours[name]);
}

/** A module that computes in one of these ways. */
export function moduleOf(network: QuantisedNetwork, ways: Ways): IntegerModule {
  const lowered = ways.map((flavour) => lower(network, flavour));
  const [{ images, logits, constants, weights }] = lowered as [Lowered, ...Lowered[]];
  // NOTE: all have the same numbers shipped, and the same places for these, the images and the logits.
  const packedAt = aligned(firstAddress + constants.bytes);
  const mapsAt = aligned(packedAt + Math.max(...lowered.map((way) => way.weights.packedBytes)));
  const mapsEnd = Math.max(...lowered.map((way) => placeAll(way, packedAt, mapsAt)));
  // What is shipped lies where maps will: it is not needed once it is packed.
  const end = Math.max(mapsEnd, mapsAt + aligned(weights.shippedBytes));
  const [{ shape }] = network.layers;
  const classes = elementAt(network.layers, -1).shape.reduce((size, side) => size * side, 1);
  return {
    weights: joined(constants.written(), weights.written()),
    ranges: [
      { at: firstAddress, length: constants.bytes },
      { at: mapsAt, length: weights.shippedBytes },
    ],
    input: { at: images.address, length: shape[0] * shape[1] * shape[2] },
    output: { at: logits.address, length: classes },
    bytes: end,
    encode: (about) => {
      const module = new ModuleBuilder();
      const functions = new Functions(module);
      const prepares = lowered.map((way, i) =>
        seq(
          ...way.weights.packings.map(({ kernel, parameters }) => functions.call(kernel, parameters(mapsAt, packedAt))),
          ...bordered(way).map(({ address, bytes, filling = 0 }) =>
            functions.call(fill(elementAt(ways, i)), [address, bytes, filling]),
          ),
        ),
      );
      const runs = lowered.map(({ steps }) =>
        seq(...steps.map(({ kernel, parameters }) => functions.call(kernel, parameters()))),
      );
      const ones = filled(onesAt, ONES);
      const choice = (f: FunctionBuilder): Code => (ways.length > 1 ? choose(f) : []);
      module.add([], (f) => seq(ones, choice(f), ofTheChosen(prepares)), { exported: "prepare" });
      module.add([], () => ofTheChosen(runs), { exported: "run" });
      return module.encodeAlone({ pages: pagesFor(end), about });
    },
  };
}

/** Gives all that it has its address, and returns the first one behind. */
function placeAll({ steps, images, logits, constants, weights }: Lowered, packedAt: number, mapsAt: number): number {
  constants.place(firstAddress);
  weights.place(packedAt);
  return placeAreas(steps, [images, logits], mapsAt);
}

/** One of two, if there are two. */
function ofTheChosen(codes: readonly Code[]): Code {
  const [first, second] = codes as [Code, Code?];
  return second ? when(i32.load(int(choiceAt)), second, first) : first;
}

/** What four products of 127 and 255 come to, the latter taken for unsigned or for -1. */
const inOneGo = [4 * 127 * 255, 4 * 127 * -1] as const;

/**
 * Which way computes here: the second, unless the instruction that sums four products and adds them does so in one go. A product that
 * relaxed SIMD leaves open tells how the machine multiplies: 127·255, where the second factor should have 7 bits. One that sums pairs
 * in 16 bits, holding them to what these have, comes to 2·32767. V8 11 (Chrome 114 to 119) may add the products twice and lose the sum
 * that was there, in code that it compiles first.
 * NOTE: by numbers in memory, so that no compiler works it out in its own way, and the sum is where those versions lose it.
 */
function choose(f: FunctionBuilder): Code {
  const sum = f.local("i32");
  const four = i32x4.relaxedDotI8AddTo(v128.load(int(bytesOf127)), v128.load(int(bytesOf255)), v128.load(int(onesAt)));
  const [unsigned, signed] = inOneGo.map((products) => i32.eq(sum, products + ONES)) as [Code, Code];
  return seq(
    filled(bytesOf127, 0x7f7f_7f7f),
    filled(bytesOf255, -1),
    set(sum, i32x4.extractLane(four, 0)),
    i32.store(int(choiceAt), i32.eq(i32.add(unsigned, signed), 0)),
  );
}

/** Stores four times 32 bits. */
function filled(at: number, value: number): Code {
  return v128.store(int(at), i32x4.splat(int(value)));
}

/** Kernels as functions of a module, each once. */
class Functions {
  readonly #module: ModuleBuilder;
  readonly #byKey = new Map<string, number>();

  constructor(module: ModuleBuilder) {
    this.#module = module;
  }

  call({ key, parameters, body }: KernelCode, values: readonly number[]): Code {
    let index = this.#byKey.get(key);
    if (index === undefined) {
      const types = Array.from({ length: parameters }, () => "i32" as const);
      index = this.#module.add(types, (f) =>
        body(
          f,
          types.map((_, i) => f.param(i)),
        ),
      );
      this.#byKey.set(key, index);
    }
    return call(index, ...values.map(int));
  }
}

/** Areas with a border, one for each that is placed somewhere else. */
function bordered({ steps }: Lowered): Area[] {
  const areas = steps.flatMap(({ writes }) => writes).filter(({ filling }) => filling !== undefined);
  return [...new Map(areas.map((area) => [area.address, area])).values()];
}

function aligned(address: number): number {
  return Math.ceil(address / 64) * 64;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
