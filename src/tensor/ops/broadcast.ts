/** @file A shape made another, sizes of 1 stretched, and sums, which undo that: operations that are each other's gradients. */
import { broadcastShapes, formatShape, normaliseAxes, sameShape, shapeError, sizeOf, type Shape } from "../shape.ts";
import { apply, type Op, type Tensor, type Unary } from "../tensor.ts";

export interface Target {
  readonly shape: Shape;
}

/** Elements in row-major order (NCHW for images), under a new shape of the same size. */
export const reshapeOp: Op<Target, Unary> = {
  name: "reshape",
  shape: ([x], { shape }) => {
    if (sizeOf(shape) !== x.size)
      shapeError("reshape", "the tensor", `of ${sizeOf(shape)} elements, to become ${formatShape(shape)}`, x.shape);
    return shape;
  },
  gradient: (node, g) => [reshape(g, node.inputs[0].shape)],
};

/** Repeats along axes of size 1 and new leading axes. */
export const broadcastToOp: Op<Target, Unary> = {
  name: "broadcastTo",
  shape: ([x], { shape }) => {
    if (!sameShape(broadcastShapes("broadcastTo", x.shape, shape), shape))
      shapeError("broadcastTo", "the tensor", `stretchable to ${formatShape(shape)}`, x.shape);
    return shape;
  },
  gradient: (node, g) => [sumTo(g, node.inputs[0].shape)],
};

export interface Reduction {
  /** Sorted, from 0. */
  readonly axes: readonly number[];
  /** Whether the axes stay, with size 1. */
  readonly keepDims: boolean;
}

/** Σ over `axes`. */
export const sumOp: Op<Reduction, Unary> = {
  name: "sum",
  shape: ([x], attributes) => reducedShape(x.shape, attributes),
  gradient: (node, g) => {
    const { shape } = node.inputs[0];
    return [broadcastTo(reshape(g, reducedShape(shape, { axes: node.attributes.axes, keepDims: true })), shape)];
  },
};

/** x under another shape of the same size; one size may be -1, which is worked out. Throws SHAPE. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const open = shape.indexOf(-1);
  if (open < 0) return sameShape(x.shape, shape) ? x : apply(reshapeOp, [x], { shape });
  const known = shape.reduce((product, size, axis) => (axis === open ? product : product * size), 1);
  return apply(reshapeOp, [x], { shape: shape.map((size, axis) => (axis === open ? x.size / known : size)) });
}

/** [N, ...] to [N, everything else], as PyTorch's `flatten(x, 1)`. */
export function flatten(x: Tensor): Tensor {
  return reshape(x, [x.shape[0] ?? 1, -1]);
}

/** x stretched to `shape` by the broadcasting rule. Throws SHAPE. */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : apply(broadcastToOp, [x], { shape });
}

/** Which axes to reduce (default: all; negative ones count from the end), and whether they stay with size 1. */
export interface ReduceOptions {
  readonly axes?: readonly number[];
  readonly keepDims?: boolean;
}

/** Σx over axes. Throws ARGUMENT for axes x does not have. */
export function sum(x: Tensor, options: ReduceOptions = {}): Tensor {
  const { axes, keepDims } = reductionOf("sum", x, options);
  return apply(sumOp, [x], { axes, keepDims });
}

/** Undoes broadcasting: sums g over the axes along which a tensor of `shape` was stretched to g's. */
export function sumTo(g: Tensor, shape: Shape): Tensor {
  if (sameShape(g.shape, shape)) return g;
  // NOTE: a gradient may itself still be narrower than its tensor (a scalar 1, say); then there is nothing to sum.
  const added = g.shape.length - shape.length;
  const axes = [...g.shape.keys()].filter((axis) => axis < added || (shape[axis - added] === 1 && g.shape[axis] !== 1));
  return axes.length > 0 ? reshape(sum(g, { axes, keepDims: true }), shape) : broadcastTo(g, shape);
}

/** The options with every default. Throws ARGUMENT for axes x does not have. */
export function reductionOf(op: string, x: Tensor, options: ReduceOptions): Reduction {
  const { axes = [...x.shape.keys()], keepDims = false } = options;
  return { axes: normaliseAxes(op, axes, x.shape.length), keepDims };
}

/** Without the axes, or with size 1 for each. */
export function reducedShape(shape: Shape, { axes, keepDims }: Reduction): Shape {
  return keepDims
    ? shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
    : shape.filter((_, axis) => !axes.includes(axis));
}
