/** @file Cases of data movement: along every axis, of every rank, with indices that repeat and that lie outside. */
import * as t from "../../../src/tensor/index.ts";
import { bytes, indices, indicesIn, normal, type Case, type Values } from "./case.ts";

/** [title, axis, shapes] */
const rows: readonly (readonly [title: string, axis: number, shapes: readonly number[][]])[] = [
  ["two vectors", 0, [[5], [9]]],
  ["one tensor alone", 1, [[2, 3]]],
  [
    "rows of matrices",
    0,
    [
      [2, 5],
      [1, 5],
      [4, 5],
    ],
  ],
  [
    "columns that fill no vector",
    1,
    [
      [3, 5],
      [3, 1],
      [3, 7],
    ],
  ],
  [
    "the middle axis",
    -2,
    [
      [3, 2, 5],
      [3, 4, 5],
    ],
  ],
  ["a long axis beside a short one", 0, [[2048], [3]]],
  ...[0, 1, 2, 3].map((axis): [string, number, number[][]] => [
    `images along axis ${axis}`,
    axis,
    [2, 5].map((size) => [3, 4, 5, 6].map((other, i) => (i === axis ? size : other))),
  ]),
  [
    "channels of images of one pixel",
    1,
    [
      [3, 4, 1, 1],
      [3, 2, 1, 1],
    ],
  ],
  [
    "the third of five axes",
    2,
    [
      [2, 3, 4, 2, 3],
      [2, 3, 1, 2, 3],
    ],
  ],
];

/** [title, shape, options] */
const slices: readonly (readonly [title: string, shape: number[], options: t.SliceOptions])[] = [
  ["a vector's middle", [11], { axis: 0, from: 3, to: 8 }],
  ["the first rows", [6, 5], { axis: 0, to: 2 }],
  ["the last columns", [6, 9], { axis: -1, from: 4 }],
  ["all of it", [2, 3], { axis: 1 }],
  ["one element of a middle axis", [3, 5, 4], { axis: 1, from: 2, to: 3 }],
  ...[0, 1, 2, 3].map((axis): [string, number[], t.SliceOptions] => [
    `images along axis ${axis}`,
    [4, 7, 5, 6],
    { axis, from: 1, to: 3 },
  ]),
  ["half of the channels", [2, 24, 3, 3], { axis: 1, from: 12 }],
  ["of five axes", [2, 3, 4, 2, 3], { axis: 2, from: 1, to: 3 }],
];

/** By so many pixels at most, some of them mirrored. */
function shifts(count: number, most: number): Values {
  return {
    shape: [count, 3],
    dtype: "int32",
    draw: (draws) =>
      Int32Array.from({ length: count * 3 }, (_, i) =>
        i % 3 === 2 ? draws.below(2) : draws.below(2 * most + 1) - most,
      ),
  };
}

export const dataMovement: readonly Case[] = [
  ...rows.map(([title, axis, shapes]) => ({
    op: "concat" as const,
    title,
    inputs: shapes.map((shape) => normal(...shape)),
    build: (...tensors: t.Tensor[]) => t.concat(tensors, axis),
  })),
  {
    op: "concat",
    title: "a tensor with itself and what is made of it",
    inputs: [normal(2, 3, 2, 2)],
    build: (x) => t.concat([x, t.square(x), x], 1),
  },
  ...slices.map(([title, shape, options]) => ({
    op: "slice" as const,
    title,
    inputs: [normal(...shape)],
    build: (x: t.Tensor) => t.slice(x, options),
  })),
  {
    op: "slice",
    title: "of channels, one half convolved, behind each other and shuffled, as networks have it",
    inputs: [normal(2, 12, 4, 4), normal(6, 6, 1, 1)],
    build: (x, weight) => {
      const [kept, changed] = [t.slice(x, { axis: 1, to: 6 }), t.slice(x, { axis: 1, from: 6 })];
      return t.channelShuffle(t.concat([kept, t.relu(t.conv2d(changed, weight))], 1), 2);
    },
  },
  ...(
    [
      [2, 12, 3, 3, 3],
      [2, 12, 3, 2, 4],
      [3, 10, 2, 2, 5],
      [1, 7, 2, 3, 7],
      [2, 6, 1, 1, 1],
    ] as const
  ).map(([n, c, h, w, groups]) => ({
    op: "channelShuffle" as const,
    title: `of [${n}, ${c}, ${h}, ${w}] in ${groups} groups`,
    inputs: [normal(n, c, h, w)],
    build: (x: t.Tensor) => t.channelShuffle(x, groups),
  })),
  {
    op: "permute",
    title: "of five axes, which shuffle channels",
    inputs: [normal(2, 12, 3, 4)],
    build: (x) => t.reshape(t.permute(t.reshape(x, [2, 3, 4, 3, 4]), [0, 2, 1, 3, 4]), [2, 12, 3, 4]),
  },
  ...(
    [
      ["images, some of them often", [5, 3, 4, 6], [4, 0, 0, 2, 4, 4]],
      ["images whose bytes fill no words", [4, 3, 5, 5], [3, 1]],
      ["grey images", [3, 1, 7, 9], [2, 0, 1]],
      ["images of one pixel", [3, 5, 1, 1], [2, 0]],
      ["more images than a task has", [40, 3, 32, 32], [39, 7, 0, 21, 13]],
      ["rows without pixels", [6, 7], [5, 1, 1]],
      ["rows of three axes", [3, 2, 11], [2, 0]],
      ["rows of five axes", [3, 2, 3, 2, 3], [1, 2]],
      ["images outside, which are no numbers", [3, 2, 3, 3], [3, -1, 2, 1_000_000_000, -2_000_000_000]],
    ] as const
  ).map(([title, shape, rows]) => ({
    op: "lookupRows" as const,
    title,
    inputs: [bytes(...shape), indices(...rows), normal(shape[1], 256)],
    build: (...[x, index, table]: Parameters<Case["build"]>) => t.stopGradient(t.lookupRows(x!, index!, table!)),
    notSmooth: "no gradient flows",
  })),
  ...(["reflect", "black"] as const).flatMap((border) =>
    (
      [
        ["a few pixels", [5, 3, 6, 9], 4],
        ["grey images", [3, 1, 7, 5], 3],
        ["images of a column", [3, 2, 8, 1], 1],
        ["images as large as a task's", [4, 3, 32, 32], 5],
        ["further than they are large", [4, 2, 4, 3], 40],
      ] as const
    ).map(([title, shape, most]) => ({
      op: "lookupRows" as const,
      title: `shifted, with a ${border} border: ${title}`,
      inputs: [bytes(...shape), indicesIn([7], shape[0]), normal(shape[1], 256), shifts(7, most)],
      build: (...[x, index, table, by]: Parameters<Case["build"]>) =>
        t.stopGradient(t.lookupRows(x!, index!, table!, { shifts: by!, border })),
      notSmooth: "no gradient flows",
    })),
  ),
  {
    op: "indexSelect",
    title: "rows of a matrix, some of them often",
    inputs: [normal(5, 7), indices(4, 0, 0, 2, 4, 4)],
    build: t.indexSelect,
  },
  {
    op: "indexSelect",
    title: "of one column",
    inputs: [normal(4, 1), indices(3, 3, 0)],
    build: t.indexSelect,
  },
  {
    op: "indexSelect",
    title: "numbers of a vector",
    inputs: [normal(6), indices(5, 1, 1)],
    build: t.indexSelect,
  },
  {
    op: "indexSelect",
    title: "by a matrix of indices, of more columns than a task has",
    inputs: [normal(9, 37), indicesIn([3, 4], 9)],
    build: t.indexSelect,
  },
  {
    op: "indexSelect",
    title: "by indices of four axes",
    inputs: [normal(6, 5), indicesIn([2, 3, 2, 3], 6)],
    build: t.indexSelect,
  },
  { op: "indexSelect", title: "images", inputs: [normal(4, 3, 2, 5), indices(3, 1, 1)], build: t.indexSelect },
  {
    op: "indexSelect",
    title: "images by a matrix of indices",
    inputs: [normal(4, 3, 2, 5), indicesIn([2, 3], 4)],
    build: t.indexSelect,
  },
  {
    op: "indexSelect",
    title: "outside, which gives NaN and no gradient",
    inputs: [normal(3, 6), indices(3, -1, 2, 1_000_000_000, -2_000_000_000)],
    build: t.indexSelect,
    notSmooth: "no numbers",
  },
  {
    op: "indexSelect",
    title: "many of few rows",
    inputs: [normal(3, 20), indicesIn([400], 3)],
    build: t.indexSelect,
  },
  ...(
    [
      ["some rows, one twice", [6, 7], [4, 0, 4]],
      ["rows outside, which change nothing", [3, 5], [3, 1, -1, 2_000_000_000]],
      ["images", [4, 3, 2, 5], [2, 0]],
      ["more columns than a task has", [5, 45], [1, 3]],
      ["numbers of a vector", [6], [5, 1]],
    ] as const
  ).map(([title, shape, rows]) => ({
    op: "indexCopy" as const,
    title,
    inputs: [normal(...shape), indices(...rows), normal(rows.length, ...shape.slice(1))],
    build: (...[x, index, values]: Parameters<Case["build"]>) => t.stopGradient(t.indexCopy(x!, index!, values!)),
    notSmooth: "no gradient flows",
  })),
];
