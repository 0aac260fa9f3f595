/** @file Knowledge review: each stage of the student, fused with the deeper ones, meets the teacher's stage. */
import { batchNorm2d, conv2d, sequential, type Module } from "../../nn/index.ts";
import { axisSize, add, concat, mul, reshape, slice, type Tensor } from "../../tensor/index.ts";
import { hierarchicalContextLoss, nearestTo } from "../losses/maps.ts";
import { sigmoid } from "../losses/elementwise.ts";
import type { Batch, Method } from "../method.ts";
import * as option from "../option.ts";
import { pairedStages, stagePairs } from "../pairs.ts";

const options = {
  pairs: stagePairs,
  reviewWeight: option.weight(
    1,
    "weight of the reviewed stages' loss once it has grown; the paper takes 0.6 to 8, by the pair of networks",
  ),
  rampEpochs: option.epochs(20, "epochs over which that weight grows from 0"),
  mostChannels: option.count(512, "channels in which stages are fused, at most"),
};

export const reviewkd: Method<typeof options, "embedding", "map"> = {
  name: "reviewkd",
  title: "Knowledge review",
  summary: "Fuses each of the student's stages with all deeper ones, then matches the teacher's stages.",
  paper: "Chen, Liu, Zhao, Jia: Distilling Knowledge via Knowledge Review, 2021. https://arxiv.org/abs/2104.09044",
  options,
  presets: {
    cifar: {
      source:
        "megvii-research/mdistiller, mdistiller/engine/cfg.py; by the pair of networks 0.6 to 8 in dvlab-research/ReviewKD, CIFAR-100/script/reviewKD.sh",
      options: {},
    },
  },
  labels: { weight: 1 },
  needsTeacher: true,
  pairs: (student, teacher, { pairs }) => pairedStages(student, teacher, pairs),
  pairTargets: ({ teacher }) => ({ map: teacher.preActivation }),
  targets: (teacher) => ({ embedding: teacher.embedding }),
  auxiliaries: (setting, { mostChannels }) => {
    const levels = levelsOf(setting);
    const middle = Math.min(mostChannels, axisSize(setting.student.embedding, 1));
    const modules = levels.flatMap(({ map, target }, i): [string, Module][] => [
      [`reduce${i + 1}`, convolution(axisSize(map, 1), middle, 1)],
      ...(i + 1 < levels.length ? [[`attend${i + 1}`, attention(middle)] as [string, Module]] : []),
      [`expand${i + 1}`, convolution(middle, axisSize(target, 1), 3)],
    ]);
    return Object.fromEntries(modules.map(([name, module]) => [name, { module }]));
  },
  losses: (batch) => ({
    review: reviewed(levelsOf(batch), batch.auxiliary)
      .map(({ fused, target }) => hierarchicalContextLoss(fused, target))
      .reduce((total, loss) => add(total, loss)),
  }),
  weights: ({ reviewWeight, rampEpochs }) => ({
    review: { value: reviewWeight, rampEpochs },
  }),
};

/** A map of the student and what it is to become. */
interface Level {
  readonly map: Tensor;
  readonly target: Tensor;
}

/** The stages from the first to the last, and the embedding as a map of one place. */
function levelsOf(batch: Pick<Batch<"embedding", "map">, "student" | "compared" | "targets">): Level[] {
  return [
    ...batch.compared.map(({ output, targets }) => ({ map: output, target: targets.map })),
    { map: asMap(batch.student.embedding), target: asMap(batch.targets.embedding) },
  ];
}

/**
 * From the deepest level on: x = reduce(map); if there is a deeper level, x = x·a₁ + y·a₂ with y its x brought to this one's
 * size and the maps a = attend([x, y]); and fused = expand(x at the target's size). The residual that goes on is that x.
 */
function reviewed(
  levels: readonly Level[],
  auxiliary: Batch["auxiliary"],
): { readonly fused: Tensor; readonly target: Tensor }[] {
  let residual: Tensor | undefined;
  const fromDeepest = levels.toReversed().map(({ map, target }, depth) => {
    const level = levels.length - depth;
    const reduced = auxiliary(`reduce${level}`, map); // [N, middle, H, W]
    const x = residual
      ? fuse(reduced, nearestTo(residual, sizeOf(reduced)), (both) => auxiliary(`attend${level}`, both))
      : reduced;
    residual = nearestTo(x, sizeOf(target));
    return { fused: auxiliary(`expand${level}`, residual), target };
  });
  return fromDeepest.toReversed();
}

/** x·a₁ + y·a₂, where a [N, 2, H, W] is what `attend` gives for both, one after the other in the channels. */
function fuse(x: Tensor, y: Tensor, attend: (both: Tensor) => Tensor): Tensor {
  const attended = attend(concat([x, y], 1));
  const map = (i: number): Tensor => slice(attended, { axis: 1, from: i, to: i + 1 }); // [N, 1, H, W]
  return add(mul(x, map(0)), mul(y, map(1)));
}

/** How much of each of two maps goes on, for every place. */
function attention(channels: number): Module {
  return sequential([conv2d(2 * channels, 2, 1), { forward: sigmoid }]);
}

/** A convolution that keeps the size, its weights uniform within √(3 / fanIn), and a norm. */
function convolution(from: number, to: number, kernel: number): Module {
  const conv = conv2d(from, to, kernel, { padding: (kernel - 1) / 2, bias: false });
  const bound = Math.sqrt(3 / (from * kernel * kernel));
  return {
    ...sequential([conv, batchNorm2d(to)]),
    redraw: (random) =>
      Object.values(conv.parameters ?? {}).map(({ tensor }) => [tensor, random.uniform(tensor.size, -bound, bound)]),
  };
}

function asMap(vector: Tensor): Tensor {
  return reshape(vector, [...vector.shape, 1, 1]);
}

function sizeOf(map: Tensor): readonly [number, number] {
  return [axisSize(map, 2), axisSize(map, 3)];
}
