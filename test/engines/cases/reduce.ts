/** @file Cases of sums and largest elements: every combination of axes of a 4-D tensor, with and without keeping them. */
import * as t from "../../../src/tensor/index.ts";
import { filled, normal, tied, type Case } from "./case.ts";

/** Every subset of the axes of a 4-D tensor, the empty one too. */
const subsets = Array.from({ length: 16 }, (_, bits) => [0, 1, 2, 3].filter((axis) => bits & (1 << axis)));

export const reduce: readonly Case[] = [
  ...subsets.flatMap((axes) =>
    [true, false].flatMap((keepDims) =>
      Object.entries({ sum: t.sum, max: t.max }).map(([op, reduce]) => ({
        op: op as "sum" | "max",
        title: `of a 4-D tensor over [${axes.join(", ")}]${keepDims ? ", kept" : ""}`,
        inputs: [normal(2, 3, 5, 4)],
        build: (x: t.Tensor) => reduce(x, { axes, keepDims }),
      })),
    ),
  ),
  ...([[0], [1], [0, 1]] as const).map((axes) => ({
    op: "max" as const,
    title: `with ties over [${axes.join(", ")}]`,
    inputs: [tied(9, 7)],
    build: (x: t.Tensor) => t.max(x, { axes }),
    notSmooth: "ties",
  })),
  {
    op: "max",
    title: "of infinities and NaN",
    inputs: [filled([4, 3], [1, NaN, 2, -Infinity, -Infinity, -Infinity, Infinity, 0, Infinity, -1, -2, -3])],
    build: (x) => t.max(x, { axes: [1] }),
    notSmooth: "no numbers",
  },
  { op: "max", title: "of many elements", inputs: [normal(4099)], build: (x) => t.max(x) },
  {
    op: "max",
    title: "of enough for several parts",
    inputs: [normal(3, 20_001)],
    build: (x) => t.max(x, { axes: [1] }),
  },
  { op: "sum", title: "of a scalar", inputs: [normal()], build: (x) => t.sum(x) },
  { op: "sum", title: "of one element", inputs: [normal(1, 1)], build: (x) => t.sum(x, { axes: [0] }) },
  { op: "sum", title: "of many elements", inputs: [normal(4099)], build: (x) => t.sum(x) },
  { op: "sum", title: "over a long batch", inputs: [normal(513, 3)], build: (x) => t.sum(x, { axes: [0] }) },
  { op: "sum", title: "over long rows", inputs: [normal(3, 517)], build: (x) => t.sum(x, { axes: [-1] }) },
  { op: "sum", title: "as a mean over channels", inputs: [normal(2, 3, 4)], build: (x) => t.mean(x, { axes: [1] }) },
];
