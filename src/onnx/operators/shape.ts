/** @file The same elements under another shape or in another order; the numbers that shapes are made of. */
import { elementAt } from "../../elements.ts";
import { broadcastTo, formatShape, permute, reshape, sizeOf, type Shape } from "../../tensor/index.ts";
import { permuteOp, type Axes } from "../../tensor/ops/data-movement.ts";
import type { Call, Operator } from "../call.ts";
import { best, forBatch, placedAgain, type Placed } from "../image-axis.ts";
import { activation, weight, wholeNumbers, type Activation, type Value } from "../value.ts";
import { kindOf } from "./convolution.ts";
import { permuted } from "./numbers.ts";

const reshapeTo: Operator = (call) => {
  const value = call.value(0);
  const target = call.numbers(1) ?? call.ints("shape") ?? call.damaged("should say a shape");
  const keepsZero = call.int("allowzero", 0) !== 0;
  if (value.kind === "numbers") return { ...value, dims: resolved(call, value.dims, target, keepsZero) };
  if (value.kind === "weight")
    return weight(reshape(value.tensor, resolved(call, value.tensor.shape, target, keepsZero)));
  const { node, setting } = call;
  const placed = setting.reshaped.get(node) ?? placedFor(call, value, target, keepsZero);
  setting.reshaped.set(node, placed);
  return activation(reshape(value.tensor, forBatch(placed, setting.batch)), placed.images);
};

/**
 * Where a shape leaves the images. One that was computed from shapes has as many as are recorded; one that stands in a file that was written for
 * a number of images, that many.
 */
function placedFor(
  call: Call,
  { tensor: { shape }, images }: Activation,
  target: readonly number[],
  keepsZero: boolean,
): Placed {
  const { batch, fileBatch = batch } = call.setting;
  const found = [batch, fileBatch].flatMap((count) => {
    const from = { shape: forBatch({ shape, images }, count), images };
    const to = sizesOf(from.shape, target, keepsZero);
    const placed = to && placedAgain(from, to, count);
    return placed ?? [];
  });
  return (
    best(found) ??
    call.unsupported(
      `it mixes the images of a batch: of ${batch} images it makes ${formatShape(resolved(call, shape, target, keepsZero))}`,
    )
  );
}

const flatten: Operator = (call) => {
  const value = firstOf(call);
  const shape = dimsOf(value);
  const rank = shape.length;
  const axis = call.int("axis", 1) === rank ? rank : call.axis(call.int("axis", 1), rank);
  const rows = sizeOf(shape.slice(0, axis));
  return reshaped(value, [rows, sizeOf(shape) / rows]);
};

const squeeze: Operator = (call) => {
  const value = call.value(0);
  const dims = dimsOf(value);
  const given = call.ints("axes") ?? call.numbers(1);
  const axes = given?.map((axis) => call.axis(axis, dims.length));
  if (axes?.some((axis) => dims[axis] !== 1)) call.damaged("takes out an axis that is not of size 1");
  // NOTE: where no axes are said, a batch of one image may be meant or not; it stays.
  const isImages = (axis: number): boolean => value.kind === "activation" && value.images.axis === axis;
  const isLeftOut = (axis: number, size: number): boolean =>
    axes ? axes.includes(axis) : size === 1 && !isImages(axis);
  const kept = [...dims.keys()].filter((axis) => !isLeftOut(axis, elementAt(dims, axis)));
  if (value.kind !== "activation")
    return reshaped(
      value,
      kept.map((axis) => elementAt(dims, axis)),
    );
  const axis = kept.indexOf(value.images.axis);
  if (axis < 0) return call.unsupported("it takes out the axis of the batch");
  return reshaped(
    value,
    kept.map((each) => elementAt(dims, each)),
    axis,
  );
};

const unsqueeze: Operator = (call) => {
  const value = call.value(0);
  const given = call.ints("axes") ?? call.numbers(1) ?? call.damaged("should say its axes");
  const rank = dimsOf(value).length + given.length;
  const axes = given.map((axis) => call.axis(axis, rank));
  if (new Set(axes).size !== axes.length) call.damaged("has an axis twice");
  const rest = [...dimsOf(value)];
  const shape = Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : (rest.shift() ?? 1)));
  if (value.kind !== "activation") return reshaped(value, shape);
  const kept = [...shape.keys()].filter((axis) => !axes.includes(axis));
  return reshaped(value, shape, kept[value.images.axis]);
};

/** NOTE: of a permutation of a permutation one is made, none if they undo each other: exporters change layouts to and fro. */
const transpose: Operator = (call) => {
  const value = call.value(0);
  const rank = dimsOf(value).length;
  const axes = call.ints("perm") ?? [...dimsOf(value).keys()].toReversed();
  if (axes.length !== rank || [...axes].sort((a, b) => a - b).some((axis, i) => axis !== i)) {
    call.damaged("should say each axis once in perm");
  }
  if (value.kind === "numbers") return permuted(value, axes);
  const x = value.tensor;
  const [from, order] =
    x.op === permuteOp
      ? [elementAt(x.inputs, 0), axes.map((axis) => elementAt((x.attributes as Axes).axes, axis))]
      : [x, axes];
  const turned = order.every((axis, i) => axis === i) ? from : permute(from, order);
  const { images } = call;
  return kindOf(call, turned, { ...images, axis: axes.indexOf(images.axis) });
};

const expand: Operator = (call) => {
  const x = call.tensor(0);
  const target = call.numbers(1) ?? call.damaged("should say a shape");
  const rank = Math.max(x.shape.length, target.length);
  if (call.isActive && rank > x.shape.length) call.unsupported("it puts an axis before that of the batch");
  const size = (list: readonly number[], axis: number): number => list[axis - rank + list.length] ?? 1;
  const shape = Array.from({ length: rank }, (_, axis) => {
    const wanted = size(target, axis);
    return wanted === 1 ? size(x.shape, axis) : wanted;
  });
  const { fileBatch, batch } = call.setting;
  const isBatch = call.isActive && fileBatch !== undefined && shape[0] === fileBatch;
  return kindOf(call, broadcastTo(x, isBatch ? [batch, ...shape.slice(1)] : shape));
};

const shapeOf: Operator = (call) => {
  const dims = dimsOf(call.value(0));
  const from = call.int("start", 0);
  const to = call.attribute("end") === undefined ? dims.length : call.int("end", 0);
  return wholeNumbers(dims.slice(from, to));
};

export const shapes: Readonly<Record<string, Operator>> = {
  Reshape: reshapeTo,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Expand: expand,
  Shape: shapeOf,
  Size: (call) => ({ kind: "numbers", dims: [], values: [sizeOf(dimsOf(call.value(0)))], isWhole: true }),
};

/** The shape of a value. */
export function dimsOf(value: Value): Shape {
  return value.kind === "numbers" ? value.dims : value.tensor.shape;
}

/** The first input, its images along axis 0. */
function firstOf(call: Call): Value {
  const value = call.value(0);
  return value.kind === "activation" ? activation(call.tensor(0)) : value;
}

/** The value under another shape, its images along this axis of it. */
function reshaped(value: Value, shape: Shape, axis = 0): Value {
  if (value.kind === "numbers") return { ...value, dims: shape };
  const tensor = reshape(value.tensor, shape);
  return value.kind === "weight" ? weight(tensor) : activation(tensor, { ...value.images, axis });
}

/** The shape that Reshape's second input means: 0 keeps a size, -1 takes what is left. Throws UNSUPPORTED. */
function resolved(call: Call, from: Shape, target: readonly number[], keepsZero: boolean): Shape {
  return (
    sizesOf(from, target, keepsZero) ??
    call.unsupported(`[${from.slice(0, 8).join(", ")}] cannot become [${target.slice(0, 8).join(", ")}]`)
  );
}

/** The same; `undefined` where there are not as many elements. */
function sizesOf(from: Shape, target: readonly number[], keepsZero: boolean): Shape | undefined {
  const sizes = target.map((size, axis) => (size === 0 && !keepsZero ? (from[axis] ?? NaN) : size));
  const open = sizes.indexOf(-1);
  const known = sizeOf(sizes.filter((_, axis) => axis !== open));
  const all = sizeOf(from);
  const shape = open < 0 ? sizes : sizes.map((size, axis) => (axis === open ? all / known : size));
  return shape.every((size) => Number.isSafeInteger(size) && size > 0) && sizeOf(shape) === all ? shape : undefined;
}
