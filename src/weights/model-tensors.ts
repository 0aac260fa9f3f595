/** @file A model's weights for a file, under PyTorch's names. */
import { LimbeckError } from "../errors.ts";
import type { Model } from "../models/index.ts";
import { namedStates } from "../nn/index.ts";
import { sizeOf, type Tensor } from "../tensor/index.ts";
import { NUMBER_BYTES, writeHeader, type StoredTensor } from "./safetensors.ts";

/** A model's parameters and buffers as a file's tensors, under PyTorch's names. `values` has one entry for each at least. */
export function modelTensors(model: Model, values: ReadonlyMap<Tensor, Float32Array>): Map<string, StoredTensor> {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, tensor] of namedStates(model.module)) {
    const stored = values.get(tensor);
    if (!stored)
      throw new LimbeckError(
        "ARGUMENT",
        `${model.name}: values should hold every parameter and buffer, ${name} is missing`,
      );
    tensors.set(name, { shape: tensor.shape, values: stored });
  }
  return tensors;
}

/** How many bytes a model's weights file has, without anything else in it. */
export function weightsFileBytes(model: Model): number {
  const shapes = new Map([...namedStates(model.module)].map(([name, { shape }]) => [name, shape]));
  const numbers = [...shapes.values()].reduce((total, shape) => total + sizeOf(shape), 0);
  return writeHeader(shapes, {}).length + numbers * NUMBER_BYTES;
}
