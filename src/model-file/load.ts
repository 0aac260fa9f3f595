/** @file Loading a network: its file read and checked, made if the file says how, its values written. */
import { fromMetadata, type DescribedModel, type ModelDescription } from "./description.ts";
import type { Engine } from "../engine/contract.ts";
import { LimbeckError } from "../errors.ts";
import {
  architectureName,
  modelOptionsOf,
  createModel,
  ensemble,
  type Architecture,
  type ImageShape,
  type Model,
} from "../models/index.ts";
import { madeWith, nothingOwn, type Own } from "./own.ts";
import { loadedModel, type LoadedModel } from "./predict.ts";
import { formatShape, sameShape, type Tensor } from "../tensor/index.ts";
import { fitWeights, readSafetensors, type StoredTensor } from "../weights/index.ts";

export interface LoadModelOptions {
  /** A model that takes the values, instead of one made as the file says. Files that others wrote need one. */
  readonly into?: Model | undefined;
  /** Names the file in messages. */
  readonly source?: string;
}

/**
 * The network of a weights file, all of its parameters and buffers written to the engine: ready for
 * `predict`.
 *
 * Throws as `readNetwork`; ENGINE if the engine is closed. Nothing is written unless everything fits.
 */
export async function loadModel(
  bytes: Uint8Array,
  engine: Engine,
  options: LoadModelOptions = {},
): Promise<LoadedModel> {
  const { model, values } = await readNetwork(bytes, options);
  for (const [tensor, each] of values) await engine.write(tensor, each);
  return loadedModel(model, engine);
}

/** A model, what its file says of it, and the value of every parameter and buffer. */
export interface ReadNetwork {
  readonly model: DescribedModel;
  readonly values: ReadonlyMap<Tensor, Float32Array>;
}

/**
 * The network of a weights file and its values, to be exported or written to an engine.
 *
 * Throws WEIGHTS for a damaged file, one that does not fit `into`, or one that says nothing of its network where `into` is missing.
 */
export async function readNetwork(bytes: Uint8Array, options: LoadModelOptions = {}): Promise<ReadNetwork> {
  const { into, source = "weights" } = options;
  const file = readModelFile(bytes, source);
  const model = into ?? (await modelOf(file));
  if (!model) {
    throw new LimbeckError(
      "WEIGHTS",
      `${source} does not say which network it holds; make the model, createModel(name), and give it as { into }`,
    );
  }
  const { description } = file;
  return { model: { ...model, description }, values: valuesFor(model, file) };
}

/** A weights file, read but not yet fitted to a model. */
export interface ModelFile {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly description?: ModelDescription | undefined;
  readonly source: string;
}

/** Reads a file. Throws WEIGHTS for bytes that are no whole safetensors file, or a damaged description. */
export function readModelFile(bytes: Uint8Array, source: string): ModelFile {
  const { tensors, metadata } = readSafetensors(bytes, source);
  const description = fromMetadata(metadata, source);
  return { tensors, source, description };
}

/**
 * The network that the file describes, if it does. Throws WEIGHTS where this version cannot make it, or where it takes other
 * images or tells other classes than the file says, or needs a module that `own` has not; CHECKSUM where that has changed.
 */
export async function modelOf({ description, source }: ModelFile, own: Own = nothingOwn): Promise<Model | undefined> {
  if (!description?.architecture) return undefined;
  const { architecture, inputShape, classes } = description;
  const model = await build(architecture, own).catch((error: Error) => {
    const code = error instanceof LimbeckError && error.code === "CHECKSUM" ? "CHECKSUM" : "WEIGHTS";
    throw new LimbeckError(code, `${source}: its network cannot be made: ${error.message}`, { cause: error });
  });
  if (sameShape(model.inputShape, inputShape) && model.classes === classes) return model;
  throw new LimbeckError(
    "WEIGHTS",
    `${source}: its description of the network is damaged: images of ${formatShape(inputShape)} and ${classes} classes, but its ` +
      `architecture takes ${formatShape(model.inputShape)} and has ${model.classes}; get the file again`,
  );
}

/** The value of each of the model's parameters and buffers. Throws WEIGHTS for a file of another network. */
export function valuesFor(model: Model, { tensors, source }: ModelFile): Map<Tensor, Float32Array> {
  return fitWeights(model, tensors, source);
}

/** Throws SHAPE where the file says that its network takes other images than these, [channels, height, width]. */
export function checkImages({ description, source }: ModelFile, shape: ImageShape): void {
  if (!description || sameShape(description.inputShape, shape)) return;
  throw new LimbeckError(
    "SHAPE",
    `${source} holds ${description.name} for images of ${formatShape(description.inputShape)}, but the data set's are ${formatShape(shape)}; ` +
      "give a file that was made for such images, or the data set that it was made for",
  );
}

/** Throws ARGUMENT where the file says that it holds another model than the one named, or it was given options and the file says its own. */
export function checkNamed(
  { description, source }: ModelFile,
  named: string | undefined,
  options?: Readonly<Record<string, unknown>>,
): void {
  const name = description?.architecture && architectureName(description.architecture);
  if (name !== undefined && options && !isSame(options, modelOptionsOf(description?.architecture))) {
    throw new LimbeckError(
      "ARGUMENT",
      `${source} says that it holds ${name} and which options that has; leave the options out, or give another file`,
    );
  }
  if (named === undefined || name === undefined || name === named) return;
  throw new LimbeckError(
    "ARGUMENT",
    `${source} says that it holds ${name}, but the model was named ${named}; leave the name out, or give another file`,
  );
}

function isSame(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  const written = (options: typeof a): string => JSON.stringify(Object.entries(options).toSorted());
  return written(a) === written(b);
}

/**
 * The network, its parameters not yet drawn. Throws UNKNOWN_NAME for a model or method that this version does not know, and
 * ARGUMENT or SHAPE where the parts do not fit each other; as `madeWith` for parts of modules.
 */
async function build(architecture: Architecture, own: Own = nothingOwn): Promise<Model> {
  const { force } = own;
  switch (architecture.kind) {
    case "model": {
      const { name, classes, inputShape, dropout, options, from } = architecture;
      const model = from ? madeWith("model", name, from, { parts: own.models.values(), force }) : name;
      return createModel(model, {
        classes,
        ...(inputShape && { inputShape }),
        ...(dropout !== undefined && { dropout }),
        options,
      });
    }
    case "ensemble":
      return ensemble(
        await Promise.all(architecture.members.map((member) => build(member, own))),
        architecture.weights,
      );
    case "distilled": {
      // NOTE: loaded only here, so that a page which predicts needs no methods.
      const { distilled } = await import("./distilled.ts");
      const { student, teacher } = architecture;
      return distilled(architecture, { student: await build(student, own), teacher: await build(teacher, own) }, own);
    }
  }
}
