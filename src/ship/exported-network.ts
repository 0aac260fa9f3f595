/** @file What graphs of every format have in common: the names of their ends, of their layers, and what is checked of a network. */
import { LimbeckError } from "../errors.ts";
import type { Model } from "../models/index.ts";
import { formatShape, isState, type Tensor } from "../tensor/index.ts";

/** Names of an exported graph's input, images, and of its output, a logit of each class. */
export const [PIXEL_VALUES, LOGITS] = ["pixel_values", "logits"];

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
