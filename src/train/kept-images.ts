/**
 * @file Training images that the engine keeps as bytes: each is brought there when a batch first has it, and from then on a batch is
 * looked up by the numbers of its images.
 */
import type { Augment } from "../data/augment-options.ts";
import { isShiftedAlone } from "../data/augment.ts";
import { checkPixels, imageIndex, normaliser, type BatchRange } from "../data/loader.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Engine } from "../engine/contract.ts";
import { isState, lookupRows, sizeOf, state, type Tensor } from "../tensor/index.ts";
import { shiftsInput, type StepInput } from "./step-input.ts";

/** Bytes that they may take, whatever the engine has room for. */
const mostBytes = 512 * 2 ** 20;

/** How much the training images of a data set are, and how much an engine would keep. */
export interface ImageRoom {
  readonly bytes: number;
  readonly room: number;
}

export function imageRoom(engine: Engine, { train, shape }: Dataset): ImageRoom {
  return { bytes: train.count * sizeOf(shape), room: Math.min(mostBytes, engine.roomForBytes()) };
}

/** Of a training, as `train` has them. */
export interface KeepOptions {
  readonly engine: Engine;
  readonly dataset: Dataset;
  readonly augment?: Augment | undefined;
}

/** The images of a training, where it shows them as they are, shifted or mirrored, and the engine has room for them; else each step is given its batch. */
export function keepImages({ engine, dataset, augment }: KeepOptions): KeptImages | undefined {
  if (augment && !isShiftedAlone(augment)) return undefined;
  const { bytes, room } = imageRoom(engine, dataset);
  return bytes > 0 && bytes <= room ? new KeptImages(engine, dataset, augment) : undefined;
}

/** Whether a tensor is those that an engine keeps. */
export function isKeptImages(tensor: Tensor | undefined): boolean {
  return tensor !== undefined && isState(tensor) && tensor.attributes.name === NAME;
}

const NAME = "training images";

export class KeptImages {
  readonly #engine: Engine;
  readonly #dataset: Dataset;
  readonly #augment: Augment | undefined;
  /** uint8 [images, C, H, W] */
  readonly #pixels: Tensor;
  /** What each byte becomes (`normaliser`): [C, 256] */
  readonly #table: Tensor;
  /** By image, 1 where it is there. */
  readonly #isThere: Uint8Array;
  #isNormalised = false;

  /** Where there is `augment`, it shifts or mirrors, and nothing else. */
  constructor(engine: Engine, dataset: Dataset, augment?: Augment) {
    const { train, shape } = dataset;
    this.#engine = engine;
    this.#dataset = dataset;
    this.#augment = augment;
    this.#pixels = state(NAME, [train.count, ...shape], "uint8");
    this.#table = state("normaliser", [shape[0], 256]);
    this.#isThere = new Uint8Array(train.count);
  }

  /** Those of these numbers, int32 [N], normalised: [N, C, H, W]; and what a step is to be given for them besides. */
  batch(indices: Tensor): { readonly images: Tensor; readonly inputs: readonly StepInput[] } {
    if (!this.#augment) return { images: lookupRows(this.#pixels, indices, this.#table), inputs: [] };
    const shifts = shiftsInput(indices.size);
    const { border = "reflect" } = this.#augment.crop ?? {};
    return {
      images: lookupRows(this.#pixels, indices, this.#table, { shifts: shifts.symbol, border }),
      inputs: [shifts],
    };
  }

  /** Brings those of a batch that are not there yet. What is asked of the engine is asked at once. Throws as `gatherImages`. */
  bring(order: Int32Array, { from, to }: BatchRange): Promise<unknown> {
    const { train, shape } = this.#dataset;
    const size = sizeOf(shape);
    const missing: number[] = [];
    for (let i = from; i < to; i++) {
      const image = imageIndex("train", train, order, i);
      if (this.#isThere[image] === 1) continue;
      missing.push(image);
      this.#isThere[image] = 1; // it may come again in the batch
    }
    const values = new Uint8Array(missing.length * size);
    for (const [k, image] of missing.entries()) {
      const pixels = train.image(image);
      checkPixels("train", pixels, image, shape);
      values.set(pixels, k * size);
    }
    const asked: Promise<void>[] = [];
    if (!this.#isNormalised) asked.push(this.#engine.write(this.#table, normaliser(this.#dataset)));
    if (missing.length > 0) asked.push(this.#engine.writeRows(this.#pixels, Int32Array.from(missing), values));
    this.#isNormalised = true;
    return Promise.all(asked);
  }

  /** Gives the memory back. */
  free(): Promise<void> {
    return this.#engine.free([this.#pixels, this.#table]);
  }
}
