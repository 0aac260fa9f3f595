/** @file What is known while a network in whole numbers becomes steps: where each layer's numbers lie, and what was asked for so far. */
import { elementAt } from "../../../elements.ts";
import { LimbeckError } from "../../../errors.ts";
import type { QuantisedLayer, QuantisedNetwork } from "../network.ts";
import type { Flavour } from "../flavour.ts";
import { placeFor, type Area, type Place } from "../place.ts";
import { Constants, type Step } from "../step.ts";
import type { Extent, Strides } from "../walk.ts";
import { Weights } from "../weights.ts";

/** For how many channels of each pixel there is room, of so many that are wanted. */
export type Room = (channels: number) => number;
export const eights: Room = (count) => Math.ceil(count / 8) * 8;

export class Lowering {
  readonly network: QuantisedNetwork;
  readonly flavour: Flavour;
  readonly constants = new Constants();
  readonly weights: Weights;
  readonly #readers: readonly (readonly number[])[];
  readonly #borders: readonly (readonly [above: number, beside: number])[];
  readonly #places = new Map<number, Place>();
  readonly #steps: Step[] = [];

  /** Throws UNSUPPORTED for activations that are larger than the flavour takes. */
  constructor(network: QuantisedNetwork, flavour: Flavour) {
    this.network = network;
    this.flavour = flavour;
    this.weights = new Weights(flavour);
    this.#readers = readersOf(network.layers);
    this.#borders = bordersOf(network.layers);
    if (network.top > flavour.mostTop) {
      throw new LimbeckError(
        "UNSUPPORTED",
        `relaxed SIMD takes activations up to ${flavour.mostTop}, got a network of up to ${network.top}; quantise it with top ${flavour.mostTop}`,
      );
    }
  }

  get steps(): readonly Step[] {
    return this.#steps;
  }

  /** `scratch`: memory that the kernel needs while it runs. */
  push(
    kernel: Step["kernel"],
    reads: readonly Area[],
    writes: Area,
    parameters: Step["parameters"],
    scratch?: Area,
  ): void {
    this.#steps.push({ kernel, reads, writes: scratch ? [writes, scratch] : [writes], parameters });
  }

  /** Says where a layer's numbers lie. */
  place(at: number, place: Place): void {
    this.#places.set(at, place);
  }

  /** Where the numbers of a layer before lie. */
  placeOf(at: number): Place {
    const place = this.#places.get(at);
    if (!place) throw new Error(`${this.where(at)} is read before it is there`);
    return place;
  }

  /** A map for a layer's numbers, with the border that its readers need. */
  newPlace(at: number, { shape, quantisation }: QuantisedLayer, room: Room = eights): Place {
    return placeFor(this.where(at), {
      shape,
      quantisation,
      border: elementAt(this.#borders, at),
      room: room(shape[0]),
      bytes: this.flavour.bytes,
    });
  }

  /** The places of the layers that take a layer's numbers. */
  readersOf(at: number): readonly number[] {
    return elementAt(this.#readers, at);
  }

  stridesOf({ pixel, row }: Place): Strides {
    return { eight: 8 * this.flavour.bytes, pixel, row };
  }

  /** A layer in words, for errors. */
  where(at: number): string {
    return `layer ${at}, ${elementAt(this.network.layers, at).kind}`;
  }
}

export function extentOf({ height, width, channels }: Place): Extent {
  return { height, width, eights: Math.ceil(channels / 8) };
}

/** Which layers take each layer's numbers. */
function readersOf(layers: readonly QuantisedLayer[]): number[][] {
  const readers: number[][] = layers.map(() => []);
  for (const [at, { inputs }] of layers.entries()) for (const input of inputs) elementAt(readers, input).push(at);
  return readers;
}

/** How far windows reach over each layer's edges. A part of the channels lies in the same map. */
function bordersOf(layers: readonly QuantisedLayer[]): [number, number][] {
  const borders = layers.map((): [number, number] => [0, 0]);
  for (const layer of layers) {
    if (layer.kind !== "conv2d" && layer.kind !== "avgPool2d") continue;
    let [at] = layer.inputs as readonly [number];
    for (let x = elementAt(layers, at); x.kind === "slice"; x = elementAt(layers, at)) [at] = x.inputs;
    const [above, beside] = elementAt(borders, at);
    borders[at] = [Math.max(above, layer.padding[0]), Math.max(beside, layer.padding[1])];
  }
  return borders;
}
