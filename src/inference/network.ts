/** @file A network that can be used: a model, and the values that it was trained to. */
import { aMap, having, type Kind } from "../arguments.ts";
import { aModel, type Model } from "../models/model.ts";
import type { Tensor } from "../tensor/index.ts";

/** What `importOnnx` gives, for example. */
export interface NetworkWithValues {
  readonly model: Model;
  /** Of every parameter and buffer. */
  readonly values: ReadonlyMap<Tensor, Float32Array>;
}

/** For `checkArguments`. */
export const aNetwork: Kind = having("a network", { model: aModel, values: aMap });
