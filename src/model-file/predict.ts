/** @file What a loaded network says of images: pictures in, the most probable classes out. */
import {
  aBoolean,
  aFunction,
  aNumber,
  aString,
  checkArguments,
  having,
  listOf,
  optional,
  shown,
  type Kind,
} from "../arguments.ts";
import { shiftPlanes } from "../data/shift.ts";
import { viewsOf, type TestView, type Tta } from "../data/test-views.ts";
import { anEngine, type Engine, type Program } from "../engine/contract.ts";
import { Queue } from "../engine/requests.ts";
import { LimbeckError } from "../errors.ts";
import { aModel, type ImageShape, type Model } from "../models/index.ts";
import { namedStates, record } from "../nn/index.ts";
import { input } from "../tensor/index.ts";
import type { DescribedModel, ModelDescription } from "./description.ts";
import { aPicture, pictureReader, type NetworkImage, type PictureInput, type ReadOptions } from "./read-picture.ts";
import { softmax } from "./softmax.ts";

/** A model whose values are in an engine. */
export interface LoadedModel extends DescribedModel {
  readonly engine: Engine;
  /** Frees the network's values, and what predicting compiled. Nothing can be predicted afterwards. */
  close(): Promise<void>;
}

/** A class that an image may show. */
export interface PredictedClass {
  /** Its place among the logits. */
  readonly index: number;
  /** As the file names it; `class 3`, if it names none. */
  readonly name: string;
  readonly probability: number;
}

/** An image's classes, the most probable first. */
export type Prediction = readonly [PredictedClass, ...PredictedClass[]];

export interface ClassifyOptions {
  /** How many classes of each picture; 5 by default, or all where there are fewer. */
  readonly top?: number | undefined;
  /** Test-time augmentation: the classes are those of the mean of several views' logits, for so many passes over each image. None by default. */
  readonly tta?: Tta | undefined;
}

export interface PredictOptions extends ClassifyOptions, ReadOptions {
  /** Pictures that are decoded and computed at once at most, a power of two; 32 by default. */
  readonly batchSize?: number;
}

const aLoadedModel: Kind = {
  expected: "what loadModel gives",
  is: (value) =>
    aModel.is(value) &&
    having("a model", { engine: anEngine, close: aFunction }).is(value) &&
    opened.has(value as object),
};
const aNormalisation: Kind = having("an object", { mean: listOf(aNumber), std: listOf(aNumber) });

/**
 * The most probable classes of a picture of any size, or of each of several: the softmax of its logits in float64. A picture is made ready as the
 * model's file says that those of training were: turned, laid on a background, resized, cropped and normalised. So the answer is that of `limbeck predict`, to the bit
 * where the same engine computes the same pictures at once, and files are decoded to the same pixels; browsers round some JPEG files otherwise than Node.
 *
 * What is compiled is kept for the next call, until the model or its engine is closed.
 *
 * Throws DATA_FORMAT for a file that is no whole picture; SHAPE for pixels that are not as many as their size says, or of a size that the network
 * cannot have them resized to; ARGUMENT for no picture, numbers that are no brightness, or a model without normalisation; UNSUPPORTED where
 * nothing decodes files; UNKNOWN_NAME for a `tta` that is none; NOT_FINITE for a network whose logits are no numbers; ENGINE after `close`.
 */
export function predict(
  model: LoadedModel,
  pictures: readonly PictureInput[],
  options?: PredictOptions,
): Promise<Prediction[]>;
export function predict(model: LoadedModel, picture: PictureInput, options?: PredictOptions): Promise<Prediction>;
export async function predict(
  model: LoadedModel,
  input: PictureInput | readonly PictureInput[],
  options: PredictOptions = {},
): Promise<Prediction | Prediction[]> {
  checkArguments("predict", { model: [model, aLoadedModel], options: [options, having("an object", optionKinds)] });
  const { batchSize = 32, top, tta, ...reading } = options;
  if (!Number.isInteger(Math.log2(batchSize)) || batchSize < 1 || batchSize > 1024) {
    throw new LimbeckError(
      "ARGUMENT",
      `predict: batchSize should be a power of two from 1 to 1024, got ${shown(batchSize)}`,
    );
  }
  const pictures: readonly PictureInput[] = isList(input) ? input : [input];
  const nameOf = (i: number): string => (isList(input) ? `picture ${i}` : "the picture");
  checkArguments("predict", Object.fromEntries(pictures.map((picture, i) => [nameOf(i), [picture, aPicture]])));
  const read = pictureReader(model, reading);
  const classify = classifier(model, { top, tta });
  const found: Prediction[] = [];
  for (let from = 0; from < pictures.length; from += batchSize) {
    const batch = pictures.slice(from, from + batchSize);
    const images = await Promise.all(batch.map((picture, i) => read(nameOf(from + i), picture)));
    found.push(...(await classify(images)));
  }
  const [first] = found;
  if (!first) throw new LimbeckError("ARGUMENT", "predict: give one picture or more, got none");
  return isList(input) ? found : first;
}

function isList(input: PictureInput | readonly PictureInput[]): input is readonly PictureInput[] {
  return Array.isArray(input);
}

/**
 * What classifies images that `pictureReader` has read. Throws ARGUMENT for a `top` that is no whole number from 1, UNKNOWN_NAME for a `tta` that is
 * none; each call as `predict`.
 */
export function classifier(
  model: LoadedModel,
  { top = 5, tta }: ClassifyOptions = {},
): (images: readonly NetworkImage[]) => Promise<Prediction[]> {
  if (!(top === Infinity || (Number.isInteger(top) && top >= 1))) {
    throw new LimbeckError("ARGUMENT", `predict: top should be a whole number from 1, got ${shown(top)}`);
  }
  const views = tta === undefined ? undefined : viewsOf(tta, model.inputShape);
  const programs = opened.get(model)!;
  return async (images) => {
    const found: Prediction[] = [];
    for (let from = 0; from < images.length;) {
      const n = largestPower(images.length - from);
      const logits = await logitsOf(programs, images.slice(from, from + n), model.inputShape, views);
      found.push(...logits.map((each) => mostProbable(model, each, top)));
      from += n;
    }
    return found;
  };
}

const optionKinds = {
  top: optional(aNumber),
  batchSize: optional(aNumber),
  normalisation: optional(aNormalisation),
  preparation: optional(having("an object", { resize: aNumber, exif: aBoolean })),
  tta: optional(aString),
};

/** The logits of images, or the weighted mean of those of their views. */
async function logitsOf(
  programs: Programs,
  images: readonly NetworkImage[],
  shape: ImageShape,
  views: readonly TestView[] | undefined,
): Promise<ArrayLike<number>[]> {
  const rows = (logits: Float32Array | Float64Array): ArrayLike<number>[] => {
    const size = logits.length / images.length;
    return images.map((_, i) => logits.subarray(i * size, (i + 1) * size));
  };
  if (!views) return rows(await programs.run(images.map((image) => (out) => out.set(image))));
  let sums: Float64Array | undefined;
  for (const { view, weight } of views) {
    const logits = await programs.run(images.map((image) => (out) => shiftPlanes(image, shape, view, out)));
    sums ??= new Float64Array(logits.length);
    for (const [i, logit] of logits.entries()) sums[i]! += weight * logit;
  }
  return rows(sums!);
}

/** The model with its values in the engine, ready to predict. */
export function loadedModel(model: DescribedModel, engine: Engine): LoadedModel {
  const programs = new Programs(model, engine);
  const loaded = { ...model, engine, close: () => programs.close() };
  opened.set(loaded, programs);
  return loaded;
}

const opened = new WeakMap<object, Programs>();

/** Images that are computed at once: their program, and the array that each such batch is written into in turn. */
interface Batch {
  readonly program: Promise<Program>;
  readonly values: Float32Array;
  readonly queue: Queue;
}

/** A program for each power of two that a number of images is made of, kept for the next call. */
class Programs {
  readonly #model: Model;
  readonly #engine: Engine;
  readonly #bySize = new Map<number, Batch>();
  #isClosed = false;

  constructor(model: Model, engine: Engine) {
    this.#model = model;
    this.#engine = engine;
  }

  /** The logits of the images that these write. */
  async run(images: readonly ((planes: Float32Array) => void)[]): Promise<Float32Array> {
    if (this.#isClosed) {
      throw new LimbeckError("ENGINE", `predict: ${this.#model.name} was closed; load its file again`);
    }
    const { program, values, queue } = this.#for(images.length);
    const size = values.length / images.length;
    return queue.add(async () => {
      for (const [i, write] of images.entries()) write(values.subarray(i * size, (i + 1) * size));
      return (await (await program).run({ images: values }))["logits"]!;
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const { program, queue } of this.#bySize.values()) {
      await queue.drained();
      await program.then(
        (compiled) => compiled.close(),
        () => undefined,
      );
    }
    await this.#engine.free(new Set(namedStates(this.#model.module).values()));
  }

  #for(n: number): Batch {
    const known = this.#bySize.get(n);
    if (known) return known;
    const { module, inputShape } = this.#model;
    const images = input("images", [n, ...inputShape]);
    const { output } = record(module, images, { training: false });
    const program = this.#engine.compile({ outputs: { logits: output }, updates: [] });
    const batch = { program, values: new Float32Array(images.size), queue: new Queue() };
    this.#bySize.set(n, batch);
    program.catch(() => this.#bySize.delete(n));
    return batch;
  }
}

function largestPower(most: number): number {
  return 2 ** Math.floor(Math.log2(most));
}

/** The classes of an image's logits, the most probable first. Throws NOT_FINITE for logits that are no numbers. */
export function mostProbable(
  {
    name,
    description,
  }: Pick<Model, "name"> & { readonly description?: Pick<ModelDescription, "classNames"> | undefined },
  logits: ArrayLike<number>,
  top: number,
): Prediction {
  const largest = Array.from(logits).reduce((most, logit) => Math.max(most, logit), -Infinity);
  if (!Number.isFinite(largest)) {
    throw new LimbeckError(
      "NOT_FINITE",
      `predict: ${name} gives logits that are no numbers; its weights are damaged, take its file again`,
    );
  }
  const probabilities = softmax(logits, largest);
  const order = [...probabilities.entries()].sort(([a, one], [b, other]) => other - one || a - b).slice(0, top);
  const classes = order.map(([index, probability]) => ({
    index,
    name: description?.classNames?.[index] ?? `class ${index}`,
    probability,
  }));
  return classes as [PredictedClass, ...PredictedClass[]];
}
