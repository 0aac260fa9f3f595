/** @file What a kernel is: the arithmetic of one operation, over row-major arrays. */
import { elementAt } from "../../../elements.ts";
import type { AttributesOf, ForInputs, InputsOf, OpName } from "../../../tensor/ops/index.ts";
import { stridesOf, type Shape } from "../../../tensor/shape.ts";
import type { Tensor } from "../../../tensor/tensor.ts";

/** A tensor's values, row-major in its shape. Arithmetic on them is JavaScript's own, in float64. */
export type Numbers = Float32Array | Float64Array | Int32Array | Uint8Array;

/**
 * Fills `output` with the values of a node of an operation, given its inputs'. `output` is zeros at first, and rounds what is
 * stored if it is a `Float32Array`: a kernel that adds up in place does so in a `Float64Array` first.
 */
export type Kernel<Name extends OpName> = (
  node: Tensor<AttributesOf<Name>, InputsOf<Name>>,
  inputs: ForInputs<Name, Numbers>,
  output: Float32Array | Float64Array,
) => void;

/** An element that has to be there. NOTE: loops over products read without a call, which makes them faster. */
export function read(values: Numbers, index: number): number {
  const value = values[index];
  if (value === undefined) throw new Error(`there should be an element ${index}, got ${values.length} elements`);
  return value;
}

/** Adds to an element. */
export function addTo(totals: Float32Array | Float64Array, index: number, value: number): void {
  totals[index] = read(totals, index) + value;
}

/**
 * For each element of a row-major array of `shape`, where another array keeps the element at the same coordinates:
 * Σ coordinate[axis]·strides[axis].
 */
export function offsets(shape: Shape, strides: readonly number[]): Int32Array {
  let found = Int32Array.of(0);
  for (const [axis, size] of shape.entries()) {
    const longer = new Int32Array(found.length * size);
    for (let i = 0; i < found.length; i++) {
      for (let j = 0; j < size; j++) longer[i * size + j] = read(found, i) + j * elementAt(strides, axis);
    }
    found = longer;
  }
  return found;
}

/** Strides that read an array of shape `from` as if it had been stretched to `to`: 0 along the stretched axes. */
export function stretchedStrides(from: Shape, to: Shape): number[] {
  const added = to.length - from.length;
  const strides = stridesOf(from);
  return to.map((_, axis) => (axis < added || from[axis - added] === 1 ? 0 : elementAt(strides, axis - added)));
}
