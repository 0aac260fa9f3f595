/** @file Families of random shapes, one for each choice among kernels, with what each is held to. */
import * as t from "../../src/tensor/index.ts";
import type { Draws } from "./random.ts";

/** A result to compute, and the inputs whose gradients are taken. */
export interface Use {
  /** Its sizes, for messages. */
  readonly what: string;
  readonly result: t.Tensor;
  readonly variables: readonly t.Tensor[];
}

export interface Family {
  readonly name: string;
  readonly count: number;
  /** Relative, of each element to its own and its array's size. */
  readonly tolerance: number;
  /** First words of kernels' labels, each of which has to run. */
  readonly kinds: readonly string[];
  /** A use; nothing where the drawn sizes make too much work for the oracle or do not fit. */
  draw(draws: Draws): Use | null;
}

const convolutionKinds = ["conv2d", "conv2dInputGrad", "conv2dWeightGrad"];

export const families: readonly Family[] = [
  {
    name: "convolutions of all kinds",
    count: 240,
    tolerance: 2e-5,
    kinds: [
      ...convolutionKinds,
      ...convolutionKinds.map((kind) => `${kind} Winograd`),
      "conv2dInputGrad by stride phases",
    ],
    draw: (draws) => {
      const oneOf = (...values: readonly number[]): number => draws.pick(values);
      // Winograd's algorithm wants many channels, which are few among all.
      const isWide = draws.below(4) === 0;
      const kernel = oneOf(1, 3, 3, 3, 3, 5, 2);
      const groups = oneOf(1, 1, 1, 1, 2, 3);
      const channels = groups * (isWide ? oneOf(32, 40, 64) : oneOf(1, 2, 3, 5, 8, 16, 17));
      const outputs = groups * (isWide ? oneOf(32, 48, 72) : oneOf(1, 3, 4, 8, 10, 16, 31));
      const size = (): number => kernel + draws.below(oneOf(3, 12, 20));
      return convolution([oneOf(1, 1, 2, 3, 17), channels, size(), size()], outputs, kernel, {
        stride: oneOf(1, 1, 1, 2, 3),
        padding: oneOf(0, 1, kernel >> 1, 2),
        groups,
      });
    },
  },
  {
    name: "large convolutions, as networks have them",
    count: 10,
    tolerance: 2e-5,
    kinds: [...convolutionKinds, "conv2d Winograd"],
    draw: (draws) => {
      const oneOf = (...values: readonly number[]): number => draws.pick(values);
      const kernel = oneOf(1, 3, 3);
      const channels = oneOf(3, 48, 64, 128, 160);
      const side = oneOf(4, 8, 16, 32);
      const options = { stride: oneOf(1, 1, 2), padding: kernel >> 1 };
      return convolution([oneOf(1, 2, 5), channels, side, side], oneOf(32, 64, 128, 200), kernel, options, 30_000_000);
    },
  },
  {
    name: "3x3 windows over many small images, or a large one of few channels",
    count: 5,
    tolerance: 2e-5,
    kinds: convolutionKinds.map((kind) => `${kind} Winograd`),
    draw: (draws) => {
      const oneOf = (...values: readonly number[]): number => draws.pick(values);
      const options = { padding: oneOf(0, 1) };
      if (draws.below(3) === 0)
        return convolution([oneOf(1, 2), oneOf(16, 24), 34, 35], oneOf(16, 24), 3, options, 12_000_000);
      const side = oneOf(6, 7, 8);
      return convolution([oneOf(32, 34, 48), oneOf(32, 40), side, oneOf(6, 8)], 32, 3, options, 30_000_000);
    },
  },
  {
    name: "1x1 convolutions, in groups too",
    count: 50,
    tolerance: 2e-5,
    kinds: convolutionKinds,
    draw: (draws) => {
      const oneOf = (...values: readonly number[]): number => draws.pick(values);
      const groups = oneOf(1, 1, 2, 3, 4, 8);
      const channels = groups * oneOf(1, 2, 5, 18, 20, 33);
      const side = oneOf(1, 2, 4, 7, 9);
      const options = { stride: oneOf(1, 1, 2), padding: oneOf(0, 0, 1), groups };
      return convolution(
        [oneOf(1, 2, 9, 32), channels, side, oneOf(side, 3, 5)],
        groups * oneOf(1, 4, 6, 20, 31),
        1,
        options,
      );
    },
  },
  {
    name: "depthwise convolutions",
    count: 60,
    tolerance: 2e-5,
    kinds: ["depthwise", "depthwiseInputGrad", "depthwiseWeightGrad"],
    draw: (draws) => {
      const oneOf = (...values: readonly number[]): number => draws.pick(values);
      const kernel = oneOf(1, 2, 3, 3, 3, 5);
      const channels = oneOf(2, 3, 4, 7, 8, 16, 23, 40, 72);
      const dilation = oneOf(1, 1, 1, 2);
      const size = (): number => dilation * (kernel - 1) + 1 + draws.below(oneOf(1, 4, 12));
      const options = { stride: oneOf(1, 1, 2, 3), padding: oneOf(0, 1, kernel >> 1), dilation, groups: channels };
      return convolution([oneOf(1, 2, 3, 17), channels, size(), size()], channels, kernel, options);
    },
  },
  {
    name: "batch normalisation, training",
    count: 50,
    tolerance: 3e-5,
    kinds: ["batchMoments", "batchNormParameterGrads"],
    draw: (draws) => {
      const oneOf = (...values: readonly number[]): number => draws.pick(values);
      const channels = oneOf(1, 2, 3, 4, 7, 16, 24, 61, 116);
      const images = oneOf(1, 2, 3, 5, 17, 130);
      const side = oneOf(1, 2, 5, 8, 11);
      const shape = draws.below(3) === 0 ? [images, channels] : [images, channels, side, oneOf(side, 3)];
      const x = t.input("x", shape);
      // NOTE: two numbers a channel become -1 and 1, and next to no gradient is left of what cancels.
      if (x.size / channels < 4 || x.size > 200_000) return null;
      const [weight, bias] = [t.input("weight", [channels]), t.input("bias", [channels])];
      const y = t.relu(t.batchNormTrain(x, t.batchMoments(x), { weight, bias, eps: 1e-5 }));
      return { what: `x ${shape.join("×")}`, result: y, variables: [x, weight, bias] };
    },
  },
  {
    name: "matrix products, of batches too",
    count: 80,
    tolerance: 2e-5,
    kinds: ["matmul", "pack"],
    draw: (draws) => {
      const size = (): number => draws.pick([1, 2, 3, 4, 5, 8, 15, 16, 17, 33, 48, 49, 64, 97, 130, 257]);
      const [m, k, n] = [size(), size(), size()];
      const batch = draws.pick([0, 1, 2, 3, 7, 70]); // 0: plain matrices.
      if (Math.max(1, batch) * m * k * n > 4_000_000) return null;
      const [transposeA, transposeB] = [draws.below(2) === 0, draws.below(2) === 0];
      const leading = batch === 0 ? [] : [batch];
      const a = t.input("a", [...leading, ...(transposeA ? [k, m] : [m, k])]);
      const b = t.input("b", [...leading, ...(transposeB ? [n, k] : [k, n])]);
      // Relu's gradient rides in the store of the product that is A's gradient.
      const y = t.matmul(t.relu(a), b, { transposeA, transposeB });
      return {
        what: `${a.shape.join("×")} by ${b.shape.join("×")}, ${transposeA} ${transposeB}`,
        result: y,
        variables: [a, b],
      };
    },
  },
  {
    name: "pools",
    count: 40,
    tolerance: 1e-5,
    kinds: ["maxPool2d", "maxPool2dGrad", "avgPool2d", "avgPool2dGrad"],
    draw: (draws) => {
      const oneOf = (...values: readonly number[]): number => draws.pick(values);
      const kernel = oneOf(1, 2, 2, 3, 4, 8);
      const side = kernel + draws.below(9);
      const x = t.input("x", [oneOf(1, 2, 5), oneOf(1, 3, 4, 9, 32), side, kernel + draws.below(9)]);
      const options = { stride: oneOf(1, 2, 3, kernel), padding: oneOf(0, 0, kernel >> 1) };
      const pool = draws.pick([t.maxPool2d, t.avgPool2d]);
      const what = `${pool === t.maxPool2d ? "max" : "avg"} of ${x.shape.join("×")}, ${kernel}, ${JSON.stringify(options)}`;
      return { what, result: pool(x, kernel, options), variables: [x] };
    },
  },
  {
    name: "sums, largest elements, stretches and parts put together",
    count: 80,
    tolerance: 1e-5,
    kinds: ["sum", "max", "concat", "slice", "sliceGrad", "permute"],
    draw: (draws) => {
      const rank = 1 + draws.below(5);
      const shape = Array.from({ length: rank }, () => draws.pick([1, 2, 3, 4, 5, 8, 13]));
      const x = t.input("x", shape);
      if (x.size > 20_000) return null;
      const axis = draws.below(rank);
      const axes = [...shape.keys()].filter((other) => other === axis || draws.below(2) === 0);
      const from = draws.below(shape[axis]!);
      const to = from + 1 + draws.below(shape[axis]! - from);
      const move = draws.pick<readonly [string, t.Tensor]>([
        ["sum", t.sum(x, { axes })],
        ["max", t.max(x, { axes })],
        ["slice", t.slice(x, { axis, from, to })],
        ["concat", t.concat([x, t.slice(x, { axis, from, to }), t.neg(x)], axis)],
        ["permute", t.permute(x, [axis, ...[...shape.keys()].filter((other) => other !== axis)])],
      ]);
      return {
        what: `${move[0]} of ${shape.join("×")}, ${axis}, ${axes}, ${from} to ${to}`,
        result: move[1],
        variables: [x],
      };
    },
  },
];

/** relu(conv2d(relu(x))), square windows, unless it takes more multiply-adds than `most`. */
function convolution(
  xShape: readonly number[],
  outputs: number,
  kernel: number,
  options: t.ConvOptions,
  most = 4_000_000,
): Use | null {
  const x = t.input("x", xShape);
  const weight = t.input("weight", [outputs, xShape[1]! / (options.groups ?? 1), kernel, kernel]);
  const result = t.relu(t.conv2d(t.relu(x), weight, undefined, options));
  if ((result.size * weight.size) / outputs > most) return null;
  const what = `x ${xShape.join("×")}, weight ${weight.shape.join("×")}, ${JSON.stringify(options)}`;
  return { what, result, variables: [x, weight] };
}
