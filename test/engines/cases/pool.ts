/** @file Cases of pooling: windows that overlap, leave gaps or meet the border; ties; infinities and NaN. */
import {
  avgPool2d,
  conv2d,
  maxPool2d,
  relu,
  upsampleNearest2d,
  type PoolOptions,
  type Tensor,
} from "../../../src/tensor/index.ts";
import { filled, normal, tied, type Case } from "./case.ts";

const uses: readonly (readonly [
  title: string,
  x: number[],
  kernel: number | [number, number],
  options?: PoolOptions,
])[] = [
  ["2x2", [2, 3, 6, 8], 2],
  ["2x2 of an odd image", [2, 3, 5, 7], 2],
  ["2x2 of one image of one channel", [1, 1, 4, 4], 2],
  ["2x2 of many channels", [1, 19, 4, 4], 2],
  ["3x3 with stride 2 and padding 1", [2, 3, 7, 6], 3, { stride: 2, padding: 1 }],
  ["3x3 with stride 1 and padding 1", [2, 2, 4, 4], 3, { stride: 1, padding: 1 }],
  ["2x2 with padding 1", [2, 2, 4, 4], 2, { padding: 1 }],
  ["2x2 with gaps", [2, 2, 8, 8], 2, { stride: 3 }],
  ["a window and steps that differ by axis", [2, 2, 6, 7], [3, 2], { stride: [1, 2], padding: [1, 0] }],
  ["the whole image", [3, 5, 4, 4], 4],
  ["1x1", [2, 3, 3, 3], 1],
];

const casesOf = (op: "maxPool2d" | "avgPool2d", pool: typeof maxPool2d): Case[] =>
  uses.map(([title, shape, kernel, options]) => ({
    op,
    title,
    inputs: [normal(...shape)],
    build: (x: Tensor) => pool(x, kernel, options),
  }));

const enlarged: readonly (readonly [x: number[], scale: number | [number, number]])[] = [
  [[2, 3, 4, 5], 2],
  [[2, 7, 1, 1], 8],
  [
    [1, 4, 3, 2],
    [1, 3],
  ],
  [[2, 16, 8, 8], 1],
];

export const pool: readonly Case[] = [
  ...enlarged.map(([shape, scale]) => ({
    op: "avgPool2dGrad" as const,
    title: `as nearest neighbours, ${shape.join("×")} enlarged by ${scale}`,
    inputs: [normal(...shape)],
    build: (x: Tensor) => upsampleNearest2d(x, scale),
  })),
  ...casesOf("maxPool2d", maxPool2d),
  ...casesOf("avgPool2d", avgPool2d),
  ...uses.map(([title, shape, kernel, options]) => ({
    op: "maxPool2d" as const,
    title: `${title}, with ties`,
    inputs: [tied(...shape)],
    build: (x: Tensor) => maxPool2d(x, kernel, options),
    notSmooth: "ties",
  })),
  {
    op: "maxPool2d",
    title: "of negative numbers, where a border of zeros would win",
    inputs: [filled([1, 1, 3, 3], [-1, -2, -3, -4, -5, -6, -7, -8, -9])],
    build: (x) => maxPool2d(x, 2, { padding: 1 }),
  },
  {
    op: "maxPool2d",
    title: "of infinities and NaN",
    inputs: [
      filled([1, 2, 2, 4], [NaN, 1, 2, 3, 0, Infinity, 4, NaN, -Infinity, -Infinity, 0, 1, -Infinity, -Infinity, 2, 3]),
    ],
    build: (x) => maxPool2d(x, 2),
    notSmooth: "no numbers",
  },
  {
    op: "maxPool2d",
    title: "of two NaN, of which the last one gets the gradient",
    inputs: [filled([1, 1, 2, 2], [NaN, 1, NaN, 2])],
    build: (x) => maxPool2d(x, 2),
    notSmooth: "no numbers",
  },
  {
    op: "maxPool2d",
    title: "of a convolution's relu, as networks have it",
    inputs: [normal(2, 3, 8, 8), normal(5, 3, 3, 3), normal(5)],
    build: (x, weight, bias) => maxPool2d(relu(conv2d(x, weight, bias, { padding: 1 })), 2),
  },
];
