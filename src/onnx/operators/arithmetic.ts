/** @file Arithmetic: of maps and weights as tensors, of shapes as numbers known now. */
import { add, div, maximum, minimum, mul, sqrt, square, sub, type Tensor } from "../../tensor/index.ts";
import type { Call, Operator } from "../call.ts";
import { FIRST, isSamePlace } from "../image-axis.ts";
import { activation, weight, type Numbers, type Value } from "../value.ts";
import { kindOf } from "./convolution.ts";
import { together } from "./numbers.ts";

type Operand = Tensor | number;

interface Arithmetic {
  readonly tensors: (a: Operand, b: Operand) => Tensor;
  readonly numbers: (a: number, b: number) => number;
}

const kinds = {
  Add: { tensors: add, numbers: (a, b) => a + b },
  Sub: { tensors: sub, numbers: (a, b) => a - b },
  Mul: { tensors: mul, numbers: (a, b) => a * b },
  Div: { tensors: div, numbers: (a, b) => a / b },
  Max: { tensors: maximum, numbers: (a, b) => Math.max(a, b) },
  Min: { tensors: minimum, numbers: (a, b) => Math.min(a, b) },
  Sum: { tensors: add, numbers: (a, b) => a + b },
} as const satisfies Record<string, Arithmetic>;

export const arithmetic: Readonly<Record<string, Operator>> = {
  ...Object.fromEntries(Object.entries(kinds).map(([name, kind]) => [name, folded(kind)])),
  Pow: power,
  Equal: (call) => ({ ...together(call, known(call, 2), (a, b) => (a === b ? 1 : 0)), isWhole: true }),
  Where: (call) => {
    const lists = known(call, 3);
    const chosen = together(call, lists, (isFirst, a = NaN, b = NaN) => (isFirst ? a : b));
    return { ...chosen, isWhole: lists.slice(1).every(({ isWhole }) => isWhole) };
  },
};

/** The inputs as numbers that are known now. Throws UNSUPPORTED for others: what a network computes is not compared. */
function known(call: Call, count: number): readonly Numbers[] {
  return Array.from({ length: count }, (_, i) => {
    const value = call.value(i);
    return value.kind === "numbers" ? value : call.unsupported(`input ${i} is computed while the network runs`);
  });
}

/** Of two inputs or, for Max, Min and Sum, of any number of them. */
function folded(kind: Arithmetic): Operator {
  return (call) => {
    if (call.node.attributes.has("axis"))
      call.unsupported("it stretches an operand along an axis, as the first operators did");
    const [first, ...others] = call.inputs.map((_, i) => call.value(i));
    if (!first) return call.damaged("should have inputs");
    return others.reduce<Value>((a, b) => combined(call, kind, a, b), first);
  };
}

function combined(call: Call, kind: Arithmetic, a: Value, b: Value): Value {
  if (a.kind === "numbers" && b.kind === "numbers") {
    const isWhole = a.isWhole && b.isWhole;
    const result = together(call, [a, b], (x = NaN, y = NaN) =>
      isWhole ? Math.trunc(kind.numbers(x, y)) : kind.numbers(x, y),
    );
    return result.values.every(Number.isFinite) ? { ...result, isWhole } : call.damaged("gives what is no number");
  }
  const [left, right] = [operand(call, a), operand(call, b)];
  checkAligned(call, a, b);
  const result = kind.tensors(left, right);
  const images = [a, b].find((value) => value.kind === "activation")?.images;
  return images ? activation(result, images) : weight(result);
}

/** NOTE: the batch stays at axis 0 only if what is combined with a map has no more axes, and another map as many. */
function checkAligned(call: Call, a: Value, b: Value): void {
  if (a.kind === "numbers" || b.kind === "numbers") return;
  const [left, right] = [a.tensor.shape.length, b.tensor.shape.length];
  const isAligned =
    a.kind === b.kind ? a.kind === "weight" || left === right : a.kind === "activation" ? left >= right : right >= left;
  if (!isAligned) call.unsupported(`its inputs have ${left} and ${right} axes, so that images of a batch are mixed`);
  if (a.kind === "weight" || b.kind === "weight") {
    const [image, shared] = a.kind === "weight" ? [b, a] : [a, b];
    if (image.kind === "activation") checkShared(call, image.tensor, shared.tensor);
  } else if (!isSamePlace(a.images, b.images))
    call.unsupported("its inputs have the images of a batch along different axes");
}

/** Throws UNSUPPORTED where a constant has numbers of their own for images that are not along axis 0. */
export function checkShared(call: Call, x: Tensor, constant: Tensor): void {
  const { images } = call;
  const size = constant.shape[images.axis - x.shape.length + constant.shape.length] ?? 1;
  if (!isSamePlace(images, FIRST) && size !== 1) call.unsupported("it gives images of a batch numbers of their own");
}

function operand(call: Call, value: Value): Operand {
  if (value.kind !== "numbers") return value.tensor;
  const [only, ...others] = value.values;
  return only !== undefined && others.length === 0
    ? only
    : call.unsupported("it combines a tensor with a list of numbers");
}

/** x², √x and x, which norms and the like are written with. */
function power(call: Call): Value {
  const x = call.anywhere(0);
  const [exponent, ...others] = call.numbers(1) ?? [];
  if (others.length > 0) call.unsupported("it has several exponents");
  if (exponent === 1) return kindOf(call, x);
  if (exponent === 2) return kindOf(call, square(x));
  if (exponent === 0.5) return kindOf(call, sqrt(x));
  return call.unsupported(`its exponent is ${exponent}, not 1, 2 or 0.5`);
}
