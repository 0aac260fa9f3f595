/** @file Weighted transformed teacher matching: the less sure the teacher is of an image, the more the image counts. */
import { exp, logSoftmax, mean, mul, sum, type Tensor } from "../../tensor/index.ts";
import { standardisedIf, standardiseOption } from "../losses/logits.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";
import { transformedDivergences } from "./ttm.ts";

const options = {
  power: option.positive(0.2, "power that the teacher's probabilities are raised to, 1 / T; lower is softer"),
  wttmWeight: option.weight(4, "weight of the weighted divergence from the transformed teacher"),
  standardise: standardiseOption,
};

/**
 * 1/N Σ_n U_n KL(q_n ‖ softmax(z_s)), q as in `transformedDivergences`, with U = Σ_c p^γ: 1 where the teacher is sure of one
 * class, C^(1 - γ) where it is not sure at all, if γ < 1.
 *
 * Logits [N, C]. Throws SHAPE. Zheng and Yang 2024, section 4.
 */
export function weightedTransformedLoss(student: Tensor, teacher: Tensor, power: number): Tensor {
  const weights = sum(exp(mul(logSoftmax(teacher), power)), { axes: [1] }); // U, [N]
  return mean(mul(weights, transformedDivergences(student, teacher, power)));
}

export const wttm: Method<typeof options, "logits"> = {
  name: "wttm",
  title: "Weighted transformed teacher",
  summary: "Matches the teacher's probabilities raised to a power and normalised; uncertain images count more.",
  paper:
    "Zheng, Yang: Knowledge Distillation Based on Transformed Teacher Matching, 2024. https://arxiv.org/abs/2402.11148",
  options,
  presets: {
    cifar: {
      source: "zkxufo/TTM, README, for vgg8 from vgg13 on CIFAR-100, there together with CRD: --ttm_l 0.2 -a 4",
      options: {},
    },
  },
  labels: { weight: 1 },
  needsTeacher: true,
  targets: (teacher) => ({ logits: teacher.logits }),
  losses: ({ student, targets }, { power, standardise }) => ({
    wttm: weightedTransformedLoss(
      standardisedIf(standardise, student.logits),
      standardisedIf(standardise, targets.logits),
      power,
    ),
  }),
  weights: ({ wttmWeight }) => ({ wttm: wttmWeight }),
};
