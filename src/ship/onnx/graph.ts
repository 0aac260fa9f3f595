/** @file A folded network as an ONNX graph. */
import { valueAt } from "../../elements.ts";
import type { NetworkWithValues } from "../../inference/index.ts";
import type { OnnxGraph } from "../../onnx/index.ts";
import { isConstant, isState, type Tensor } from "../../tensor/index.ts";
import { checkLogits, finite, LOGITS, nameOf, PIXEL_VALUES } from "../exported-network.ts";
import { Emitter, type WeightPrecision } from "./emitter.ts";
import { rowOf } from "./rows.ts";
import { forAnyBatch } from "./sizes.ts";

/** The name of the size that is open. */
export const BATCH = "batch";

/** Throws UNSUPPORTED for what cannot be written, and where the network mixes the images of a batch; NOT_FINITE for a parameter that is no number, SHAPE for logits of another shape. */
export function onnxGraph(
  { model, values }: NetworkWithValues,
  precision: WeightPrecision,
): Omit<OnnxGraph, "metadata"> {
  const { name, module, inputShape, classes } = model;
  const { order, images, output, sizesOf } = forAnyBatch(name, module, inputShape);
  checkLogits(model, output, images.shape[0]!);
  const emitter = new Emitter([PIXEL_VALUES, LOGITS], precision);
  const written = new Map<Tensor, string>([[images, PIXEL_VALUES]]);
  for (const [i, tensor] of order.entries()) {
    if (tensor === images) continue;
    if (isConstant(tensor)) written.set(tensor, emitter.number(tensor.attributes.value));
    else if (isState(tensor)) {
      const { name: path } = tensor.attributes;
      written.set(tensor, emitter.weight(path, tensor.shape, finite(path, valueAt(values, tensor))));
    } else {
      const inputs = tensor.inputs.map((x) => valueAt(written, x));
      const writing = { emitter, images: PIXEL_VALUES, sizesOf, name: nameOf(tensor, i) };
      written.set(tensor, rowOf(tensor)(tensor, inputs, writing));
    }
  }
  const last = valueAt(written, output);
  return {
    nodes: emitter.nodes.map((node) => (node.output === last ? { ...node, output: LOGITS } : node)),
    constants: emitter.constants,
    inputs: [{ name: PIXEL_VALUES, dims: [BATCH, ...inputShape] }],
    outputs: [{ name: LOGITS, dims: [BATCH, classes] }],
  };
}
