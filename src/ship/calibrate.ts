/** @file Calibration: between which numbers each layer's results lie, seen on images. */
import { elementAt } from "../elements.ts";
import type { Dataset, Split } from "../data/dataset.ts";
import { batches, gatherImages, normaliser } from "../data/loader.ts";
import type { Engine, Program } from "../engine/contract.ts";
import { LimbeckError } from "../errors.ts";
import { fold, layersOf, type NetworkWithValues } from "../inference/index.ts";
import { unknownName } from "../nearest-name.ts";
import { formatShape, max, neg, sameShape, sizeOf, type Tensor } from "../tensor/index.ts";

export interface CalibrateOptions {
  /** Computes the layers' results. */
  readonly engine: Engine;
  readonly dataset: Dataset;
  /** The training images by default. */
  readonly split?: Split;
  /** How many of them, evenly spread over the split; 256 by default, or all where there are fewer. */
  readonly count?: number;
  /** `minMax` by default: all that was seen. `percentile` leaves out the largest sizes. */
  readonly method?: CalibrationMethod;
  /** Of the sizes of a layer's numbers, how many percent are kept by `percentile`; 99.99 by default. */
  readonly percentile?: number;
}

export type CalibrationMethod = "minMax" | "percentile";
const methods: readonly CalibrationMethod[] = ["minMax", "percentile"];

/** What was seen. */
export interface Calibration {
  /** On how many images; missing where the ranges were learnt in training. */
  readonly images?: number;
  /** Of each layer, in their order. */
  readonly ranges: readonly LayerRange[];
}

/** Between which numbers a layer's results lie, its activation's included. */
export interface LayerRange {
  /** The layer's, `layer1.0.conv1`. */
  readonly layer: string;
  readonly least: number;
  readonly most: number;
}

/** Images at once. */
const BATCH = 32;
/** Of a histogram of sizes. */
const BINS = 4096;

/**
 * The ranges of a network's layers on images of a data set, normalised as it says. By `percentile`, a range ends at the size which that
 * share of the layer's numbers does not exceed, to a 4096th of the largest.
 *
 * Throws SHAPE for images of another size, ARGUMENT for options out of range, NOT_FINITE where a layer gives numbers that are not
 * finite, UNSUPPORTED for a network that cannot be computed in whole numbers.
 */
export async function calibrate(network: NetworkWithValues, options: CalibrateOptions): Promise<Calibration> {
  const { engine, dataset, split = dataset.train, count = 256, method = "minMax", percentile = 99.99 } = options;
  const { inputShape } = network.model;
  if (!methods.includes(method)) unknownName("method of calibration", method, methods);
  if (!Number.isInteger(count) || count < 1)
    throw new LimbeckError("ARGUMENT", `calibrate: count should be a whole number from 1, got ${count}`);
  if (!(percentile > 50 && percentile <= 100))
    throw new LimbeckError("ARGUMENT", `calibrate: percentile should be above 50 and at most 100, got ${percentile}`);
  if (!sameShape(dataset.shape, inputShape)) {
    throw new LimbeckError(
      "SHAPE",
      `calibrate: ${network.model.name} takes images of ${formatShape(inputShape)}, but the data set's are ${formatShape(dataset.shape)}`,
    );
  }
  const pass = await Pass.open(fold(network), engine, { dataset, split, images: Math.min(count, split.count) });
  try {
    const ranges = await pass.ranges();
    if (method === "minMax") return { images: pass.images, ranges };
    return { images: pass.images, ranges: await pass.within(ranges, percentile / 100) };
  } finally {
    await pass.close();
  }
}

interface Images {
  readonly dataset: Dataset;
  readonly split: Split;
  readonly images: number;
}

/** The folded network in the engine, and the images that it is shown. */
class Pass {
  readonly images: number;
  readonly #network: NetworkWithValues;
  readonly #engine: Engine;
  readonly #from: Images;
  readonly #names: readonly string[];

  static async open(network: NetworkWithValues, engine: Engine, from: Images): Promise<Pass> {
    const pass = new Pass(network, engine, from);
    for (const [tensor, values] of network.values) await engine.write(tensor, values);
    return pass;
  }

  private constructor(network: NetworkWithValues, engine: Engine, from: Images) {
    this.images = from.images;
    this.#network = network;
    this.#engine = engine;
    this.#from = from;
    this.#names = layersOf(network.model).layers.map(({ name }) => name);
  }

  /** The least and the largest number of each layer. */
  async ranges(): Promise<LayerRange[]> {
    const found = this.#names.map((layer) => ({ layer, least: Infinity, most: -Infinity }));
    const wanted = (result: Tensor): readonly Tensor[] => [neg(max(neg(result))), max(result)];
    for await (const results of this.#run(wanted)) {
      for (const [i, range] of found.entries()) {
        const [least, most] = elementAt(results, i).map((each) => elementAt(each, 0)) as [number, number];
        if (!Number.isFinite(least) || !Number.isFinite(most)) notFinite(this.#network.model.name, range.layer);
        range.least = Math.min(range.least, least);
        range.most = Math.max(range.most, most);
      }
    }
    return found;
  }

  /** The ranges, cut to the size that the share of a layer's numbers does not exceed. */
  async within(ranges: readonly LayerRange[], share: number): Promise<LayerRange[]> {
    const histograms = ranges.map(({ least, most }) => new Histogram(Math.max(-least, most)));
    for await (const results of this.#run((result) => [result])) {
      for (const [i, histogram] of histograms.entries()) histogram.add(elementAt(elementAt(results, i), 0));
    }
    return ranges.map(({ layer, least, most }, i) => {
      const size = elementAt(histograms, i).sizeWithin(share);
      return { layer, least: Math.max(least, -size), most: Math.min(most, size) };
    });
  }

  close(): Promise<void> {
    return this.#engine.free(this.#network.values.keys());
  }

  /** What is wanted of each layer's result, batch by batch. */
  async *#run(wanted: (result: Tensor) => readonly Tensor[]): AsyncGenerator<readonly (readonly Float32Array[])[]> {
    const { dataset, split, images } = this.#from;
    const indices = Int32Array.from({ length: images }, (_, i) => Math.floor((i * split.count) / images));
    const table = normaliser(dataset);
    const size = sizeOf(dataset.shape);
    let program: (Program & { readonly batch: number }) | undefined;
    try {
      for (const range of batches(images, BATCH)) {
        const batch = range.to - range.from;
        if (program?.batch !== batch) {
          program?.close();
          program = undefined;
          program = Object.assign(await this.#compile(batch, wanted), { batch });
        }
        const values = new Float32Array(batch * size);
        gatherImages(split, dataset.shape, table, indices, range, values);
        const outputs = await program.run({ images: values });
        const named = (i: number, k: number): Float32Array | undefined => outputs[`${i} ${k}`];
        yield this.#names.map((_, i) => [named(i, 0), named(i, 1)].filter((each) => each !== undefined));
      }
    } finally {
      program?.close();
    }
  }

  #compile(batch: number, wanted: (result: Tensor) => readonly Tensor[]): Promise<Program> {
    const { layers } = layersOf(this.#network.model, batch);
    const outputs = layers.flatMap(({ result }, i) =>
      wanted(result).map((tensor, k) => [`${i} ${k}`, tensor] as const),
    );
    return this.#engine.compile({ outputs: Object.fromEntries(outputs), updates: [] });
  }
}

/** How many numbers there are of each size, from 0 to the largest. */
class Histogram {
  readonly #largest: number;
  readonly #counts = new Float64Array(BINS);
  #total = 0;

  constructor(largest: number) {
    this.#largest = largest;
  }

  add(numbers: Float32Array): void {
    const scale = this.#largest === 0 ? 0 : BINS / this.#largest;
    for (let i = 0; i < numbers.length; i++) {
      this.#counts[Math.min(BINS - 1, Math.floor(Math.abs(numbers[i]!) * scale))]!++;
    }
    this.#total += numbers.length;
  }

  /** What at least this share of the numbers does not exceed. */
  sizeWithin(share: number): number {
    let count = 0;
    for (const [bin, held] of this.#counts.entries()) {
      count += held;
      if (count >= this.#total * share) return ((bin + 1) / BINS) * this.#largest;
    }
    return this.#largest;
  }
}

function notFinite(network: string, layer: string): never {
  throw new LimbeckError(
    "NOT_FINITE",
    `calibrate: ${layer} of ${network} gives numbers that are not finite; its weights are damaged, or its images are not normalised as it wants them`,
  );
}
