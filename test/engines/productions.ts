/** @file What random graphs are made of: each production makes a new tensor from one that there is. */
import * as t from "../../src/tensor/index.ts";
import type { Draws } from "./random.ts";

/** What a production may use besides its tensor. */
export interface Surroundings {
  readonly draws: Draws;
  readonly tensors: readonly t.Tensor[];
  /** A new input or state of float32. */
  leaf(shape: t.Shape): t.Tensor;
  /** A new input of whole numbers from 0 to below `limit`. */
  indices(shape: t.Shape, limit: number): t.Tensor;
}

/** Makes a new tensor from x, or nothing where x does not suit. Results stay near 1 in size, so that tolerances mean something. */
export type Production = (x: t.Tensor, surroundings: Surroundings) => t.Tensor | undefined;

export const productions: readonly Production[] = [
  (x) => t.relu(x),
  (x) => t.neg(x),
  (x, { draws }) => t.gelu(x, { approximate: draws.pick(["none", "tanh"]) }),
  (x) => t.sign(x),
  (x) => t.stopGradient(x),
  // Whole numbers: of others, rounding would decide.
  (x) => t.roundStraightThrough(t.mul(t.sign(x), 2)),
  (x) => t.exp(t.neg(t.abs(x))),
  (x) => t.exp(t.clamp(x, { max: 0.5 })),
  (x) => t.log(t.add(t.square(x), 1)),
  (x) => t.sqrt(t.add(t.square(x), 0.5)),
  (x, { leaf, draws }) => t.add(x, leaf(stretchable(x.shape, draws))),
  (x, { leaf, draws }) => t.mul(leaf(stretchable(x.shape, draws)), x),
  (x, { leaf, draws }) => t.div(leaf(stretchable(x.shape, draws)), t.add(t.square(x), 1)),
  (x, around) => t.sub(x, t.mul(alike(x, around), 0.3)),
  (x, around) => t.mul(x, alike(x, around)),
  (x, around) => around.draws.pick([t.maximum, t.minimum])(x, t.mul(alike(x, around), 0.7)),
  (x, around) => t.less(x, alike(x, around)),
  (x, around) => t.equal(t.sign(x), t.sign(alike(x, around))),
  (x, { draws }) => t.mean(x, { axes: someAxes(x, 0.5, draws), keepDims: draws.uniform() < 0.5 }),
  (x, { draws }) => {
    const total = t.sum(x, { axes: someAxes(x, 0.5, draws), keepDims: draws.uniform() < 0.5 });
    return t.mul(total, (total.size / x.size) ** 0.5);
  },
  (x, { draws }) => t.max(x, { axes: someAxes(x, 0.4, draws), keepDims: draws.uniform() < 0.5 }),
  (x) => t.clamp(x, { min: -0.6, max: 1.1 }),
  (x, { draws }) => {
    if (x.shape.length === 0) return undefined;
    const axis = draws.below(x.shape.length);
    const from = draws.below(x.shape[axis]!);
    const part = t.slice(x, { axis, from });
    return draws.uniform() < 0.5 ? part : t.concat([part, x], axis);
  },
  (x, { draws }) => {
    if (x.shape.length !== 4) return undefined;
    const channels = x.shape[1]!;
    const groups = [...Array(channels).keys()].map((i) => i + 1).filter((count) => channels % count === 0);
    return t.channelShuffle(x, draws.pick(groups));
  },
  (x, { leaf, draws }) => {
    if (x.shape.length !== 3) return undefined;
    const [batch, , terms] = x.shape as [number, number, number];
    return t.mul(t.matmul(x, leaf([batch, 1 + draws.below(6), terms]), { transposeB: true }), terms ** -0.5);
  },
  (x, { draws }) => t.permute(x, shuffled([...x.shape.keys()], draws)),
  (x, { draws }) => t.broadcastTo(x, [1 + draws.below(3), ...x.shape]),
  (x, { draws }) => {
    const places = shuffled([...x.shape.keys()], draws).slice(0, 2);
    return t.reshape(x, places.length === 2 ? merged(x.shape, Math.min(...places)) : [1, x.size]);
  },
  (x) => (x.shape.length > 1 ? t.flatten(x) : undefined),
  (x) => (x.shape.length > 0 ? t.logSoftmax(x) : undefined),
  (x) => (x.shape.length > 0 ? t.softmax(x) : undefined),
  (x, { leaf, draws }) => {
    if (x.shape.length !== 2) return undefined;
    const terms = x.shape[1]!;
    return t.mul(t.linear(x, leaf([1 + draws.below(9), terms])), terms ** -0.5);
  },
  (x, { leaf, draws }) => {
    if (x.shape.length !== 2) return undefined;
    const terms = x.shape[0]!;
    return t.mul(t.matmul(leaf([terms, 1 + draws.below(6)]), x, { transposeA: true }), terms ** -0.5);
  },
  (x, { tensors, draws }) => {
    const fitting = tensors.filter(({ shape }) => shape.length === 2 && shape[0] === x.shape[1]);
    if (x.shape.length !== 2 || fitting.length === 0) return undefined;
    return t.mul(t.matmul(x, draws.pick(fitting)), x.shape[1]! ** -0.5);
  },
  (x, { indices, draws }) => {
    if (x.shape.length === 0) return undefined;
    return t.indexSelect(x, indices(draws.pick([[3], [2, 2]]), x.shape[0]!));
  },
  (x, { indices }) => (x.shape.length === 2 ? t.gather(x, indices([x.shape[0]!], x.shape[1]!)) : undefined),
  normalise,
  convolve,
  convolve,
  (x, { draws }) => {
    if (!isImage(x, 2)) return undefined;
    const pool = draws.pick([t.maxPool2d, t.avgPool2d]);
    return pool(x, 2, { stride: 1 + draws.below(2), padding: draws.below(2) });
  },
  (x) => (x.shape.length === 4 ? t.upsampleNearest2d(x, 2) : undefined),
];

function normalise(x: t.Tensor, { leaf }: Surroundings): t.Tensor | undefined {
  const channels = x.shape[1];
  if (channels === undefined || ![2, 4].includes(x.shape.length) || x.size / channels < 4) return undefined;
  const parameters = { weight: leaf([channels]), bias: leaf([channels]), eps: 0.1 };
  return t.batchNormTrain(x, t.batchMoments(x), parameters);
}

function convolve(x: t.Tensor, { leaf, draws }: Surroundings): t.Tensor | undefined {
  const kernel = draws.pick([1, 2, 3]);
  const padding = draws.below(2);
  if (!isImage(x, kernel - 2 * padding)) return undefined;
  const channels = x.shape[1]!;
  const groups = draws.uniform() < 0.3 ? channels : 1;
  const outputs = groups * (1 + draws.below(3));
  const weight = leaf([outputs, channels / groups, kernel, kernel]);
  const bias = draws.uniform() < 0.5 ? leaf([outputs]) : undefined;
  const size = (weight.size / outputs) ** -0.5;
  return t.mul(t.conv2d(x, weight, bias, { stride: 1 + draws.below(2), padding, groups }), size);
}

/** A tensor of x's shape: x itself where there is no other. */
function alike(x: t.Tensor, { tensors, draws }: Surroundings): t.Tensor {
  return draws.pick(tensors.filter(({ shape }) => t.sameShape(shape, x.shape)));
}

function someAxes(x: t.Tensor, share: number, draws: Draws): number[] {
  return [...x.shape.keys()].filter(() => draws.uniform() < share);
}

function isImage(x: t.Tensor, least: number): boolean {
  return x.shape.length === 4 && x.shape[2]! >= least && x.shape[3]! >= least;
}

/** A shape that broadcasts to `shape`: some axes of size 1, some leading ones left out. */
function stretchable(shape: t.Shape, draws: Draws): t.Shape {
  const left = draws.uniform() < 0.3 ? draws.below(shape.length + 1) : 0;
  return shape.slice(left).map((size) => (draws.uniform() < 0.3 ? 1 : size));
}

/** Axes `axis` and the next as one. */
function merged(shape: t.Shape, axis: number): t.Shape {
  return [...shape.slice(0, axis), shape[axis]! * shape[axis + 1]!, ...shape.slice(axis + 2)];
}

/** The same items in another order. */
export function shuffled<Item>(items: readonly Item[], draws: Draws): Item[] {
  return items
    .map((item) => ({ item, key: draws.uniform() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
