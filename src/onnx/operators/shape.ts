/** @file The same elements under another shape or in another order; the numbers that shapes are made of. */
import { broadcastTo, permute, reshape, sizeOf, type Shape } from "../../tensor/index.ts";
import { permuteOp, type Axes } from "../../tensor/ops/data-movement.ts";
import type { Call, Operator } from "../call.ts";
import { wholeNumbers, type Value } from "../value.ts";
import { kindOf } from "./convolution.ts";
import { permuted } from "./numbers.ts";

const reshapeTo: Operator = (call) => {
  const value = call.value(0);
  const target = call.numbers(1) ?? call.ints("shape") ?? call.damaged("should say a shape");
  const keepsZero = call.int("allowzero", 0) !== 0;
  if (value.kind === "numbers") return { ...value, dims: resolved(call, value.dims, target, keepsZero) };
  const { shape } = value.tensor;
  const { fileBatch, batch } = call.setting;
  // A file that was written for one batch size has it in its shapes.
  const isBatch = value.kind === "activation" && fileBatch !== undefined && target[0] === fileBatch;
  return reshaped(call, value, resolved(call, shape, isBatch ? [batch, ...target.slice(1)] : target, keepsZero));
};

const flatten: Operator = (call) => {
  const value = call.value(0);
  const shape = dimsOf(value);
  const rank = shape.length;
  const axis = call.int("axis", 1) === rank ? rank : call.axis(call.int("axis", 1), rank);
  const rows = sizeOf(shape.slice(0, axis));
  return reshaped(call, value, [rows, sizeOf(shape) / rows]);
};

const squeeze: Operator = (call) => {
  const value = call.value(0);
  const dims = dimsOf(value);
  const given = call.ints("axes") ?? call.numbers(1);
  const axes = given?.map((axis) => call.axis(axis, dims.length));
  if (axes?.some((axis) => dims[axis] !== 1)) call.damaged("takes out an axis that is not of size 1");
  // NOTE: where no axes are said, a batch of one image may be meant or not; it stays.
  const isLeftOut = (axis: number, size: number): boolean =>
    axes ? axes.includes(axis) : size === 1 && !(axis === 0 && value.kind === "activation");
  return reshaped(
    call,
    value,
    dims.filter((size, axis) => !isLeftOut(axis, size)),
  );
};

const unsqueeze: Operator = (call) => {
  const value = call.value(0);
  const given = call.ints("axes") ?? call.numbers(1) ?? call.damaged("should say its axes");
  const rank = dimsOf(value).length + given.length;
  const axes = given.map((axis) => call.axis(axis, rank));
  if (new Set(axes).size !== axes.length) call.damaged("has an axis twice");
  const rest = [...dimsOf(value)];
  const shape = Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : rest.shift()!));
  return reshaped(call, value, shape);
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
  if (call.isActive && axes[0] !== 0) call.unsupported("it moves the axis of the batch");
  const [from, order] =
    x.op === permuteOp ? [x.inputs[0]!, axes.map((axis) => (x.attributes as Axes).axes[axis]!)] : [x, axes];
  return kindOf(call, order.every((axis, i) => axis === i) ? from : permute(from, order));
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

/** The value under another shape. */
export function reshaped(call: Call, value: Value, shape: Shape): Value {
  if (value.kind === "numbers") return { ...value, dims: shape };
  return kindOf(call, reshape(value.tensor, shape));
}

/** The shape that Reshape's second input means: 0 keeps a size, -1 takes what is left. */
function resolved(call: Call, from: Shape, target: readonly number[], keepsZero: boolean): Shape {
  const sizes = target.map((size, axis) =>
    size === 0 && !keepsZero ? (from[axis] ?? call.damaged("keeps a size that is not there")) : size,
  );
  const open = sizes.indexOf(-1);
  const known = sizeOf(sizes.filter((_, axis) => axis !== open));
  const all = sizeOf(from);
  const shape = open < 0 ? sizes : sizes.map((size, axis) => (axis === open ? all / known : size));
  if (!shape.every((size) => Number.isSafeInteger(size) && size > 0) || sizeOf(shape) !== all) {
    call.unsupported(`[${from.slice(0, 8).join(", ")}] cannot become [${target.slice(0, 8).join(", ")}]`);
  }
  return shape;
}
