/** @file Shapes: sizes per axis, row-major in meaning, NCHW for images. */
import { elementAt } from "../elements.ts";
import { LimbeckError } from "../errors.ts";

/** Sizes per axis. `[]` is a scalar. */
export type Shape = readonly number[];

/** Of two axes. */
export type Matrix = readonly [rows: number, columns: number];
/** Of four, as images and convolutions' weights have it. */
export type Images = readonly [images: number, channels: number, height: number, width: number];

export function isMatrix(shape: Shape): shape is Matrix {
  return shape.length === 2;
}

export function isImages(shape: Shape): shape is Images {
  return shape.length === 4;
}

/** For an engine, where the operation has checked that the shape has two axes. */
export function asMatrix(shape: Shape): Matrix {
  if (!isMatrix(shape)) throw new Error(`${formatShape(shape)} has not two axes`);
  return shape;
}

/** For an engine, where the operation has checked that the shape has four axes. */
export function asImages(shape: Shape): Images {
  if (!isImages(shape)) throw new Error(`${formatShape(shape)} has not four axes`);
  return shape;
}

/** Number of elements in a tensor of this shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** The size along an axis, from the end where it is negative: PyTorch's `size(axis)`. Throws SHAPE for an axis that is not there. */
export function axisSize({ shape }: { readonly shape: Shape }, axis: number): number {
  return shape.at(axis) ?? shapeError("axisSize", "the tensor", `of more axes than to have axis ${axis}`, shape);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** `[128, 3, 32, 32]`, as error messages print a shape. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** Throws SHAPE with the operation, the argument, what it expected and what it got. */
export function shapeError(op: string, argument: string, expected: string, got: Shape): never {
  throw new LimbeckError("SHAPE", `${op}: ${argument} should be ${expected}, got ${formatShape(got)}`);
}

/**
 * The shape of two operands combined element by element, by NumPy's rule: axes align from the
 * right, and a size of 1 stretches. Throws SHAPE if an axis differs otherwise.
 */
export function broadcastShapes(op: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new LimbeckError(
        "SHAPE",
        `${op}: shapes ${formatShape(a)} and ${formatShape(b)} do not combine, axis ${axis} is ${left} and ${right}`,
      );
    }
    return left === 1 ? right : left;
  });
}

/** Steps between neighbours along each axis of a row-major array. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= elementAt(shape, axis);
  }
  return strides;
}

/** Axes as non-negative, sorted, unique numbers; negative ones count from the end. Throws ARGUMENT. */
export function normaliseAxes(op: string, axes: readonly number[], rank: number): number[] {
  const normalised = axes.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);
  if (normalised.some((axis, i) => !Number.isInteger(axis) || axis < 0 || axis >= rank || axis === normalised[i - 1])) {
    throw new LimbeckError(
      "ARGUMENT",
      `${op}: axes should be different whole numbers from ${-rank} to ${rank - 1}, got [${axes.join(", ")}]`,
    );
  }
  return normalised;
}

/** The largest whole number that divides both, of which one may be 0. */
export function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
