/** @file A folded network as an ONNX graph. */
import { valueAt } from "../../elements.ts";
import { LimbeckError } from "../../errors.ts";
import type { NetworkWithValues } from "../../inference/index.ts";
import type { Model } from "../../models/index.ts";
import type { OnnxGraph } from "../../onnx/index.ts";
import { formatShape, isConstant, isState, type Tensor } from "../../tensor/index.ts";
import { Emitter, type WeightPrecision } from "./emitter.ts";
import { rowOf } from "./rows.ts";
import { forAnyBatch } from "./sizes.ts";

/** Names of the graph's input, [batch, C, H, W], and of its output, [batch, classes]. */
export const [PIXEL_VALUES, LOGITS] = ["pixel_values", "logits"];
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

/** Throws SHAPE for other than a logit of each class. */
export function checkLogits(
  { name, classes }: Pick<Model, "name" | "classes">,
  { shape }: Tensor,
  images: number,
): void {
  if (shape.length === 2 && shape[1] === classes) return;
  throw new LimbeckError(
    "SHAPE",
    `${name} should give [N, ${classes}] logits, got ${formatShape(shape)} of ${images} images`,
  );
}

/** A layer is called by its weight, `layer1.0.conv1`; anything else by its operation. */
export function nameOf({ op, inputs }: Tensor, place: number): string {
  const weight = inputs.find((x) => isState(x) && x.attributes.name.endsWith(".weight"));
  return weight && isState(weight) ? weight.attributes.name.replace(/\.weight$/, "") : `${op.name}_${place}`;
}

/** Throws NOT_FINITE. */
export function finite(path: string, values: Float32Array): Float32Array {
  if (values.every(Number.isFinite)) return values;
  throw new LimbeckError(
    "NOT_FINITE",
    `${path} holds numbers that are not finite; its weights are damaged, take them again`,
  );
}
