/** @file Neuron selectivity transfer: what the student's channels respond to is distributed as the teacher's. */
import {
  axisSize,
  add,
  div,
  matmul,
  mean,
  mul,
  reshape,
  sqrt,
  square,
  sub,
  sum,
  transpose,
  type Tensor,
} from "../../tensor/index.ts";
import { isPositive } from "../losses/normalise.ts";
import { commonSize, pooledTo } from "../losses/maps.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";
import { pairedStages, stagePairs, sumOverPairs } from "../pairs.ts";

/** Of a teacher's stage: its channels' maps at length 1, [N, C, H, W], and their mean kernel [N]. */
export interface Selectivity {
  readonly maps: Tensor;
  readonly kernel: Tensor;
}

/**
 * mean k(t, t) + mean k(s, s) - 2 mean k(s, t) over images and pairs of channels, by the kernel k(a, b) = (a·b / |a||b|)²:
 * the squared maximum mean discrepancy of two sets of channels.
 *
 * The student's feature [N, C, H, W] is averaged down to the size of the teacher's maps; C may differ. Throws SHAPE. Huang and
 * Wang 2017, equation 6 with the polynomial kernel, as in RepDistiller and mdistiller.
 */
export function selectivityLoss(student: Tensor, teacher: Selectivity): Tensor {
  const s = channelsOf(pooledTo(student, commonSize("nst", student.shape, teacher.maps.shape)));
  const lengths = lengthsOf(s); // [N, C, 1]
  const own = div(matmul(s, s, { transposeB: true }), mul(lengths, transpose(lengths)));
  const across = div(matmul(s, channelsOf(teacher.maps), { transposeB: true }), lengths);
  return mean(add(teacher.kernel, sub(meanSquare(own), mul(meanSquare(across), 2))));
}

/** Of a teacher's feature [N, C, H, W]. */
export function selectivity(feature: Tensor): Selectivity {
  const flat = channelsOf(feature);
  const unit = div(flat, lengthsOf(flat));
  return { maps: reshape(unit, feature.shape), kernel: meanSquare(matmul(unit, unit, { transposeB: true })) };
}

/** [N, C, H·W] */
function channelsOf(feature: Tensor): Tensor {
  return reshape(feature, [axisSize(feature, 0), axisSize(feature, 1), -1]);
}

/** [N, C, 1]; 1 for a channel of zeros, whose products are 0 anyway. */
function lengthsOf(channels: Tensor): Tensor {
  const squared = sum(square(channels), { axes: [2], keepDims: true });
  return sqrt(add(squared, sub(1, isPositive(squared))));
}

/** Of each image's products [N, C, D], [N]. */
function meanSquare(products: Tensor): Tensor {
  return mean(square(products), { axes: [1, 2] });
}

const options = {
  pairs: stagePairs,
  selectivityWeight: option.weight(50, "weight of the discrepancy of the channels"),
};

export const nst: Method<typeof options, never, "maps" | "kernel"> = {
  name: "nst",
  title: "Neuron selectivity transfer",
  summary: "Matches the distribution of the channels' activation patterns.",
  paper:
    "Huang, Wang: Like What You Like: Knowledge Distill via Neuron Selectivity Transfer, 2017. https://arxiv.org/abs/1707.01219",
  options,
  presets: {
    cifar: { source: "HobbitLong/RepDistiller, scripts/run_cifar_distill.sh", options: {} },
  },
  labels: { weight: 1 },
  needsTeacher: true,
  pairs: (student, teacher, { pairs }) => pairedStages(student, teacher, pairs),
  pairTargets: ({ student: { output: s }, teacher: { output: t } }) => ({
    ...selectivity(pooledTo(t, commonSize("nst", s.shape, t.shape))),
  }),
  losses: (batch) => sumOverPairs(batch, ({ output, targets }) => ({ selectivity: selectivityLoss(output, targets) })),
  weights: ({ selectivityWeight }) => ({ selectivity: selectivityWeight }),
};
