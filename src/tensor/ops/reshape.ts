/** @file The same numbers under another shape. */
import { aNumber, aShape, checkArguments, listOf } from "../../arguments.ts";
import { LimbeckError } from "../../errors.ts";
import { broadcastShapes, formatShape, sameShape, shapeError, sizeOf, type Shape } from "../shape.ts";
import { apply, aTensor, type Op, type Tensor } from "../tensor.ts";
import { sumTo } from "./reduce.ts";

export interface Target {
  readonly shape: Shape;
}

/** Elements in row-major order (NCHW for images), under a new shape of the same size. */
export const reshapeOp: Op<Target> = {
  name: "reshape",
  shape: ([x], { shape }) => {
    if (sizeOf(shape) !== x!.size)
      shapeError("reshape", "the tensor", `of ${sizeOf(shape)} elements, to become ${formatShape(shape)}`, x!.shape);
    return shape;
  },
  gradient: (node, g) => [reshape(g, node.inputs[0]!.shape)],
};

/** Repeats along axes of size 1 and new leading axes. */
export const broadcastToOp: Op<Target> = {
  name: "broadcastTo",
  shape: ([x], { shape }) => {
    if (!sameShape(broadcastShapes("broadcastTo", x!.shape, shape), shape))
      shapeError("broadcastTo", "the tensor", `stretchable to ${formatShape(shape)}`, x!.shape);
    return shape;
  },
  gradient: (node, g) => [sumTo(g, node.inputs[0]!.shape)],
};

export interface Axes {
  readonly axes: readonly number[];
}

/** Axis `i` of the result is axis `axes[i]` of x. */
export const permuteOp: Op<Axes> = {
  name: "permute",
  shape: ([x], { axes }) => {
    const rank = x!.shape.length;
    if (axes.length !== rank || [...axes].sort((a, b) => a - b).some((axis, i) => axis !== i)) {
      throw new LimbeckError(
        "ARGUMENT",
        `permute: axes should hold each of 0 to ${rank - 1} once, got [${axes.join(", ")}]`,
      );
    }
    return axes.map((axis) => x!.shape[axis]!);
  },
  gradient: (node, g) => [
    permute(
      g,
      node.attributes.axes.map((_, axis) => node.attributes.axes.indexOf(axis)),
    ),
  ],
};

/** x under another shape of the same size; one size may be -1, which is worked out. Throws SHAPE. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  checkArguments("reshape", { x: [x, aTensor], shape: [shape, aShape] });
  const open = shape.indexOf(-1);
  if (open < 0) return sameShape(x.shape, shape) ? x : apply(reshapeOp, [x], { shape });
  const known = shape.reduce((product, size, axis) => (axis === open ? product : product * size), 1);
  return apply(reshapeOp, [x], { shape: shape.map((size, axis) => (axis === open ? x.size / known : size)) });
}

/** [N, ...] to [N, everything else], as PyTorch's `flatten(x, 1)`. */
export function flatten(x: Tensor): Tensor {
  checkArguments("flatten", { x: [x, aTensor] });
  return reshape(x, [x.shape[0] ?? 1, -1]);
}

/** x stretched to `shape` by the broadcasting rule. Throws SHAPE. */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  checkArguments("broadcastTo", { x: [x, aTensor], shape: [shape, aShape] });
  return sameShape(x.shape, shape) ? x : apply(broadcastToOp, [x], { shape });
}

/** Axis `i` of the result is axis `axes[i]` of x. Throws ARGUMENT. */
export function permute(x: Tensor, axes: readonly number[]): Tensor {
  checkArguments("permute", { x: [x, aTensor], axes: [axes, listOf(aNumber)] });
  return apply(permuteOp, [x], { axes });
}

/** The last two axes swapped. Throws SHAPE if x has fewer. */
export function transpose(x: Tensor): Tensor {
  checkArguments("transpose", { x: [x, aTensor] });
  const rank = x.shape.length;
  if (rank < 2) shapeError("transpose", "x", "of at least two axes", x.shape);
  return permute(x, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
}
