/** @file Saving a network: all that its file holds. */
import type { Dataset } from "../data/dataset.ts";
import type { Engine } from "../engine/contract.ts";
import type { Model } from "../models/index.ts";
import { namedStates } from "../nn/index.ts";
import type { TrainedRanges } from "../train/index.ts";
import { version } from "../version.ts";
import { modelTensors, writeSafetensors } from "../weights/index.ts";
import { toMetadata } from "./description.ts";

export interface SaveModelOptions {
  /** Whose images it was trained on: its name, its classes, and how pictures become its images go into the file. */
  readonly dataset?: Pick<Dataset, "name" | "classes" | "mean" | "std" | "preparation">;
  /** How it was made, as JSON can hold it. Limbeck's version is added. */
  readonly made?: Readonly<Record<string, unknown>>;
  /** What a training for int8 learnt, as `readRanges` gives it: an export in int8 goes by it. */
  readonly int8?: TrainedRanges | undefined;
}

/**
 * The bytes of a safetensors file with every parameter and buffer of the model, as the engine holds them, under PyTorch's
 * names, and in its metadata what `loadModel` needs to make the network again. The same values and options give the same bytes.
 *
 * Throws ENGINE if the engine is closed, ARGUMENT for a data set of other classes or channels, or a `made` that JSON cannot hold.
 */
export async function saveModel(
  model: Model,
  engine: Pick<Engine, "read">,
  options: SaveModelOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { dataset, made = {}, int8 } = options;
  const states = [...namedStates(model.module).values()];
  const values = new Map(await Promise.all(states.map(async (state) => [state, await engine.read(state)] as const)));
  const { name, architecture, inputShape, classes } = model;
  const description = {
    name,
    architecture,
    inputShape,
    classes,
    ...(dataset && {
      classNames: dataset.classes,
      dataset: dataset.name,
      normalisation: { mean: dataset.mean, std: dataset.std },
      preparation: dataset.preparation,
    }),
    made: { limbeck: version, ...made },
    int8,
  };
  return writeSafetensors(modelTensors(model, values), toMetadata(description));
}
