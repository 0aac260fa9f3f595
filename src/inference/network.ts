/** @file A network that can be used: a model, and the values that it was trained to. */
import type { Model } from "../models/index.ts";
import type { Tensor } from "../tensor/index.ts";

/** What `importOnnx` gives, for example. */
export interface NetworkWithValues {
  readonly model: Model;
  /** Of every parameter and buffer. */
  readonly values: ReadonlyMap<Tensor, Float32Array>;
}
