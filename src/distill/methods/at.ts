/** @file Attention transfer: where the student's stages are active, not how, follows the teacher's. */
import { flatten, mean, reshape, square, sub, type Tensor } from "../../tensor/index.ts";
import { normalise } from "../losses/normalise.ts";
import { commonSize, pooledTo } from "../losses/maps.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";
import { pairedStages, stagePairs, sumOverPairs } from "../pairs.ts";

/**
 * mean over images and places of (A_s - A_t)²: A_s of the student's feature [N, C, H, W], averaged down to the size of the
 * teacher's attention map A_t [N, H, W]. Throws SHAPE.
 *
 * Zagoruyko and Komodakis 2017, equation 2 as RepDistiller and mdistiller have it: a mean, where the paper has half a sum.
 */
export function attentionLoss(student: Tensor, teacherMap: Tensor): Tensor {
  const size = commonSize("at", student.shape, teacherMap.shape);
  return mean(square(sub(attentionMap(pooledTo(student, size)), teacherMap)));
}

/** A = a / |a| with a = mean over channels of f²: feature f [N, C, H, W] to [N, H, W]. */
export function attentionMap(feature: Tensor): Tensor {
  const map = mean(square(feature), { axes: [1] });
  return reshape(normalise(flatten(map)), map.shape);
}

const options = {
  pairs: stagePairs,
  attentionWeight: option.weight(1000, "weight of the attention maps' squared differences"),
};

export const at: Method<typeof options, never, "map"> = {
  name: "at",
  title: "Attention transfer",
  summary: "Matches attention maps: where in the image each stage is active.",
  paper:
    "Zagoruyko, Komodakis: Paying More Attention to Attention: Improving the Performance of Convolutional Neural Networks " +
    "via Attention Transfer, 2017. https://arxiv.org/abs/1612.03928",
  options,
  presets: {
    cifar: {
      source:
        "HobbitLong/RepDistiller, scripts/run_cifar_distill.sh; megvii-research/mdistiller has the weight for ImageNet too",
      options: {},
    },
  },
  labels: { weight: 1 },
  needsTeacher: true,
  pairs: (student, teacher, { pairs }) => pairedStages(student, teacher, pairs),
  pairTargets: ({ student: { output: s }, teacher: { output: t } }) => ({
    map: attentionMap(pooledTo(t, commonSize("at", s.shape, t.shape))),
  }),
  losses: (batch) => sumOverPairs(batch, ({ output, targets }) => ({ attention: attentionLoss(output, targets.map) })),
  weights: ({ attentionWeight }) => ({ attention: attentionWeight }),
};
