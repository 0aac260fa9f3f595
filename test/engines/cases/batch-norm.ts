/** @file Cases of batch normalisation: images and vectors, channels that fill no vector, means far from 0, what stands around it in networks. */
import * as t from "../../../src/tensor/index.ts";
import { normal, positive, type Case, type Values } from "./case.ts";

const eps = 1e-5;

/** [title, x] */
const uses: readonly (readonly [string, number[]])[] = [
  ["of images", [3, 4, 5, 5]],
  ["of vectors", [7, 8]],
  ["of one channel", [2, 1, 3, 3]],
  ["of channels that fill no vector", [2, 7, 3, 2]],
  ["of more channels than are summed side by side", [5, 71, 2, 1]],
  ["of three numbers a channel", [3, 6, 1, 1]],
  ["of enough images for several partial sums", [9, 16, 16, 17]],
  ["of vectors of one channel", [5, 1]],
];

/** Values around 100, where a variance by the difference of two sums has no digits left. */
function around100(...shape: number[]): Values {
  const values = normal(...shape);
  return { ...values, draw: (draws) => Float32Array.from(values.draw(draws), (value) => 100 + value) };
}

const normalised = (x: t.Tensor, weight: t.Tensor, bias: t.Tensor): t.Tensor =>
  t.batchNormTrain(x, t.batchMoments(x), { weight, bias, eps });

export const batchNorm: readonly Case[] = [
  ...uses.map(([title, shape]) => ({
    op: "batchNormTrain" as const,
    title,
    inputs: [normal(...shape), normal(shape[1]!), normal(shape[1]!)],
    build: (...[x, weight, bias]: Parameters<Case["build"]>) => normalised(x!, weight!, bias!),
  })),
  ...uses.map(([title, shape]) => ({
    op: "batchNormTrain" as const,
    title: `in evaluation, ${title}`,
    inputs: [normal(...shape), normal(shape[1]!), positive(shape[1]!), normal(shape[1]!), normal(shape[1]!)],
    build: (...[x, mean, variance, weight, bias]: Parameters<Case["build"]>) =>
      t.batchNormEval(x!, mean!, variance!, { weight: weight!, bias: bias!, eps }),
  })),
  ...uses.map(([title, shape]) => ({
    op: "batchMoments" as const,
    title,
    inputs: [around100(...shape)],
    build: (x: t.Tensor) => t.stopGradient(t.batchMoments(x)),
    notSmooth: "no gradient flows",
  })),
  {
    op: "row",
    title: "of moments: the variance of values far from 0",
    inputs: [around100(6, 5)],
    build: (x) => t.stopGradient(t.row(t.batchMoments(x), 1)),
    notSmooth: "no gradient flows",
  },
  {
    op: "batchNormTrain",
    title: "in a residual block, as networks have it",
    inputs: [normal(3, 8, 6, 6), normal(8, 8, 3, 3), normal(8), normal(8), normal(8, 8, 3, 3), normal(8), normal(8)],
    build: (x, first, weight1, bias1, second, weight2, bias2) => {
      const hidden = t.relu(normalised(t.conv2d(x, first, undefined, { padding: 1 }), weight1, bias1));
      return t.relu(t.add(normalised(t.conv2d(hidden, second, undefined, { padding: 1 }), weight2, bias2), x));
    },
  },
  {
    op: "batchNormTrain",
    title: "before the activation and a convolution to fewer pixels",
    inputs: [normal(2, 6, 7, 7), normal(6), normal(6), normal(5, 6, 3, 3)],
    build: (x, weight, bias, kernel) => t.conv2d(t.relu(normalised(x, weight, bias)), kernel, undefined, { stride: 2 }),
  },
];
