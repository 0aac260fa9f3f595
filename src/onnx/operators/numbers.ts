/** @file Lists and tables of numbers known now, as exporters make shapes and borders of them. */
import { elementAt } from "../../elements.ts";
import { sizeOf } from "../../tensor/index.ts";
import { stridesOf } from "../../tensor/shape.ts";
import type { Call } from "../call.ts";
import { MOST_NUMBERS, type Numbers } from "../value.ts";

/** The places of an axis, in this order. */
export function taken(numbers: Numbers, axis: number, places: readonly number[]): Numbers {
  const dims = numbers.dims.map((size, i) => (i === axis ? places.length : size));
  const strides = stridesOf(numbers.dims);
  return gathered(numbers, dims, (at) =>
    at.reduce((sum, place, i) => sum + (i === axis ? elementAt(places, place) : place) * elementAt(strides, i), 0),
  );
}

/** Axis i of the result is axis `order[i]`. */
export function permuted(numbers: Numbers, order: readonly number[]): Numbers {
  const strides = stridesOf(numbers.dims);
  const dims = order.map((axis) => elementAt(numbers.dims, axis));
  return gathered(numbers, dims, (at) =>
    at.reduce((sum, place, i) => sum + place * elementAt(strides, elementAt(order, i)), 0),
  );
}

/** Each number of a result from the lists' at its place, stretched to each other as arrays are. Throws WEIGHTS, UNSUPPORTED. */
export function together(call: Call, lists: readonly Numbers[], of: (...values: readonly number[]) => number): Numbers {
  const rank = Math.max(...lists.map(({ dims }) => dims.length));
  const stretched = lists.map((list) => ({
    ...list,
    dims: [...Array<number>(rank - list.dims.length).fill(1), ...list.dims],
  }));
  const dims = Array.from({ length: rank }, (_, axis) => {
    const sizes = new Set(stretched.map((list) => elementAt(list.dims, axis)).filter((size) => size !== 1));
    if (sizes.size > 1) call.damaged(`combines ${[...sizes].join(" and ")} numbers`);
    return [...sizes][0] ?? 1;
  });
  if (sizeOf(dims) > MOST_NUMBERS) return call.unsupported(`it makes ${sizeOf(dims)} numbers`);
  const values = stretched.map((list) => {
    const strides = stridesOf(list.dims);
    return gathered(list, dims, (at) =>
      at.reduce((sum, place, i) => sum + (list.dims[i] === 1 ? 0 : place) * elementAt(strides, i), 0),
    ).values;
  });
  const isWhole = lists.every((list) => list.isWhole);
  return {
    kind: "numbers",
    dims,
    isWhole,
    values: Array.from({ length: sizeOf(dims) }, (_, i) => of(...values.map((each) => elementAt(each, i)))),
  };
}

function gathered(
  { values, isWhole }: Numbers,
  dims: readonly number[],
  from: (at: readonly number[]) => number,
): Numbers {
  const strides = stridesOf(dims);
  const result = Array.from({ length: sizeOf(dims) }, (_, i) =>
    from(dims.map((size, axis) => Math.floor(i / elementAt(strides, axis)) % size)),
  );
  return { kind: "numbers", dims, values: result.map((place) => elementAt(values, place)), isWhole };
}
