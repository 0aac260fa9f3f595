/** @file A network in whole numbers as a WebAssembly module of its own, without imports. */
import { call, int, seq, type Code } from "../../../engine/wasm/emit/code.ts";
import { ModuleBuilder } from "../../../engine/wasm/emit/module.ts";
import type { QuantisedNetwork } from "../../quantised.ts";
import { flavours, type FlavourName, type KernelCode } from "./flavour.ts";
import { fill } from "./kernels/pack.ts";
import { lower, type Lowered } from "./lower.ts";
import { placeAreas } from "./memory.ts";
import type { Area } from "./place.ts";

/** So many numbers from an address on. */
export interface Stretch {
  readonly at: number;
  readonly length: number;
}

export interface IntegerModule {
  /** What lies in the stretches, bytes one after the other: the same for both flavours. */
  readonly weights: Uint8Array<ArrayBuffer>;
  readonly stretches: readonly Stretch[];
  /** One image, normalised, in float32, its channels last: [height, width, channels]. */
  readonly input: Stretch;
  /** The logits, in float32. */
  readonly output: Stretch;
  /** Of memory, from its beginning. */
  readonly bytes: number;
  /**
   * The module's bytes; `about` is what its custom section `limbeck` holds. It exports `memory`; `prepare()`, to be called once, when
   * the weights are in their stretches; and `run()`, which computes `output` from `input`.
   */
  encode(about: string): Uint8Array<ArrayBuffer>;
}

/** Above 0, so that no address could pass for none. */
const firstAddress = 1024;
const pageBytes = 65_536;

/**
 * The module of a network in whole numbers: `plain` for every WebAssembly with SIMD, `relaxed` for those with relaxed SIMD, which is
 * faster and takes networks with activations of 7 bits. Given the same network, both compute the same bits.
 *
 * Throws UNSUPPORTED, naming the layer, for what cannot be computed in 32 bits.
 */
export function integerModule(network: QuantisedNetwork, name: FlavourName): IntegerModule {
  const flavour = flavours[name];
  const lowered = lower(network, flavour);
  const { steps, images, logits, constants, weights } = lowered;
  const packedAt = aligned(firstAddress + constants.bytes);
  const mapsAt = aligned(packedAt + weights.packedBytes);
  constants.place(firstAddress);
  weights.place(packedAt);
  const mapsEnd = placeAreas(steps, [images, logits], mapsAt);
  // What is shipped lies where maps will: it is not needed once it is packed.
  const end = Math.max(mapsEnd, mapsAt + aligned(weights.shippedBytes));
  const [{ shape }] = network.layers;
  const classes = network.layers.at(-1)!.shape.reduce((size, side) => size * side, 1);
  return {
    weights: joined(constants.written(), weights.written()),
    stretches: [
      { at: firstAddress, length: constants.bytes },
      { at: mapsAt, length: weights.shippedBytes },
    ],
    input: { at: images.address, length: shape[0] * shape[1] * shape[2] },
    output: { at: logits.address, length: classes },
    bytes: end,
    encode: (about) => {
      const module = new ModuleBuilder();
      const functions = new Functions(module);
      const prepare = [
        ...weights.packings.map(({ kernel, parameters }) => functions.call(kernel, parameters(mapsAt, packedAt))),
        ...bordered(lowered).map(({ address, bytes, filling = 0 }) =>
          functions.call(fill(flavour), [address, bytes, filling]),
        ),
      ];
      const run = steps.map(({ kernel, parameters }) => functions.call(kernel, parameters()));
      module.add([], () => seq(...prepare), { exported: "prepare" });
      module.add([], () => seq(...run), { exported: "run" });
      return module.encodeAlone({ pages: Math.ceil(end / pageBytes), about });
    },
  };
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
