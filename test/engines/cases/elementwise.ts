/** @file Cases of element-wise operations: every way of broadcasting, zeros, infinities and NaN. */
import * as t from "../../../src/tensor/index.ts";
import { reluGradOp } from "../../../src/tensor/ops/elementwise.ts";
import { geluGradOp } from "../../../src/tensor/ops/gelu.ts";
import { apply, type Tensor } from "../../../src/tensor/tensor.ts";
import { filled, normal, positive, tied, type Case } from "./case.ts";

const binary = { add: t.add, sub: t.sub, mul: t.mul, div: t.div, maximum: t.maximum, minimum: t.minimum };

const pairs: readonly (readonly [title: string, a: number[], b: number[]])[] = [
  ["two scalars", [], []],
  ["equal shapes of odd size", [3, 5, 7], [3, 5, 7]],
  ["equal shapes of one element", [1], [1]],
  ["a long vector", [1037], [1037]],
  ["a scalar on the left", [], [2, 3, 5]],
  ["a scalar on the right", [2, 3, 5], []],
  ["a row under a matrix", [4, 6], [6]],
  ["a row above a matrix", [6], [4, 6]],
  ["a column beside a matrix", [4, 6], [4, 1]],
  ["an outer product", [5, 1], [1, 3]],
  ["an outer product of vectors of different rank", [5, 1], [3]],
  ["channels of images", [2, 3, 4, 5], [1, 3, 1, 1]],
  ["channels without a batch axis", [2, 3, 4, 5], [3, 1, 1]],
  ["one image under a batch", [2, 3, 4, 5], [3, 4, 5]],
  ["each stretched along other axes", [2, 1, 4, 1], [1, 3, 1, 5]],
  ["an inner axis stretched", [2, 1, 4, 5], [2, 3, 4, 5]],
  ["axes of size 1 that stay", [1, 1, 4], [1, 1]],
];

const binaryCases: Case[] = Object.entries(binary).flatMap(([op, build]) =>
  pairs.map(([title, a, b]) => ({
    op: op as keyof typeof binary,
    title,
    inputs: [normal(...a), positive(...b)],
    build: (x: Tensor, y: Tensor) => build(x, y),
  })),
);

const unary = { neg: t.neg, exp: t.exp, log: t.log, sqrt: t.sqrt, abs: t.abs, sign: t.sign, relu: t.relu };

const unaryCases: Case[] = Object.entries(unary).flatMap(([op, build]) =>
  [[], [1], [7], [2, 3, 5, 7], [1031]].map((shape) => ({
    op: op as keyof typeof unary,
    title: `of ${t.formatShape(shape)}`,
    inputs: [op === "log" || op === "sqrt" ? positive(...shape) : normal(...shape)],
    build,
    elementwise: true,
  })),
);

const compared = { equal: t.equal, less: t.less, maximum: t.maximum, minimum: t.minimum };
const comparedCases: Case[] = Object.entries(compared).flatMap(([op, build]) => [
  {
    op: op as keyof typeof compared,
    title: "with ties, one operand stretched",
    inputs: [tied(5, 9), tied(5, 1)],
    build: (a, b) => build(a, b),
    notSmooth: "ties",
  },
  {
    op: op as keyof typeof compared,
    title: "of infinities and NaN",
    inputs: [filled([6], [NaN, 1, NaN, Infinity, -Infinity, 2]), filled([6], [0, NaN, NaN, Infinity, Infinity, -0])],
    build: (a, b) => build(a, b),
    notSmooth: "no numbers",
  },
]);

const special = [0, -0, 1, -1, 1e-20, -1e-20, 1e20, -1e20, Infinity, -Infinity, NaN, 3];
const specialCases: Case[] = Object.entries(unary).map(([op, build]) => ({
  op: op as keyof typeof unary,
  title: "of zeros, infinities and NaN",
  inputs: [filled([special.length], special)],
  build,
  elementwise: true,
  notSmooth: "kinks and infinities",
}));

export const elementwise: readonly Case[] = [
  ...binaryCases,
  ...unaryCases,
  ...specialCases,
  ...comparedCases,
  {
    op: "round",
    title: "ties to the even number, and what is whole already",
    inputs: [filled([14], [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49, -3.51, 7, 8388609, 1e20, Infinity, -Infinity, NaN])],
    build: t.roundStraightThrough,
    elementwise: true,
    notSmooth: "steps, whose gradient is passed straight through",
  },
  ...[{ min: -0.5, max: 0.25 }, { min: 0 }, { max: -1 }].map((bounds) => ({
    op: "clamp" as const,
    title: `to ${JSON.stringify(bounds)}`,
    inputs: [normal(3, 7, 5)],
    build: (x: Tensor) => t.clamp(x, bounds),
    elementwise: true,
  })),
  {
    op: "clamp",
    title: "at its bounds, which let the gradient through, and beyond numbers",
    inputs: [filled([9], [-1, 1, -1.5, 1.5, 0, -0, Infinity, -Infinity, NaN])],
    build: (x) => t.clamp(x, { min: -1, max: 1 }),
    elementwise: true,
    notSmooth: "kinks",
  },
  {
    op: "exp",
    title: "from underflow to overflow",
    inputs: [filled([9], [-110, -103, -88, -87, -1e-8, 1e-8, 87, 88, 100])],
    build: t.exp,
    elementwise: true,
    notSmooth: "differences overflow",
  },
  {
    op: "log",
    title: "from the smallest to the largest numbers",
    inputs: [filled([7], [1e-38, 1e-10, 0.999999, 1, 1.000001, 1e10, 3e38])],
    build: t.log,
    elementwise: true,
    notSmooth: "differences of 1e-38",
  },
  {
    op: "div",
    title: "by zero",
    inputs: [filled([4], [1, -1, 0, 2]), filled([4], [0, 0, 0, 2])],
    build: t.div,
    elementwise: true,
    notSmooth: "no numbers",
  },
  {
    op: "mul",
    title: "a tensor with itself",
    inputs: [normal(3, 4)],
    build: t.square,
  },
  {
    op: "relu",
    title: "at zero",
    inputs: [tied(4, 9)],
    build: t.relu,
    elementwise: true,
    notSmooth: "kink at 0",
  },
  {
    op: "reluGrad",
    title: "of other values than its own relu's",
    inputs: [normal(3, 7), positive(3, 7)],
    build: (g, y) => apply(reluGradOp, [g, t.stopGradient(t.sub(y, 1))], {}),
  },
  ...(["none", "tanh"] as const).flatMap((approximate): Case[] => [
    ...[[], [7], [2, 3, 5, 7], [1031]].map((shape) => ({
      op: "gelu" as const,
      title: `of ${t.formatShape(shape)}, approximate ${approximate}`,
      inputs: [normal(...shape)],
      build: (x: Tensor) => t.gelu(x, { approximate }),
    })),
    {
      op: "gelu",
      title: `of all sizes, infinities and NaN, approximate ${approximate}`,
      inputs: [filled([special.length + 6], [...special, -2.9, 2.9, -3.1, -5, 5, -12])],
      build: (x) => t.gelu(x, { approximate }),
      notSmooth: "infinities",
    },
    {
      op: "geluGrad",
      title: `of any gradient, approximate ${approximate}`,
      inputs: [normal(3, 7), normal(3, 7)],
      build: (g, x) => t.stopGradient(apply(geluGradOp, [g, x], { approximate })),
      notSmooth: "it has no gradient",
    },
  ]),
  {
    op: "stopGradient",
    title: "of one of two ways to the result",
    inputs: [normal(2, 3)],
    build: (x) => t.add(t.square(x), t.stopGradient(t.mul(x, 3))),
    notSmooth: "it hides a true dependence",
  },
];
