/** @file What a name of an ONNX graph stands for while the graph is recorded. */
import { broadcastTo, constant, type Tensor } from "../tensor/index.ts";
import { FIRST, type ImageAxis } from "./image-axis.ts";

/** A value that depends on the images; one that does not; or a few numbers known now, such as a shape. */
export type Value = Activation | Weight | Numbers;

export interface Activation {
  readonly kind: "activation";
  readonly tensor: Tensor;
  readonly images: ImageAxis;
}

export interface Weight {
  readonly kind: "weight";
  readonly tensor: Tensor;
}

/** Row-major; `[]` is a single one. */
export interface Numbers {
  readonly kind: "numbers";
  readonly dims: readonly number[];
  readonly values: readonly number[];
  /** Whether their type is one of whole numbers: a division leaves the remainder out. */
  readonly isWhole: boolean;
  /** Of a type that floats are quantised to: what it holds. */
  readonly range?: readonly [least: number, most: number] | undefined;
}

/** Lists of numbers are shapes and the like; longer ones are not read. */
export const MOST_NUMBERS = 4096;

export function activation(tensor: Tensor, images: ImageAxis = FIRST): Activation {
  return { kind: "activation", tensor, images };
}

export function weight(tensor: Tensor): Weight {
  return { kind: "weight", tensor };
}

/** A list of whole numbers. */
export function wholeNumbers(values: readonly number[]): Numbers {
  return { kind: "numbers", dims: [values.length], values, isWhole: true };
}

/** A single number as a tensor of its shape. */
export function tensorOfOne({ dims, values }: Numbers): Tensor {
  const [value = 0] = values;
  return dims.length === 0 ? constant(value) : broadcastTo(constant(value), dims);
}
