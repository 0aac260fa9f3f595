/** @file Networks of a user's own, which have between them every operation that has a row for ONNX. */
import type { NetworkWithValues } from "../../src/inference/index.ts";
import { parameter, record, type Module, type Parameter } from "../../src/nn/index.ts";
import * as t from "../../src/tensor/index.ts";
import type { Tensor } from "../../src/tensor/index.ts";
import { sliceGradOp } from "../../src/tensor/ops/data-movement.ts";
import { apply } from "../../src/tensor/tensor.ts";
import { drawn } from "../inference/drawn.ts";

const inputShape = [3, 8, 6] as const;

/** A parameter of this shape, made where it is first asked for. */
type Weight = (name: string, ...shape: readonly number[]) => Tensor;

/** [N, 3, 8, 6] to [N, 5], by `forward` and a linear layer of what it gives. */
function own(forward: (x: Tensor, weight: Weight) => Tensor): NetworkWithValues {
  const parameters: Record<string, Parameter> = {};
  const weight: Weight = (name, ...shape) =>
    (parameters[name] ??= parameter(name, shape, () => new Float32Array(0))).tensor;
  const module: Module = {
    parameters,
    forward(x) {
      const vector = t.flatten(forward(x, weight));
      return t.linear(vector, weight("last.weight", 5, vector.shape[1]!));
    },
  };
  record(module, t.input("images", [1, ...inputShape]), { training: false });
  return drawn({ name: "own", module, inputShape, classes: 5 });
}

const positive = (x: Tensor): Tensor => t.add(t.abs(x), 0.5);
const batchOf = (x: Tensor): number => x.shape[0]!;

export const ownNetworks: Readonly<Record<string, NetworkWithValues>> = {
  "arithmetic of two": own((x) => {
    const y = t.permute(x, [0, 1, 3, 2]);
    const z = t.reshape(y, x.shape);
    return t.sub(t.div(t.mul(x, z), positive(z)), t.neg(t.add(x, z)));
  }),
  functions: own((x) =>
    t.concat([t.exp(x), t.log(positive(x)), t.sqrt(positive(x)), t.abs(x), t.sign(x), t.relu(x)], 1),
  ),
  gelu: own((x) => t.concat([t.gelu(t.mul(x, 3)), t.gelu(t.mul(x, 3), { approximate: "tanh" })], 1)),
  // Halves as well.
  rounding: own((x) => t.concat([t.roundStraightThrough(x), t.roundStraightThrough(t.mul(t.sign(x), 2.5))], 1)),
  comparisons: own((x) => {
    const y = t.slice(x, { axis: 1, to: 1 });
    const [least, most] = [t.minimum(x, y), t.maximum(x, t.neg(y))];
    return t.concat([t.less(x, y), t.equal(least, x), most, least], 1);
  }),
  bounds: own((x) =>
    t.concat([t.clamp(x, { min: -0.5 }), t.clamp(x, { max: 0.25 }), t.clamp(x, { min: -1, max: 1 })], 1),
  ),
  reductions: own((x) => {
    const means = t.mean(x, { axes: [2, 3], keepDims: true });
    const all = t.reshape(t.sum(x, { axes: [1, 2, 3] }), [batchOf(x), 1]);
    const parts = [
      t.sub(x, means),
      t.sum(x, { axes: [1] }),
      t.max(x, { axes: [1, 2] }),
      t.max(x, { axes: [-1], keepDims: true }),
    ];
    return t.concat([...parts.map(t.flatten), all], 1);
  }),
  "attention over rows": own((x, weight) => {
    const tokens = t.reshape(t.permute(x, [0, 2, 3, 1]), [batchOf(x), 48, 3]);
    const project = (name: string): Tensor =>
      t.reshape(
        t.linear(t.reshape(tokens, [batchOf(x) * 48, 3]), weight(`${name}.weight`, 4, 3), weight(`${name}.bias`, 4)),
        [batchOf(x), 48, 4],
      );
    const scores = t.matmul(project("query"), project("key"), { transposeB: true });
    return t.matmul(t.softmax(t.mul(scores, 0.5)), project("value"));
  }),
  "a token for each image": own((x, weight) => {
    const token = t.broadcastTo(weight("token", 1, 1, 48), [batchOf(x), 1, 48]);
    const border = t.broadcastTo(t.constant(0.5), [batchOf(x), 3, 8, 1]);
    const wide = t.reshape(t.concat([x, border], 3), [batchOf(x), 1, 168]);
    return t.concat([token, wide], 2);
  }),
  "transposed products": own((x, weight) => {
    const rows = t.reshape(x, [batchOf(x), 3, 48]);
    const matrix = t.reshape(weight("matrix.weight", 3, 7), [1, 3, 7]);
    return t.matmul(rows, t.broadcastTo(matrix, [batchOf(x), 3, 7]), { transposeA: true });
  }),
  "pools of odd sizes": own((x) => {
    const means = t.adaptiveAvgPool2d(x, [3, 4]);
    const windows = t.avgPool2d(x, 3, { stride: 2, padding: 1 });
    const largest = t.maxPool2d(x, [3, 2], { stride: [2, 1], padding: [1, 1] });
    return t.concat([means, windows, largest, t.avgPool2d(x, [8, 6])].map(t.flatten), 1);
  }),
  "convolutions of all kinds": own((x, weight) => {
    const a = t.conv2d(x, weight("a.weight", 6, 1, 3, 2), weight("a.bias", 6), {
      groups: 3,
      stride: [1, 2],
      padding: [2, 1],
      dilation: [2, 1],
    });
    const b = t.convTranspose2d(x, weight("b.weight", 3, 4, 3, 3), weight("b.bias", 4), { stride: 2, padding: 1 });
    const c = t.convTranspose2d(x, weight("c.weight", 3, 2, 2, 3), undefined, {
      stride: [3, 2],
      groups: 3,
      dilation: 2,
    });
    return t.concat([a, b, c, t.upsampleNearest2d(x, [2, 3])].map(t.flatten), 1);
  }),
  shuffles: own((x, weight) => {
    const wide = t.conv2d(x, weight("wide.weight", 12, 3, 1, 1));
    const half = t.slice(t.channelShuffle(wide, 3), { axis: 1, from: 2, to: 9 });
    const padded = apply(sliceGradOp, [half], { axis: 2, from: 1, to: 9, size: 11 });
    return t.logSoftmax(t.stopGradient(t.permute(padded, [0, 3, 1, 2])));
  }),
  "a row of weights, and leaky": own((x, weight) => {
    const scale = t.row(weight("table.weight", 4, 6), 2);
    return t.add(t.mul(t.relu(t.mul(x, scale)), 0.9), t.mul(t.square(x), 0.1));
  }),
};
