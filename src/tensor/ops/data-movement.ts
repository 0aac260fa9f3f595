/** @file Data movement: axes in another order, tensors one behind the other along an axis, a slice of one, channels mixed among groups. */
import { elementAt } from "../../elements.ts";
import { LimbeckError } from "../../errors.ts";
import { formatShape, isImages, normaliseAxes, sameShape, shapeError, type Shape } from "../shape.ts";
import { apply, type Op, type Tensor, type Unary } from "../tensor.ts";

export interface Axes {
  readonly axes: readonly number[];
}

/** Axis `i` of the result is axis `axes[i]` of x. */
export const permuteOp: Op<Axes, Unary> = {
  name: "permute",
  shape: ([x], { axes }) => {
    const rank = x.shape.length;
    if (axes.length !== rank || [...axes].sort((a, b) => a - b).some((axis, i) => axis !== i)) {
      throw new LimbeckError(
        "ARGUMENT",
        `permute: axes should hold each of 0 to ${rank - 1} once, got [${axes.join(", ")}]`,
      );
    }
    return axes.map((axis) => elementAt(x.shape, axis));
  },
  gradient: (node, g) => [
    permute(
      g,
      node.attributes.axes.map((_, axis) => node.attributes.axes.indexOf(axis)),
    ),
  ],
};

/** The axis, from 0, along which tensors lie. */
export interface Along {
  readonly axis: number;
}

/** The inputs' elements behind each other along `axis`; all other sizes are the same. */
export const concatOp: Op<Along, readonly [Tensor, ...Tensor[]]> = {
  name: "concat",
  shape: (inputs, { axis }) => {
    const first = inputs[0].shape;
    for (const [i, { shape }] of inputs.entries()) {
      if (!sameShape(withSize(shape, axis, elementAt(first, axis)), first))
        shapeError("concat", `tensor ${i}`, `${formatShape(first)} but for axis ${axis}`, shape);
    }
    return withSize(
      first,
      axis,
      inputs.reduce((size, { shape }) => size + elementAt(shape, axis), 0),
    );
  },
  gradient: ({ inputs, attributes: { axis } }, g) => {
    let from = 0;
    return inputs.map((x) => slice(g, { axis, from, to: (from += elementAt(x.shape, axis)) }));
  },
};

/** A slice of an axis: elements `from` to before `to`. */
export interface SliceRange extends Along {
  readonly from: number;
  readonly to: number;
}

/** y[…, i, …] = x[…, from + i, …] */
export const sliceOp: Op<SliceRange, Unary> = {
  name: "slice",
  shape: ([x], { axis, from, to }) => {
    const size = elementAt(x.shape, axis);
    if (![from, to].every(Number.isInteger) || from < 0 || from >= to || to > size) {
      throw new LimbeckError(
        "ARGUMENT",
        `slice: from and to should be whole numbers with 0 ≤ from < to ≤ ${size}, the size of axis ${axis} of ${formatShape(x.shape)}, got ${from} and ${to}`,
      );
    }
    return withSize(x.shape, axis, to - from);
  },
  gradient: (node, g) => [
    apply(sliceGradOp, [g], { ...node.attributes, size: elementAt(node.inputs[0].shape, node.attributes.axis) }),
  ],
};

/** dL/dx of slice: g at its place among zeros along `axis`, which has `size` elements. Input: dL/dy. */
export const sliceGradOp: Op<SliceRange & { readonly size: number }, Unary> = {
  name: "sliceGrad",
  shape: ([g], { axis, size }) => withSize(g.shape, axis, size),
  gradient: ({ attributes: { axis, from, to } }, g) => [slice(g, { axis, from, to })],
};

export interface ShuffleGroups {
  readonly groups: number;
}

/**
 * y[n, c·groups + g] = x[n, g·C / groups + c]: [groups, C / groups] transposed. The gradient is shuffled back.
 * Zhang, Zhou, Lin, Sun, "ShuffleNet: An Extremely Efficient Convolutional Neural Network for Mobile Devices", 2018,
 * https://arxiv.org/abs/1707.01083
 */
export const channelShuffleOp: Op<ShuffleGroups, Unary> = {
  name: "channelShuffle",
  shape: ([x], { groups }) => {
    const { shape } = x;
    if (!isImages(shape)) shapeError("channelShuffle", "x", "[N, C, H, W]", shape);
    if (!Number.isInteger(groups) || groups < 1 || shape[1] % groups !== 0) {
      throw new LimbeckError(
        "ARGUMENT",
        `channelShuffle: groups should be a whole number that divides ${shape[1]} channels, got ${groups}`,
      );
    }
    return shape;
  },
  gradient: (node, g) => [channelShuffle(g, elementAt(node.shape, 1) / node.attributes.groups)],
};

/** Axis `i` of the result is axis `axes[i]` of x. Throws ARGUMENT. */
export function permute(x: Tensor, axes: readonly number[]): Tensor {
  return apply(permuteOp, [x], { axes });
}

/** The last two axes swapped. Throws SHAPE if x has fewer. */
export function transpose(x: Tensor): Tensor {
  const rank = x.shape.length;
  if (rank < 2) shapeError("transpose", "x", "of at least two axes", x.shape);
  return permute(x, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
}

/** Tensors one behind the other along `axis`, which may count from the end. Throws SHAPE, ARGUMENT. */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  const [first, ...others] = tensors;
  if (!first) throw new LimbeckError("ARGUMENT", "concat: there should be at least one tensor, got none");
  const [normalised] = normaliseAxes("concat", [axis], first.shape.length) as [number];
  return apply(concatOp, [first, ...others], { axis: normalised });
}

/** Which elements of which axis; the axis may count from the end, `to` is by default its size. */
export interface SliceOptions {
  readonly axis: number;
  readonly from?: number;
  readonly to?: number;
}

/** x[…, from to before to, …]. Throws ARGUMENT. */
export function slice(x: Tensor, options: SliceOptions): Tensor {
  const { axis, from = 0, to } = options;
  const [normalised] = normaliseAxes("slice", [axis], x.shape.length) as [number];
  return apply(sliceOp, [x], { axis: normalised, from, to: to ?? elementAt(x.shape, normalised) });
}

/** The channels of x [N, C, H, W], one of each of `groups` groups by turns. Throws SHAPE, ARGUMENT. */
export function channelShuffle(x: Tensor, groups: number): Tensor {
  return apply(channelShuffleOp, [x], { groups });
}

function withSize(shape: Shape, axis: number, size: number): Shape {
  return shape.map((old, i) => (i === axis ? size : old));
}
