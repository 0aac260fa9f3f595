/** @file A teacher's network as it runs beside a student, on the student's images: these are normalised as it takes them. */
import type { Dataset } from "../data/dataset.ts";
import type { FeaturePlace, Model } from "../models/index.ts";
import { buffer, type Module } from "../nn/index.ts";
import { add, axisSize, concat, mul, slice, type Tensor } from "../tensor/index.ts";
import type { Preprocessing } from "./preprocessing.ts";
import type { NetworkInStep } from "./teacher.ts";

const INSIDE = "network";

/**
 * The network behind a change from the data set's normalisation to its own, of each channel:
 * (x · std_d + mean_d) · range / std_t - mean_t / std_t. Its places have the same names. With `columns`, it has these of its logits alone. The values are those besides the network's own.
 */
export function renormalised(
  network: Model,
  { inputShape: [channels], range, mean, std, channelOrder }: Preprocessing,
  { columns, ...dataset }: Pick<Dataset, "mean" | "std"> & { readonly columns?: readonly number[] | undefined },
): NetworkInStep {
  const full = range === 255 ? 255 : 1;
  const scales = std.map((own, c) => (dataset.std[c]! * full) / own);
  const shifts = std.map((own, c) => (dataset.mean[c]! * full - mean[c]!) / own);
  const held = (values: readonly number[]) => (): Float32Array => Float32Array.from(values);
  const [scale, shift] = [
    buffer("scale", [1, channels, 1, 1], held(scales)),
    buffer("shift", [1, channels, 1, 1], held(shifts)),
  ];
  const module: Module = {
    buffers: { scale, shift },
    children: { [INSIDE]: network.module },
    forward(x, { [INSIDE]: inner }) {
      const changed = add(mul(x, scale.tensor), shift.tensor);
      const logits = inner!(channelOrder === "BGR" ? reversed(changed) : changed);
      return columns ? chosen(logits, columns) : logits;
    },
  };
  const { name, inputShape, classes, features } = network;
  const model: Model = {
    name,
    module,
    inputShape,
    classes: columns?.length ?? classes,
    inside: INSIDE,
    features: features?.map(placeInside),
  };
  return {
    model,
    values: new Map([
      [scale.tensor, Float32Array.from(scales)],
      [shift.tensor, Float32Array.from(shifts)],
    ]),
  };
}

function placeInside({ output, preActivation, norm, pooled }: FeaturePlace): FeaturePlace {
  const inside = (path: string): string => `${INSIDE}.${path}`;
  return {
    output: inside(output),
    preActivation: inside(preActivation),
    norm: norm && inside(norm),
    pooled: pooled && inside(pooled),
  };
}

/** These columns of logits, [N, columns]; those that follow each other are taken together. */
function chosen(logits: Tensor, columns: readonly number[]): Tensor {
  const parts: Tensor[] = [];
  for (let from = 0, to = 1; from < columns.length; from = to++) {
    while (to < columns.length && columns[to] === columns[to - 1]! + 1) to++;
    parts.push(slice(logits, { axis: 1, from: columns[from]!, to: columns[to - 1]! + 1 }));
  }
  return parts.length === 1 ? parts[0]! : concat(parts, 1);
}

/** The channels, the last first. */
function reversed(x: Tensor): Tensor {
  const channels = axisSize(x, 1);
  const each = Array.from({ length: channels }, (_, c) =>
    slice(x, { axis: 1, from: channels - 1 - c, to: channels - c }),
  );
  return channels === 1 ? x : concat(each, 1);
}
