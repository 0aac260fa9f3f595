/** @file A student as an ONNX file. */
import { LimbeckError } from "../errors.ts";
import { fold, type NetworkWithValues } from "../inference/index.ts";
import type { DescribedModel } from "../model-file/index.ts";
import { unknownName } from "../nearest-name.ts";
import { writeOnnx } from "../onnx/index.ts";
import type { Calibration } from "./calibrate.ts";
import type { WeightPrecision } from "./onnx/emitter.ts";
import { onnxGraph } from "./onnx/graph.ts";
import { metadataOf, type OnnxDescription } from "./onnx/metadata.ts";
import { forPictures } from "./onnx/picture-input.ts";
import { quantisedGraph } from "./onnx/quantised-graph.ts";
import { quantise } from "./quantise.ts";
import { trainedCalibration } from "./trained-calibration.ts";

export interface ExportOnnxOptions {
  /**
   * How weights are stored, float32 by default. With float16 they take half the bytes, and are computed with as float32. With int8 they
   * take a quarter, and runtimes compute in whole numbers: activations of 8 bits without a sign, weights of 8 bits with one.
   */
  readonly precision?: OnnxPrecision;
  /** Ranges of the network's layers, which int8 needs: those that were learnt in training by default, where a weights file has them. */
  readonly calibration?: Calibration | undefined;
  /** What the file says of classes and preprocessing; by default what the model's own description says, where a weights file has one. */
  readonly description?: OnnxDescription;
  /**
   * What the file takes: `images`, normalised and of the network's size, by default; or `pictures` of any size, whose numbers are bytes from 0 to 255 in three
   * channels, and which the file resizes, crops and normalises by itself. That needs a description with normalisation.
   */
  readonly takes?: "images" | "pictures";
}

export type OnnxPrecision = WeightPrecision | "int8";

const precisions: readonly OnnxPrecision[] = ["float32", "float16", "int8"];

/**
 * The bytes of an ONNX file (opset 17) with the network in evaluation mode: images [batch, C, H, W], normalised, to logits
 * [batch, classes], for any batch. Norms are folded, labels and preprocessing are in the metadata, where `openTeacher` finds them.
 *
 * Its logits are the network's to about 1e-5 of their size, with float16 to about 3e-3. What int8 costs in accuracy depends on the
 * network: measure it on images that it has not seen.
 *
 * Throws UNSUPPORTED for an operation that ONNX has not or int8 cannot be computed of, and for a network that mixes the images of a
 * batch; SHAPE for one that gives other than its number of classes; ARGUMENT for values that are missing, or too large for float16, and for int8 without ranges of the network; NOT_FINITE
 * for weights that are no numbers.
 */
export function exportOnnx(network: NetworkWithValues, options: ExportOnnxOptions = {}): Uint8Array<ArrayBuffer> {
  const { model }: { readonly model: DescribedModel } = network;
  const { precision = "float32", description = model.description ?? {}, takes = "images" } = options;
  if (!precisions.includes(precision)) unknownName("precision", precision, precisions);
  const metadata = metadataOf(model, description);
  const graph = precision === "int8" ? wholeGraph(network, options.calibration) : onnxGraph(fold(network), precision);
  if (takes === "images") return writeOnnx({ ...graph, metadata });
  const { normalisation, preparation } = description;
  if (!normalisation) {
    throw new LimbeckError(
      "ARGUMENT",
      `exportOnnx: a file that takes pictures needs the normalisation of ${model.name}'s images; give it in description`,
    );
  }
  // NOTE: what becomes of pictures is in the graph.
  const { preprocessing: _, ...rest } = metadata;
  return writeOnnx({ ...forPictures(graph, { ...model, normalisation, preparation }), metadata: rest });
}

function wholeGraph(network: NetworkWithValues, given: Calibration | undefined): ReturnType<typeof quantisedGraph> {
  const calibration = given ?? trainedCalibration(network);
  if (calibration) return quantisedGraph(quantise(network, calibration));
  throw new LimbeckError(
    "ARGUMENT",
    "exportOnnx: int8 needs the ranges of the network's layers; give { calibration: await calibrate(network, { engine, dataset }) }",
  );
}
