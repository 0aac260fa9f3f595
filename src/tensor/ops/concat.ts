/** @file Tensors one behind the other along an axis, and a stretch of one. */
import { aNumber, checkArguments, having, listOf, optional } from "../../arguments.ts";
import { LimbeckError } from "../../errors.ts";
import { formatShape, normaliseAxes, sameShape, shapeError, type Shape } from "../shape.ts";
import { apply, aTensor, type Op, type Tensor } from "../tensor.ts";

/** The axis, from 0, along which tensors lie. */
export interface Along {
  readonly axis: number;
}

/** The inputs' elements behind each other along `axis`; all other sizes are the same. */
export const concatOp: Op<Along> = {
  name: "concat",
  shape: (inputs, { axis }) => {
    const first = inputs[0]!.shape;
    for (const [i, { shape }] of inputs.entries()) {
      if (!sameShape(withSize(shape, axis, first[axis]!), first))
        shapeError("concat", `tensor ${i}`, `${formatShape(first)} but for axis ${axis}`, shape);
    }
    return withSize(
      first,
      axis,
      inputs.reduce((size, { shape }) => size + shape[axis]!, 0),
    );
  },
  gradient: ({ inputs, attributes: { axis } }, g) => {
    let from = 0;
    return inputs.map((x) => slice(g, { axis, from, to: (from += x.shape[axis]!) }));
  },
};

/** A stretch of an axis: elements `from` to before `to`. */
export interface Stretch extends Along {
  readonly from: number;
  readonly to: number;
}

/** y[…, i, …] = x[…, from + i, …] */
export const sliceOp: Op<Stretch> = {
  name: "slice",
  shape: ([x], { axis, from, to }) => {
    const size = x!.shape[axis]!;
    if (![from, to].every(Number.isInteger) || from < 0 || from >= to || to > size) {
      throw new LimbeckError(
        "ARGUMENT",
        `slice: from and to should be whole numbers with 0 ≤ from < to ≤ ${size}, the size of axis ${axis} of ${formatShape(x!.shape)}, got ${from} and ${to}`,
      );
    }
    return withSize(x!.shape, axis, to - from);
  },
  gradient: (node, g) => [
    apply(sliceGradOp, [g], { ...node.attributes, size: node.inputs[0]!.shape[node.attributes.axis]! }),
  ],
};

/** dL/dx of slice: g at its place among zeros along `axis`, which has `size` elements. Input: dL/dy. */
export const sliceGradOp: Op<Stretch & { readonly size: number }> = {
  name: "sliceGrad",
  shape: ([g], { axis, size }) => withSize(g!.shape, axis, size),
  gradient: ({ attributes: { axis, from, to } }, g) => [slice(g, { axis, from, to })],
};

/** Tensors one behind the other along `axis`, which may count from the end. Throws SHAPE, ARGUMENT. */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  checkArguments("concat", { tensors: [tensors, listOf(aTensor)], axis: [axis, aNumber] });
  const [first] = tensors;
  if (!first) throw new LimbeckError("ARGUMENT", "concat: there should be at least one tensor, got none");
  const [normalised] = normaliseAxes("concat", [axis], first.shape.length) as [number];
  return apply(concatOp, tensors, { axis: normalised });
}

/** Which elements of which axis; the axis may count from the end, `to` is its size if not said. */
export interface SliceOptions {
  readonly axis: number;
  readonly from?: number;
  readonly to?: number;
}

const aStretch = having("an object", { axis: aNumber, from: optional(aNumber), to: optional(aNumber) });

/** x[…, from to before to, …]. Throws ARGUMENT. */
export function slice(x: Tensor, options: SliceOptions): Tensor {
  checkArguments("slice", { x: [x, aTensor], options: [options, aStretch] });
  const { axis, from = 0, to } = options;
  const [normalised] = normaliseAxes("slice", [axis], x.shape.length) as [number];
  return apply(sliceOp, [x], { axis: normalised, from, to: to ?? x.shape[normalised]! });
}

function withSize(shape: Shape, axis: number, size: number): Shape {
  return shape.map((old, i) => (i === axis ? size : old));
}
