/** @file Arithmetic: of maps and weights as tensors, of shapes as numbers known now. */
import { add, div, maximum, minimum, mul, sqrt, square, sub, type Tensor } from "../../tensor/index.ts";
import type { Call, Operator } from "../call.ts";
import type { Numbers, Value } from "../value.ts";
import { kindOf } from "./convolution.ts";

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
};

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
  if (a.kind === "numbers" && b.kind === "numbers") return ofNumbers(call, kind, a, b);
  const [left, right] = [operand(call, a), operand(call, b)];
  checkAligned(call, a, b);
  return kindOf(call, kind.tensors(left, right));
}

/** NOTE: the batch stays at axis 0 only if what is combined with a map has no more axes, and another map as many. */
function checkAligned(call: Call, a: Value, b: Value): void {
  if (a.kind === "numbers" || b.kind === "numbers") return;
  const [left, right] = [a.tensor.shape.length, b.tensor.shape.length];
  const isAligned =
    a.kind === b.kind ? a.kind === "weight" || left === right : a.kind === "activation" ? left >= right : right >= left;
  if (!isAligned) call.unsupported(`its inputs have ${left} and ${right} axes, so that images of a batch are mixed`);
}

function operand(call: Call, value: Value): Operand {
  if (value.kind !== "numbers") return value.tensor;
  const [only, ...others] = value.values;
  return only !== undefined && others.length === 0
    ? only
    : call.unsupported("it combines a tensor with a list of numbers");
}

function ofNumbers(call: Call, { numbers }: Arithmetic, a: Numbers, b: Numbers): Numbers {
  const longer = a.values.length >= b.values.length ? a : b;
  const [m, n] = [a.values.length, b.values.length];
  if (m !== n && m !== 1 && n !== 1) call.damaged(`combines ${m} and ${n} numbers`);
  const isWhole = a.isWhole && b.isWhole;
  const values = longer.values.map((_, i) => {
    const value = numbers(a.values[m === 1 ? 0 : i]!, b.values[n === 1 ? 0 : i]!);
    return isWhole ? Math.trunc(value) : value;
  });
  if (!values.every(Number.isFinite)) call.damaged("gives what is no number");
  return { kind: "numbers", dims: longer.dims.length >= a.dims.length ? longer.dims : a.dims, values, isWhole };
}

/** x², √x and x, which norms and the like are written with. */
function power(call: Call): Value {
  const x = call.tensor(0);
  const [exponent, ...others] = call.numbers(1) ?? [];
  if (others.length > 0) call.unsupported("it has several exponents");
  if (exponent === 1) return kindOf(call, x);
  if (exponent === 2) return kindOf(call, square(x));
  if (exponent === 0.5) return kindOf(call, sqrt(x));
  return call.unsupported(`its exponent is ${exponent}, not 1, 2 or 0.5`);
}
