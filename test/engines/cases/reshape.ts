/** @file Cases of new shapes: between images and rows, stretched, and every order of axes. */
import * as t from "../../../src/tensor/index.ts";
import { normal, type Case } from "./case.ts";

const orders = (axes: readonly number[]): number[][] =>
  axes.length === 0
    ? [[]]
    : axes.flatMap((first) => orders(axes.filter((axis) => axis !== first)).map((rest) => [first].concat(rest)));

const reshapes: readonly (readonly [from: number[], to: number[]])[] = [
  [
    [2, 3, 4, 5],
    [2, 60],
  ],
  [
    [2, 60],
    [2, 3, 4, 5],
  ],
  [
    [2, 3, 4, 5],
    [6, 20],
  ],
  [
    [3, 5, 1, 1],
    [3, 5],
  ],
  [
    [3, 5],
    [3, 5, 1, 1],
  ],
  [
    [2, 8, 2, 2],
    [4, 4, 2, 2],
  ],
  [[2, 3, 4, 5], [120]],
  [[1], []],
  [[], [1, 1, 1]],
];

const stretches: readonly (readonly [from: number[], to: number[]])[] = [
  [[], [2, 3]],
  [[3], [2, 3]],
  [
    [2, 1],
    [2, 3],
  ],
  [
    [1, 3, 1, 1],
    [2, 3, 4, 5],
  ],
  [
    [2, 1, 4, 1],
    [2, 3, 4, 5],
  ],
  [[1], [1, 1, 1]],
];

export const reshape: readonly Case[] = [
  ...reshapes.map(([from, to]) => ({
    op: "reshape" as const,
    title: `${t.formatShape(from)} to ${t.formatShape(to)}`,
    inputs: [normal(...from)],
    build: (x: t.Tensor) => t.reshape(x, to),
  })),
  {
    op: "reshape",
    title: "of what a convolution and a pool made, to rows (the order is NCHW's, however an engine keeps images)",
    inputs: [normal(2, 3, 6, 6), normal(5, 3, 3, 3)],
    build: (x, weight) => t.flatten(t.avgPool2d(t.conv2d(x, weight, undefined, { padding: 1 }), 2)),
  },
  {
    op: "reshape",
    title: "of rows to images that are convolved",
    inputs: [normal(2, 48), normal(5, 3, 3, 3)],
    build: (x, weight) => t.conv2d(t.reshape(x, [2, 3, 4, 4]), weight),
  },
  ...stretches.map(([from, to]) => ({
    op: "broadcastTo" as const,
    title: `${t.formatShape(from)} to ${t.formatShape(to)}`,
    inputs: [normal(...from)],
    build: (x: t.Tensor) => t.broadcastTo(x, to),
  })),
  ...orders([0, 1, 2, 3]).map((axes) => ({
    op: "permute" as const,
    title: `4-D by [${axes.join(", ")}]`,
    inputs: [normal(2, 3, 4, 5)],
    build: (x: t.Tensor) => t.permute(x, axes),
  })),
  // Whole vectors on both sides, in blocks of one and of four vectors, of one item and of several.
  ...(
    [
      [
        [16, 12, 3, 4],
        [1, 0, 2, 3],
      ],
      [
        [20, 8, 2, 3],
        [1, 0, 2, 3],
      ],
      [
        [2, 24, 4, 12],
        [0, 2, 3, 1],
      ],
      [
        [160, 136],
        [1, 0],
      ],
      [
        [4, 4],
        [1, 0],
      ],
      [
        [3, 8, 5, 16, 2],
        [0, 3, 4, 2, 1],
      ],
      [
        [3, 8, 5, 16],
        [3, 0, 2, 1],
      ],
    ] as const
  ).map(([shape, axes]) => ({
    op: "permute" as const,
    title: `of [${shape.join(", ")}] by [${axes.join(", ")}]`,
    inputs: [normal(...shape)],
    build: (x: t.Tensor) => t.permute(x, axes),
  })),
  { op: "permute", title: "of a scalar", inputs: [normal()], build: (x) => t.permute(x, []) },
  { op: "permute", title: "a matrix transposed", inputs: [normal(7, 9)], build: t.transpose },
];
