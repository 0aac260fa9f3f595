/** @file What a training for int8 learns beside the network. */
import type { Model } from "../models/index.ts";
import type { Ranges } from "../train/quantise/ranges.ts";
import { rangesOf } from "../train/quantise/rounding.ts";
import type { TrainingConfig } from "./config.ts";

/** The largest whole number of an activation in each format's int8. */
const tops = { web: 127, onnx: 255 } as const;

/** What a training for int8 learns beside the network, where the configuration has one. */
export function rangesFor(
  { quantizeEpochs, quantizeFor = "web" }: Pick<TrainingConfig, "quantizeEpochs" | "quantizeFor">,
  model: Model,
): Ranges | undefined {
  return quantizeEpochs === undefined ? undefined : rangesOf(model, tops[quantizeFor]);
}
