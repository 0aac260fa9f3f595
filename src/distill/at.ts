/** @file Attention transfer: where the student's stages are active, not how, follows the teacher's. */
import { z } from "zod";
import { add, flatten, mean, reshape, square, sub, type Tensor } from "../tensor/index.ts";
import { normalise } from "./losses/normalise.ts";
import { commonSize, pooledTo } from "./losses/pool.ts";
import { crossEntropy } from "./losses.ts";
import type { Method } from "./method.ts";
import { pairedStages, stagesOf } from "./observed.ts";
import { chosenStages, pairTargets, stagePlaces } from "./places.ts";

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
  ...stagePlaces,
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
  needsTeacher: true,
  targets: (teacher, { studentFeatures, teacherFeatures }, _, student) =>
    pairTargets(chosenStages(student, studentFeatures), chosenStages(teacher, teacherFeatures), (s, t) =>
      attentionMap(pooledTo(t.output, commonSize("at", s.output.shape, t.output.shape))),
    ),
  losses: ({ student, targets, labels }, { studentFeatures }) => ({
    attention: pairedStages(chosenStages(student, studentFeatures), stagesOf(targets))
      .map(([{ output }, map]) => attentionLoss(output, map))
      .reduce((total, loss) => add(total, loss)),
    ce: crossEntropy(student.logits, labels),
  }),
  weights: ({ attentionWeight, ceWeight }) => ({ attention: attentionWeight, ce: ceWeight }),
};
