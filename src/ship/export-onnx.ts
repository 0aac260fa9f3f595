/** @file A student as an ONNX file. */
import { anObject, aString, checkArguments, having, optional } from "../arguments.ts";
import { fold } from "../inference/fold.ts";
import { aNetwork, type NetworkWithValues } from "../inference/network.ts";
import { unknownName } from "../nearest-name.ts";
import { writeOnnx } from "../onnx/write.ts";
import type { WeightPrecision } from "./onnx/emitter.ts";
import { onnxGraph } from "./onnx/graph.ts";
import { metadataOf, type OnnxDescription } from "./onnx/metadata.ts";

export interface ExportOnnxOptions {
  /** How weights are stored, float32 by default. With float16 they take half the bytes, and are computed with as float32. */
  readonly precision?: WeightPrecision;
  /** What the file says of classes and preprocessing: a weights file's description, say. */
  readonly description?: OnnxDescription;
}

const precisions: readonly WeightPrecision[] = ["float32", "float16"];

/**
 * The bytes of an ONNX file (opset 17) with the network in evaluation mode: images [batch, C, H, W], normalised, to logits
 * [batch, classes], for any batch. Norms are folded, labels and preprocessing are in the metadata, where `openTeacher` finds them.
 *
 * Its logits are the network's to about 1e-5 of their size, with float16 to about 3e-3.
 *
 * Throws UNSUPPORTED for an operation that ONNX has not, or a network that mixes the images of a batch; ARGUMENT for values that are
 * missing, or too large for float16; NOT_FINITE for weights that are no numbers.
 */
export function exportOnnx(network: NetworkWithValues, options: ExportOnnxOptions = {}): Uint8Array<ArrayBuffer> {
  checkArguments("exportOnnx", {
    network: [network, aNetwork],
    options: [options, having("an object", { precision: optional(aString), description: optional(anObject) })],
  });
  const { precision = "float32", description } = options;
  if (!precisions.includes(precision)) unknownName("precision", precision, precisions);
  const metadata = metadataOf(network.model.inputShape, description);
  return writeOnnx({ ...onnxGraph(fold(network), precision), metadata });
}
