/** @file One result element from the elements at the same place, operands stretched by NumPy's broadcasting rule. */
import { LimbeckError } from "../../errors.ts";
import { broadcastShapes, formatShape, sameShape, shapeError, type Shape } from "../shape.ts";
import { apply, asTensor, constant, type Binary, type None, type Op, type Tensor, type Unary } from "../tensor.ts";
import { sumTo } from "./broadcast.ts";

const none: None = {};

function unaryOp(name: string, gradient: (g: Tensor, x: Tensor, y: Tensor) => Tensor | null): Op<None, Unary> {
  return {
    name,
    shape: ([x]) => x.shape,
    gradient: (node, g) => [gradient(g, node.inputs[0], node)],
  };
}

function binaryOp(
  name: string,
  gradient: (g: Tensor, a: Tensor, b: Tensor, y: Tensor) => [Tensor, Tensor] | [null, null],
): Op<None, Binary> {
  return {
    name,
    shape: ([a, b]): Shape => broadcastShapes(name, a.shape, b.shape),
    gradient: (node, g) => {
      const [a, b] = node.inputs;
      const [ga, gb] = gradient(g, a, b, node);
      return [ga && sumTo(ga, a.shape), gb && sumTo(gb, b.shape)];
    },
  };
}

export const addOp: Op<None, Binary> = binaryOp("add", (g) => [g, g]);
export const subOp: Op<None, Binary> = binaryOp("sub", (g) => [g, neg(g)]);
export const mulOp: Op<None, Binary> = binaryOp("mul", (g, a, b) => [mul(g, b), mul(g, a)]);
export const divOp: Op<None, Binary> = binaryOp("div", (g, _a, b, y) => [div(g, b), neg(div(mul(g, y), b))]);
export const negOp: Op<None, Unary> = unaryOp("neg", (g) => neg(g));
export const expOp: Op<None, Unary> = unaryOp("exp", (g, _x, y) => mul(g, y));
export const logOp: Op<None, Unary> = unaryOp("log", (g, x) => div(g, x));
export const sqrtOp: Op<None, Unary> = unaryOp("sqrt", (g, _x, y) => div(mul(g, 0.5), y));
export const absOp: Op<None, Unary> = unaryOp("abs", (g, x) => mul(g, sign(x)));
export const signOp: Op<None, Unary> = unaryOp("sign", () => null);
/** To the nearest whole number, ties to the even one. The gradient passes straight through: Bengio et al., 2013, https://arxiv.org/abs/1308.3432 */
export const roundOp: Op<None, Unary> = unaryOp("round", (g) => g);
export const reluOp: Op<None, Unary> = unaryOp("relu", (g, _x, y) => apply(reluGradOp, [g, y], none));
/** 1 where a = b, else 0: of NaN 0. */
export const equalOp: Op<None, Binary> = binaryOp("equal", () => [null, null]);
/** 1 where a < b, else 0: of NaN 0. */
export const lessOp: Op<None, Binary> = binaryOp("less", () => [null, null]);
/** The gradient goes to the larger, in halves to equal ones, and through a NaN to both, as in PyTorch. */
export const maximumOp: Op<None, Binary> = binaryOp("maximum", (g, a, b) => [mul(g, wins(b, a)), mul(g, wins(a, b))]);
export const minimumOp: Op<None, Binary> = binaryOp("minimum", (g, a, b) => [mul(g, wins(a, b)), mul(g, wins(b, a))]);
/** Inputs: x, and the scalars low ≤ high. The gradient stays where low ≤ x ≤ high, bounds included, as in PyTorch. */
export const clampOp: Op<None, readonly [x: Tensor, low: Tensor, high: Tensor]> = {
  name: "clamp",
  shape: ([x]) => x.shape,
  gradient: (node, g) => {
    const [x, low, high] = node.inputs;
    return [mul(g, mul(atLeast(x, low), atLeast(high, x))), null, null];
  },
};
export const stopGradientOp: Op<None, Unary> = { name: "stopGradient", shape: ([x]) => x.shape };

/** g where relu's result y > 0, else 0: at exactly 0 no gradient flows, as in PyTorch. */
export const reluGradOp: Op<None, readonly [g: Tensor, y: Tensor]> = {
  name: "reluGrad",
  shape: ([g, y]) => {
    if (!sameShape(g.shape, y.shape)) shapeError("reluGrad", "the gradient", formatShape(y.shape), g.shape);
    return y.shape;
  },
  gradient: (node, g) => [apply(reluGradOp, [g, node.inputs[1]], none), null],
};

type Operand = Tensor | number;

/** a + b */
export function add(a: Operand, b: Operand): Tensor {
  return apply(addOp, [asTensor(a), asTensor(b)], none);
}

/** a - b */
export function sub(a: Operand, b: Operand): Tensor {
  return apply(subOp, [asTensor(a), asTensor(b)], none);
}

/** a · b, element by element */
export function mul(a: Operand, b: Operand): Tensor {
  return apply(mulOp, [asTensor(a), asTensor(b)], none);
}

/** a / b, element by element */
export function div(a: Operand, b: Operand): Tensor {
  return apply(divOp, [asTensor(a), asTensor(b)], none);
}

/** -x */
export function neg(x: Tensor): Tensor {
  return apply(negOp, [x], none);
}

/** e^x */
export function exp(x: Tensor): Tensor {
  return apply(expOp, [x], none);
}

/** Natural logarithm; -Infinity at 0, NaN below. */
export function log(x: Tensor): Tensor {
  return apply(logOp, [x], none);
}

/** √x; NaN below 0. Its gradient at 0 is infinite, as in PyTorch. */
export function sqrt(x: Tensor): Tensor {
  return apply(sqrtOp, [x], none);
}

/** x² */
export function square(x: Tensor): Tensor {
  return mul(x, x);
}

/** |x|, with gradient 0 at 0. */
export function abs(x: Tensor): Tensor {
  return apply(absOp, [x], none);
}

/** -1, 0 or 1; 0 for NaN, as in PyTorch. Its gradient is 0. */
export function sign(x: Tensor): Tensor {
  return apply(signOp, [x], none);
}

/**
 * The nearest whole number, of two the even one. Its gradient is that of x, passed straight through, so that a network can learn to be
 * rounded; PyTorch's `round` has 0.
 */
export function roundStraightThrough(x: Tensor): Tensor {
  return apply(roundOp, [x], none);
}

/** max(x, 0), with gradient 0 at 0. NaN stays NaN. */
export function relu(x: Tensor): Tensor {
  return apply(reluOp, [x], none);
}

/** x itself, through which no gradient flows: a teacher's output, say. */
export function stopGradient(x: Tensor): Tensor {
  return apply(stopGradientOp, [x], none);
}

/** 1 where a = b, else 0. No gradient flows: multiply by it to let one through where it is 1. */
export function equal(a: Operand, b: Operand): Tensor {
  return apply(equalOp, [asTensor(a), asTensor(b)], none);
}

/** 1 where a < b, else 0. No gradient flows. */
export function less(a: Operand, b: Operand): Tensor {
  return apply(lessOp, [asTensor(a), asTensor(b)], none);
}

/** The larger of a and b, NaN if either is; where they are equal, each gets half of the gradient. */
export function maximum(a: Operand, b: Operand): Tensor {
  return apply(maximumOp, [asTensor(a), asTensor(b)], none);
}

/** The smaller of a and b, NaN if either is; where they are equal, each gets half of the gradient. */
export function minimum(a: Operand, b: Operand): Tensor {
  return apply(minimumOp, [asTensor(a), asTensor(b)], none);
}

/** What x may not fall below and not exceed; no bound on a side that is omitted. */
export interface ClampOptions {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/** min where x < min, max where x > max, else x. Throws ARGUMENT if min is above max. */
export function clamp(x: Tensor, options: ClampOptions): Tensor {
  const { min = -Infinity, max = Infinity } = options;
  if (!(min <= max)) throw new LimbeckError("ARGUMENT", `clamp: min should be at most max, got ${min} and ${max}`);
  return apply(clampOp, [x, constant(min), constant(max)], none);
}

/** 1 where a ≥ b, else 0: of NaN 0. */
function atLeast(a: Tensor, b: Tensor): Tensor {
  return add(less(b, a), equal(a, b));
}

/** 1 where b > a, ½ where they are equal, 0 where b < a; 1 of NaN. */
function wins(a: Tensor, b: Tensor): Tensor {
  return sub(sub(1, less(b, a)), mul(equal(a, b), 0.5));
}
