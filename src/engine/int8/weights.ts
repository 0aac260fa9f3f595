/** @file Weights on their way into a module: as they are shipped, and packed as kernels read them. */
import { lanesOf, panelsOf, type ConvShape } from "./kernels/conv.ts";
import { weightBytesOfEight } from "./kernels/depthwise.ts";
import { packDepthwise, packPanels } from "./kernels/pack.ts";
import { packWinograd, winogradWeightBytes, type WinogradShape } from "./kernels/winograd.ts";
import type { Flavour, KernelCode } from "./flavour.ts";

/** A call that packs a part of the weights; addresses are those of the shipped weights and of the packed ones. */
interface Packing {
  readonly kernel: KernelCode;
  readonly parameters: (shipped: number, packed: number) => readonly number[];
}

/** The weights of all layers, in the order in which they were added. */
export class Weights {
  readonly #flavour: Flavour;
  readonly #shipped: Int8Array[] = [];
  readonly #packings: Packing[] = [];
  #shippedBytes = 0;
  #packedBytes = 0;
  #base: number | undefined;

  constructor(flavour: Flavour) {
    this.#flavour = flavour;
  }

  get shippedBytes(): number {
    return this.#shippedBytes;
  }

  get packedBytes(): number {
    return this.#packedBytes;
  }

  get packings(): readonly Packing[] {
    return this.#packings;
  }

  place(base: number): void {
    this.#base = base;
  }

  /** Weights [groups·groupOutputs, inputs, taps] for `conv`; what is returned gives their address. */
  addPanels(weights: Int8Array, shape: ConvShape, { inputs, taps }: { inputs: number; taps: number }): () => number {
    const { perLane } = this.#flavour;
    const columns = 4 * shape.vectors;
    const panelBytes = lanesOf(shape.sum) * perLane * columns;
    const groupBytes = panelsOf(shape) * panelBytes;
    const tapStep = Math.ceil(inputs / perLane) * perLane;
    const kernel = packPanels(this.#flavour);
    const each = shape.groupOutputs * inputs * taps;
    const { shippedAt, packedAt, address } = this.#add(weights, shape.groups * groupBytes);
    for (let group = 0; group < shape.groups; group++) {
      this.#packings.push({
        kernel,
        parameters: (shipped, packed) => [
          shipped + shippedAt + group * each,
          packed + packedAt + group * groupBytes,
          shape.groupOutputs,
          inputs,
          taps,
          tapStep,
          columns,
          panelBytes,
        ],
      });
    }
    return address;
  }

  /** Weights [channels, rows, columns] for `depthwise`; what is returned gives their address. */
  addDepthwise(weights: Int8Array, channels: number, kernel: readonly [number, number]): () => number {
    const eightBytes = weightBytesOfEight(this.#flavour, kernel);
    const { shippedAt, packedAt, address } = this.#add(weights, Math.ceil(channels / 8) * eightBytes);
    this.#packings.push({
      kernel: packDepthwise(this.#flavour),
      parameters: (shipped, packed) => [shipped + shippedAt, packed + packedAt, channels, ...kernel, eightBytes],
    });
    return address;
  }

  /** Weights [outputs, channels, 3, 3] for `winograd`; what is returned gives their address. */
  addWinograd(weights: Int8Array, shape: Pick<WinogradShape, "channels" | "outputs">): () => number {
    const { shippedAt, packedAt, address } = this.#add(weights, winogradWeightBytes(shape));
    this.#packings.push({
      kernel: packWinograd(),
      parameters: (shipped, packed) => [shipped + shippedAt, packed + packedAt, shape.outputs, shape.channels],
    });
    return address;
  }

  /** What they are in the file. */
  written(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.#shippedBytes);
    let at = 0;
    for (const { buffer, byteOffset, length } of this.#shipped) {
      all.set(new Uint8Array(buffer, byteOffset, length), at);
      at += length;
    }
    return all;
  }

  #add(weights: Int8Array, packedBytes: number): { shippedAt: number; packedAt: number; address: () => number } {
    const [shippedAt, packedAt] = [this.#shippedBytes, this.#packedBytes];
    this.#shipped.push(weights);
    this.#shippedBytes += weights.length;
    this.#packedBytes += Math.ceil(packedBytes / 16) * 16;
    return {
      shippedAt,
      packedAt,
      address: () => {
        if (this.#base === undefined) throw new Error("the weights have no address yet");
        return this.#base + packedAt;
      },
    };
  }
}
