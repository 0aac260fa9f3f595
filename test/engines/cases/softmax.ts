/** @file Cases of softmax and gathering: extreme logits, one class, every rank, indices out of range. */
import { logSoftmax, mean, mul, neg, oneHot, gather, softmax } from "../../../src/tensor/index.ts";
import { filled, indices, indicesIn, normal, type Case } from "./case.ts";

export const softmaxAndGather: readonly Case[] = [
  ...[[1], [7], [4, 10], [1, 3], [5, 1], [2, 3, 4], [2, 3, 4, 5], [3, 101]].map((shape) => ({
    op: "logSoftmax" as const,
    title: `of [${shape.join(", ")}]`,
    inputs: [normal(...shape)],
    build: logSoftmax,
  })),
  ...[
    [1e4, -1e4, 0],
    [-1e4, -1e4, -1e4],
    [1e30, 0, -1e30],
    [100, 101, 102],
    [-50, 50, 50],
  ].map((logits) => ({
    op: "logSoftmax" as const,
    title: `of the extreme logits ${logits.join(", ")}`,
    inputs: [filled([1, 3], logits)],
    build: logSoftmax,
    notSmooth: "differences of 1e30",
  })),
  {
    op: "logSoftmax",
    title: "of an impossible class",
    inputs: [filled([2, 3], [0, -Infinity, 1, 2, 3, 4])],
    build: logSoftmax,
    notSmooth: "-Infinity",
  },
  {
    op: "logSoftmax",
    title: "of NaN, which spoils its own row alone",
    inputs: [filled([2, 3], [0, NaN, 1, 2, 3, 4])],
    build: logSoftmax,
    notSmooth: "no numbers",
  },
  { op: "logSoftmax", title: "to probabilities", inputs: [normal(3, 5)], build: softmax },
  { op: "gather", title: "one of each row", inputs: [normal(4, 3), indices(2, 0, 1, 0)], build: gather },
  { op: "gather", title: "from a single column", inputs: [normal(2, 1), indices(0, 0)], build: gather },
  {
    op: "gather",
    title: "several of each row, some of them twice",
    inputs: [normal(3, 5), indicesIn([3, 8], 5)],
    build: gather,
  },
  {
    op: "gather",
    title: "more of each row than one task takes",
    inputs: [normal(5, 7000), indicesIn([5, 6001], 7000)],
    build: gather,
    notSmooth: "too many for differences",
  },
  {
    op: "gather",
    title: "several of each row, some outside",
    inputs: [normal(2, 3), { ...indices(0, 3, -1, 2, 1000000, 1), shape: [2, 3] }],
    build: gather,
    notSmooth: "no numbers",
  },
  {
    op: "gather",
    title: "outside the row, which gives NaN",
    inputs: [normal(4, 3), indices(3, -1, 2, 1000000)],
    build: gather,
    notSmooth: "no numbers",
  },
  {
    op: "gatherGrad",
    title: "as one-hot rows, a label outside giving zeros",
    inputs: [normal(4, 3), indices(2, -1, 0, 3)],
    build: (x, labels) => mul(x, oneHot(labels, 3)),
  },
  {
    op: "gather",
    title: "as cross entropy",
    inputs: [normal(5, 10), indices(9, 0, 3, 3, 7)],
    build: (logits, labels) => neg(mean(gather(logSoftmax(mul(logits, 3)), labels))),
  },
];
