/** @file Cases of sums: every combination of axes of a 4-D tensor, with and without keeping them. */
import * as t from "../../../src/tensor/index.ts";
import { normal, type Case } from "./case.ts";

/** Every subset of the axes of a 4-D tensor, the empty one too. */
const subsets = Array.from({ length: 16 }, (_, bits) => [0, 1, 2, 3].filter((axis) => bits & (1 << axis)));

export const reduce: readonly Case[] = [
  ...subsets.flatMap((axes) =>
    [true, false].map((keepDims) => ({
      op: "sum" as const,
      title: `of a 4-D tensor over [${axes.join(", ")}]${keepDims ? ", kept" : ""}`,
      inputs: [normal(2, 3, 5, 4)],
      build: (x: t.Tensor) => t.sum(x, { axes, keepDims }),
    })),
  ),
  { op: "sum", title: "of a scalar", inputs: [normal()], build: (x) => t.sum(x) },
  { op: "sum", title: "of one element", inputs: [normal(1, 1)], build: (x) => t.sum(x, { axes: [0] }) },
  { op: "sum", title: "of many elements", inputs: [normal(4099)], build: (x) => t.sum(x) },
  { op: "sum", title: "over a long batch", inputs: [normal(513, 3)], build: (x) => t.sum(x, { axes: [0] }) },
  { op: "sum", title: "over long rows", inputs: [normal(3, 517)], build: (x) => t.sum(x, { axes: [-1] }) },
  { op: "sum", title: "as a mean over channels", inputs: [normal(2, 3, 4)], build: (x) => t.mean(x, { axes: [1] }) },
];
