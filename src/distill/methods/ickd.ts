/** @file Inter-channel correlation: how the student's channels go together, image by image, follows the teacher's. */
import { batchNorm2d, conv2d, sequential, type Module } from "../../nn/index.ts";
import { axisSize, matmul, mul, reshape, square, sub, sum, type Tensor } from "../../tensor/index.ts";
import { normalise } from "../losses/normalise.ts";
import { checkMaps } from "../losses/maps.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";
import { mapPair, pairedMaps } from "../pairs.ts";

/**
 * 1/(N·C) Σ (G_s - G_t)², where G [N, C, C] holds the products of an image's channels, each row divided by its length.
 *
 * Features [N, C, H, W], or [N, C, H·W]; the networks' H and W may differ. Liu et al. 2021, equation 4, with the normalised
 * rows of the authors' code. Throws SHAPE.
 */
export function channelCorrelationLoss(student: Tensor, teacher: Tensor): Tensor {
  const [n, channels] = student.shape as [number, number];
  return mul(sum(square(sub(correlations(student), correlations(teacher)))), 1 / (n * channels));
}

function correlations(feature: Tensor): Tensor {
  const channels = channelsOf(feature);
  return normalise(matmul(channels, channels, { transposeB: true })); // [N, C, C]
}

/** [N, C, H·W] */
function channelsOf(feature: Tensor): Tensor {
  return reshape(feature, [axisSize(feature, 0), axisSize(feature, 1), -1]);
}

/** A 1x1 convolution without bias and a batch norm, which start as PyTorch's layers do, as in the authors' code. */
function embedding(from: number, to: number): Module {
  return sequential({ 0: conv2d(from, to, 1, { bias: false }), 1: batchNorm2d(to) });
}

const options = {
  pairs: mapPair,
  correlationWeight: option.weight(2.5, "weight of the correlations' squared differences"),
};

export const ickd: Method<typeof options, never, "channels"> = {
  name: "ickd",
  title: "Inter-channel correlation",
  summary: "Matches the correlations between channels, after a 1x1 convolution of the student's.",
  paper:
    "Liu, Huang, Lin, Xia, Lv, Ma, Yuan, Zhang, Tao, Wang: Exploring Inter-Channel Correlation for Diversity-preserved " +
    "Knowledge Distillation, 2021. https://arxiv.org/abs/2202.03680",
  options,
  presets: {
    cifar: { source: "ADLab-AutoDrive/ICKD, Cifar100/train_student.sh", options: {} },
  },
  labels: { weight: 1 },
  needsTeacher: true,
  pairs: (student, teacher, { pairs }) => pairedMaps("ickd", student, teacher, pairs),
  pairTargets: ({ student, teacher: { output: feature } }) => {
    checkMaps("ickd", student.output.shape, feature.shape);
    return { channels: channelsOf(feature) };
  },
  auxiliaries: ({ compared: [{ output, targets }] }) => ({
    connector: { module: embedding(axisSize(output, 1), axisSize(targets.channels, 1)) },
  }),
  losses: ({ compared: [{ output, targets }], auxiliary }) => ({
    correlation: channelCorrelationLoss(auxiliary("connector", output), targets.channels),
  }),
  weights: ({ correlationWeight }) => ({ correlation: correlationWeight }),
};
