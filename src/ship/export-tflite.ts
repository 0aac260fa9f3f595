/** @file A student as a TFLite file. */
import { fold, type NetworkWithValues } from "../inference/index.ts";
import type { Calibration } from "./calibrate.ts";
import type { ShippedDescription } from "./description.ts";
import { quantise } from "./quantise.ts";
import { floatGraph } from "./tflite/float-graph.ts";
import { metadataOf, withLabels } from "./tflite/metadata.ts";
import { LARGEST_WEIGHT, quantisedGraph, type Graph } from "./tflite/quantised-graph.ts";

/** `int8`: float32 images and logits; `int8-only`: int8 ones. */
export type TflitePrecision =
  | "float32"
  | "float16"
  | { readonly int8: "rimmed" | "whole"; readonly calibration: Calibration };

/**
 * The bytes of a TFLite file (schema version 3) with the network in evaluation mode: one image [1, H, W, C], normalised, to logits
 * [1, classes]. Norms are folded; labels and normalisation are in its metadata.
 *
 * Throws UNSUPPORTED for an operation that TFLite has not or int8 cannot be computed of, SHAPE for a network that gives other than its
 * number of classes; ARGUMENT for weights too large for float16 and ranges of another network; NOT_FINITE for weights that are no numbers.
 */
export function exportTflite(
  network: NetworkWithValues,
  description: ShippedDescription,
  precision: TflitePrecision,
): Uint8Array<ArrayBuffer> {
  const { emitter, input, output } = graphOf(network, precision);
  return withLabels(emitter.model(network.model.name, input, output, metadataOf(description)), description);
}

function graphOf(network: NetworkWithValues, precision: TflitePrecision): Graph {
  if (typeof precision === "string") return floatGraph(fold(network), precision);
  const { int8, calibration } = precision;
  const quantised = quantise(network, calibration, { top: 255, largest: LARGEST_WEIGHT, isWhole: true });
  return quantisedGraph(quantised, int8 === "whole");
}
