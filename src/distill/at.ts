/** @file Attention transfer: where the student's stages are active, not how, follows the teacher's. */
import { z } from "zod";
import { flatten, mean, reshape, square, sub, type Tensor } from "../tensor/index.ts";
import { normalise } from "./losses/normalise.ts";
import { commonSize, pooledTo } from "./losses/pool.ts";
import { crossEntropy } from "./losses.ts";
import type { Method } from "./method.ts";
import { pairedStages, pairTargets, stagePairs, sumOverPairs } from "./pairs.ts";

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

const options = z.strictObject({
  pairs: stagePairs,
  attentionWeight: z.number().nonnegative().default(1000).describe("weight of the attention maps' squared differences"),
  ceWeight: z.number().nonnegative().default(1).describe("weight of the cross entropy with the labels"),
});

export const at: Method<z.output<typeof options>> = {
  name: "at",
  title: "Attention transfer",
  summary: "Makes the student's stages active where in the image the teacher's are.",
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
  needsTeacher: true,
  pairs: (student, teacher, { pairs }) => pairedStages(student, teacher, pairs),
  targets: (_, __, ___, pairs) =>
    pairTargets(pairs, ({ student: { output: s }, teacher: { output: t } }) =>
      attentionMap(pooledTo(t, commonSize("at", s.shape, t.shape))),
    ),
  losses: (batch) => ({
    attention: sumOverPairs(batch, ({ output }, map) => attentionLoss(output, map)),
    ce: crossEntropy(batch.student.logits, batch.labels),
  }),
  weights: ({ attentionWeight, ceWeight }) => ({ attention: attentionWeight, ce: ceWeight }),
};
