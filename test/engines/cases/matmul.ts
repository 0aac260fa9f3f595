/** @file Cases of matrix products: both transpositions, one row or column, odd sizes, sizes beyond a tile. */
import * as t from "../../../src/tensor/index.ts";
import { normal, type Case } from "./case.ts";

/** [rows, terms, columns] */
const sizes: readonly (readonly [number, number, number])[] = [
  [1, 1, 1],
  [1, 7, 3],
  [5, 1, 3],
  [3, 7, 1],
  [4, 8, 16],
  [5, 7, 9],
  [17, 33, 19],
  [65, 130, 35],
];

/** [matrices, rows, terms, columns] */
const batches: readonly (readonly [number, number, number, number])[] = [
  [1, 3, 4, 5],
  [7, 1, 1, 1],
  [5, 1, 9, 3],
  [4, 6, 1, 7],
  [3, 5, 7, 33],
  [70, 4, 8, 16],
  [3, 50, 20, 17],
];

export const matmul: readonly Case[] = [
  ...sizes.flatMap(([m, k, n]) =>
    [false, true].flatMap((transposeA) =>
      [false, true].map((transposeB) => ({
        op: "matmul" as const,
        title: `[${m}, ${k}]${transposeA ? "ᵀ" : ""}·[${k}, ${n}]${transposeB ? "ᵀ" : ""}`,
        inputs: [transposeA ? normal(k, m) : normal(m, k), transposeB ? normal(n, k) : normal(k, n)],
        build: (a: t.Tensor, b: t.Tensor) => t.matmul(a, b, { transposeA, transposeB }),
      })),
    ),
  ),
  ...batches.flatMap(([batch, m, k, n]) =>
    [false, true].flatMap((transposeA) =>
      [false, true].map((transposeB) => ({
        op: "matmul" as const,
        title: `${batch} of [${m}, ${k}]${transposeA ? "ᵀ" : ""}·[${k}, ${n}]${transposeB ? "ᵀ" : ""}`,
        inputs: [
          transposeA ? normal(batch, k, m) : normal(batch, m, k),
          transposeB ? normal(batch, n, k) : normal(batch, k, n),
        ],
        build: (a: t.Tensor, b: t.Tensor) => t.matmul(a, b, { transposeA, transposeB }),
      })),
    ),
  ),
  ...[normal(5, 7), normal(3, 5, 7)].flatMap((x) =>
    [false, true].map((transposeA) => ({
      op: "matmul" as const,
      title: `[${x.shape}] with itself, the ${transposeA ? "first" : "second"} transposed`,
      inputs: [x],
      build: (x: t.Tensor) => t.matmul(x, x, { transposeA, transposeB: !transposeA }),
    })),
  ),
  {
    op: "matmul",
    title: "each image's channels with themselves, through relu",
    inputs: [normal(3, 5, 4, 4)],
    build: (x) => {
      const maps = t.reshape(t.relu(x), [3, 5, 16]);
      return t.matmul(maps, maps, { transposeB: true });
    },
  },
  { op: "matmul", title: "a matrix with itself", inputs: [normal(5, 5)], build: (a) => t.matmul(a, a) },
  ...sizes.flatMap(([n, inputs, outputs]) => [
    {
      op: "linear" as const,
      title: `[${n}, ${inputs}] to [${n}, ${outputs}]`,
      inputs: [normal(n, inputs), normal(outputs, inputs), normal(outputs)],
      build: t.linear,
    },
    {
      op: "linear" as const,
      title: `[${n}, ${inputs}] to [${n}, ${outputs}] without a bias`,
      inputs: [normal(n, inputs), normal(outputs, inputs)],
      build: t.linear,
    },
  ]),
  {
    op: "linear",
    title: "followed by relu",
    inputs: [normal(6, 11), normal(13, 11), normal(13)],
    build: (x, weight, bias) => t.relu(t.linear(x, weight, bias)),
  },
];
