/** @file Lists and tables of numbers known now, as exporters make shapes and borders of them. */
import { sizeOf } from "../../tensor/index.ts";
import { stridesOf } from "../../tensor/shape.ts";
import type { Numbers } from "../value.ts";

/** The places of an axis, in this order. */
export function taken(numbers: Numbers, axis: number, places: readonly number[]): Numbers {
  const dims = numbers.dims.map((size, i) => (i === axis ? places.length : size));
  const strides = stridesOf(numbers.dims);
  return gathered(numbers, dims, (at) =>
    at.reduce((sum, place, i) => sum + (i === axis ? places[place]! : place) * strides[i]!, 0),
  );
}

/** Axis i of the result is axis `order[i]`. */
export function permuted(numbers: Numbers, order: readonly number[]): Numbers {
  const strides = stridesOf(numbers.dims);
  const dims = order.map((axis) => numbers.dims[axis]!);
  return gathered(numbers, dims, (at) => at.reduce((sum, place, i) => sum + place * strides[order[i]!]!, 0));
}

function gathered(
  { values, isWhole }: Numbers,
  dims: readonly number[],
  from: (at: readonly number[]) => number,
): Numbers {
  const strides = stridesOf(dims);
  const result = Array.from({ length: sizeOf(dims) }, (_, i) =>
    from(dims.map((size, axis) => Math.floor(i / strides[axis]!) % size)),
  );
  return { kind: "numbers", dims, values: result.map((place) => values[place]!), isWhole };
}
