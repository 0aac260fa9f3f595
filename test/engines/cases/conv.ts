/** @file Cases of convolutions: windows, strides, borders, dilation, groups, one channel, one image, sizes beyond a tile. */
import {
  add,
  conv2d,
  convTranspose2d,
  mul,
  relu,
  type ConvOptions,
  type ConvTransposeOptions,
} from "../../../src/tensor/index.ts";
import { normal, type Case } from "./case.ts";

/** [title, x, weight, options, with a bias or not] */
const uses: readonly (readonly [string, number[], number[], ConvOptions, boolean?])[] = [
  ["3x3 with padding", [2, 3, 6, 7], [4, 3, 3, 3], { padding: 1 }],
  ["3x3 with padding and no bias", [2, 3, 6, 7], [4, 3, 3, 3], { padding: 1 }, false],
  ["3x3 without padding", [2, 3, 5, 5], [4, 3, 3, 3], {}],
  ["3x3 of one image of one channel to one channel", [1, 1, 5, 5], [1, 1, 3, 3], { padding: 1 }],
  ["3x3 with many channels", [1, 17, 5, 5], [19, 17, 3, 3], { padding: 1 }],
  ["3x3 of as many channels as a tile", [2, 16, 8, 8], [16, 16, 3, 3], { padding: 1 }],
  ["3x3 of photographs", [2, 3, 32, 32], [16, 3, 3, 3], { padding: 1 }],
  ["3x3 of many channels of large images", [2, 24, 16, 16], [40, 24, 3, 3], { padding: 1 }],
  ["3x3 of an image of 2x2", [2, 3, 2, 2], [4, 3, 3, 3], { padding: 1 }],
  ["3x3 of an image of 1x1", [2, 3, 1, 1], [4, 3, 3, 3], { padding: 1 }],
  ["3x3 with more padding than it needs", [1, 2, 4, 4], [3, 2, 3, 3], { padding: 3 }],
  ["3x3 with stride 2", [2, 3, 7, 7], [4, 3, 3, 3], { stride: 2, padding: 1 }],
  ["3x3 with stride 2 that leaves a border out", [2, 3, 8, 8], [4, 3, 3, 3], { stride: 2 }],
  ["3x3 with a stride larger than its window", [1, 2, 11, 11], [3, 2, 3, 3], { stride: 4 }],
  [
    "3x3 with stride, padding and dilation that differ by axis",
    [2, 2, 9, 8],
    [3, 2, 3, 2],
    { stride: [2, 1], padding: [2, 1], dilation: [1, 3] },
  ],
  ["3x3 with dilation", [1, 3, 9, 9], [4, 3, 3, 3], { dilation: 2, padding: 2 }],
  // Enough channels for Winograd's algorithm, on tiles that fit and that do not.
  ["3x3 of 32 channels in whole tiles", [2, 32, 8, 8], [32, 32, 3, 3], { padding: 1 }],
  ["3x3 of 40 channels, the image no multiple of a tile", [3, 40, 9, 7], [48, 40, 3, 3], { padding: 1 }],
  ["3x3 of 32 channels without padding", [1, 32, 7, 6], [40, 32, 3, 3], {}],
  ["3x3 of 32 channels with more padding than it needs", [1, 32, 5, 4], [32, 32, 3, 3], { padding: 3 }],
  ["3x3 of large filters, in few tiles", [2, 136, 5, 4], [128, 136, 3, 3], { padding: 1 }],
  ["3x3 of 36 channels, too odd a number for tiles", [2, 36, 8, 8], [32, 36, 3, 3], { padding: 1 }],
  // Maps so small that each of their pixels is a product of its own.
  ["3x3 of seven images of 2x2 between many channels", [7, 20, 2, 2], [70, 20, 3, 3], { padding: 1 }],
  ["3x3 with stride 2 to a map of 2x2", [7, 17, 4, 4], [33, 17, 3, 3], { stride: 2, padding: 1 }],
  ["3x3 with stride 2 to a map of 4x4", [13, 9, 8, 8], [40, 9, 3, 3], { stride: 2, padding: 1 }],
  ["3x3 with dilation 2 of a map of 3x3", [5, 6, 3, 3], [18, 6, 3, 3], { padding: 2, dilation: 2 }],
  [
    "2x3 with a stride and a dilation that have no common divisor",
    [3, 4, 7, 8],
    [5, 4, 2, 3],
    { stride: 3, dilation: 2 },
  ],
  ["2x2 whose window sees only padding at the corners", [3, 4, 2, 2], [5, 4, 2, 2], { stride: 2, padding: 2 }],
  ["1x1 that sees only padding", [2, 3, 1, 1], [4, 3, 1, 1], { stride: 6, padding: 3 }],
  ["1x1 with stride 2 to a map of 2x2", [7, 20, 4, 4], [33, 20, 1, 1], { stride: 2 }, false],
  ["1x1", [3, 5, 4, 4], [7, 5, 1, 1], {}],
  ["1x1 of one pixel", [1, 5, 1, 1], [7, 5, 1, 1], {}],
  ["1x1 with stride 2", [2, 5, 5, 5], [7, 5, 1, 1], { stride: 2 }],
  ["1x1 with padding", [1, 2, 3, 3], [3, 2, 1, 1], { padding: 1 }],
  ["5x5 with padding", [2, 3, 8, 8], [4, 3, 5, 5], { padding: 2 }],
  ["7x7 with stride 2", [1, 3, 15, 15], [4, 3, 7, 7], { stride: 2, padding: 3 }],
  ["2x2", [2, 3, 5, 5], [4, 3, 2, 2], {}],
  ["1x3 with padding along one axis", [2, 3, 4, 6], [4, 3, 1, 3], { padding: [0, 1] }],
  ["3x1 with padding along one axis", [2, 3, 6, 4], [4, 3, 3, 1], { padding: [1, 0] }],
  ["a window as large as the image", [2, 3, 4, 5], [4, 3, 4, 5], {}],
  ["two groups", [2, 4, 5, 5], [6, 2, 3, 3], { groups: 2, padding: 1 }],
  ["three groups with stride 2", [2, 6, 7, 7], [9, 2, 3, 3], { groups: 3, stride: 2, padding: 1 }],
  ["1x1 in groups", [2, 6, 3, 3], [4, 3, 1, 1], { groups: 2 }],
  ["depthwise", [2, 5, 6, 6], [5, 1, 3, 3], { groups: 5, padding: 1 }],
  ["depthwise with stride 2", [2, 5, 7, 7], [5, 1, 3, 3], { groups: 5, stride: 2, padding: 1 }],
  ["depthwise of many channels", [3, 40, 9, 8], [40, 1, 3, 3], { groups: 40, padding: 1 }],
  ["depthwise of channels that fill no vector", [2, 23, 5, 6], [23, 1, 3, 3], { groups: 23, padding: 1 }, false],
  ["depthwise 5x5 of many images", [18, 12, 7, 7], [12, 1, 5, 5], { groups: 12, padding: 2, stride: 2 }, false],
  ["depthwise of photographs", [2, 16, 32, 32], [16, 1, 3, 3], { groups: 16, padding: 1 }],
  [
    "depthwise without padding, no window the same each way",
    [2, 9, 6, 11],
    [9, 1, 2, 4],
    { groups: 9, stride: [1, 3] },
  ],
  ["depthwise of one pixel", [3, 8, 1, 1], [8, 1, 1, 1], { groups: 8 }],
  ["depthwise with dilation", [1, 3, 9, 9], [3, 1, 3, 3], { groups: 3, dilation: 2, padding: 2 }],
  ["depthwise to two channels each", [2, 3, 5, 5], [6, 1, 3, 3], { groups: 3, padding: 1 }],
];

const transposed: readonly (readonly [string, number[], number[], ConvTransposeOptions])[] = [
  ["4x4 that doubles an image", [2, 5, 4, 3], [5, 3, 4, 4], { stride: 2, padding: 1 }],
  ["3x3 that keeps the size", [2, 5, 6, 5], [5, 3, 3, 3], { padding: 1 }],
  ["3x3 of many channels", [2, 40, 8, 8], [40, 32, 3, 3], { padding: 1 }],
  [
    "with a stride that differs by axis, and dilation",
    [1, 2, 4, 4],
    [2, 3, 2, 3],
    { stride: [1, 3], dilation: [2, 1] },
  ],
  ["of one pixel to a whole image", [3, 4, 1, 1], [4, 2, 5, 6], {}],
  ["two groups", [2, 4, 5, 5], [4, 3, 3, 3], { groups: 2, stride: 2 }],
  ["a row and a column more", [2, 5, 4, 3], [5, 3, 3, 3], { stride: 2, padding: 1, outputPadding: 1 }],
  ["columns more than windows reach", [1, 4, 3, 4], [4, 2, 1, 2], { stride: [2, 4], outputPadding: [1, 3], groups: 2 }],
];

/** [title, x, weight, options]: a residual sum for each way to compute a convolution. */
const residuals: readonly (readonly [string, number[], number[], ConvOptions])[] = [
  ["by Winograd", [2, 32, 6, 8], [32, 32, 3, 3], { padding: 1 }],
  ["directly, of long sums", [2, 20, 5, 6], [23, 20, 3, 3], { padding: 1 }],
  ["in groups", [2, 6, 5, 5], [9, 2, 3, 3], { padding: 1, groups: 3 }],
  ["by pixel", [5, 20, 2, 2], [18, 20, 3, 3], { padding: 1 }],
  ["of 1x1", [3, 130, 5, 3], [21, 130, 1, 1], {}],
  ["depthwise", [2, 11, 6, 5], [11, 1, 3, 3], { padding: 1, groups: 11 }],
  ["with stride 2", [2, 9, 9, 8], [17, 9, 3, 3], { padding: 1, stride: 2 }],
];

export const conv: readonly Case[] = [
  ...residuals.map(([title, x, weight, options]) => ({
    op: "conv2d" as const,
    title: `${title}, with an addition and a relu`,
    inputs: [normal(...x), normal(...weight), normal(weight[0]!)],
    build: (...[image, kernel, bias]: Parameters<Case["build"]>) =>
      relu(add(mul(conv2d(image!, kernel!, bias, options), 0.5), conv2d(image!, kernel!, bias, options))),
  })),
  {
    op: "conv2d",
    title: "with an addition before it and one after, no relu",
    inputs: [normal(2, 32, 6, 6), normal(32, 32, 3, 3)],
    build: (x, weight) =>
      add(x, conv2d(add(x, conv2d(x, weight, undefined, { padding: 1 })), weight, undefined, { padding: 1 })),
  },
  ...transposed.map(([title, x, weight, options]) => ({
    op: "conv2dInputGrad" as const,
    title: `as a transposed convolution, ${title}`,
    inputs: [normal(...x), normal(...weight), normal(weight[1]! * (options.groups ?? 1))],
    build: (...[image, kernel, bias]: Parameters<Case["build"]>) => convTranspose2d(image!, kernel!, bias, options),
  })),
  ...uses.map(([title, x, weight, options, withBias = true]) => ({
    op: "conv2d" as const,
    title,
    inputs: [normal(...x), normal(...weight), ...(withBias ? [normal(weight[0]!)] : [])],
    build: (...[image, kernel, bias]: Parameters<Case["build"]>) => conv2d(image!, kernel!, bias, options),
  })),
  {
    op: "conv2d",
    title: "followed by relu and another convolution",
    inputs: [normal(2, 3, 6, 6), normal(5, 3, 3, 3), normal(5), normal(4, 5, 3, 3)],
    build: (x, first, bias, second) => conv2d(relu(conv2d(x, first, bias, { padding: 1 })), second),
  },
  {
    op: "conv2d",
    title: "depthwise between relus, as networks have it",
    inputs: [normal(2, 3, 8, 8), normal(12, 3, 1, 1), normal(12, 1, 3, 3), normal(12), normal(5, 12, 1, 1)],
    build: (x, wide, deep, bias, narrow) =>
      conv2d(relu(conv2d(relu(conv2d(x, wide)), deep, bias, { padding: 1, groups: 12 })), narrow),
  },
  {
    op: "conv2d",
    title: "of 32 channels followed by relu and another convolution",
    inputs: [normal(2, 32, 8, 8), normal(32, 32, 3, 3), normal(32), normal(32, 32, 3, 3)],
    build: (x, first, bias, second) =>
      conv2d(relu(conv2d(x, first, bias, { padding: 1 })), second, undefined, { padding: 1 }),
  },
  {
    op: "conv2d",
    title: "of one image by two weights, one of them used twice",
    inputs: [normal(1, 3, 5, 5), normal(3, 3, 3, 3)],
    build: (x, weight) => conv2d(conv2d(x, weight, undefined, { padding: 1 }), weight),
  },
];
