/** @file Transformed teacher matching: the teacher alone is softened, by a power of its probabilities. */
import { mean, mul, type Tensor } from "../../tensor/index.ts";
import { divergences, standardisedIf, standardiseOption } from "../losses/logits.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";

const options = {
  power: option.positive(0.1, "power that the teacher's probabilities are raised to, 1 / T; lower is softer"),
  ttmWeight: option.weight(45, "weight of the divergence from the transformed teacher"),
  standardise: standardiseOption,
};

/**
 * Of each image KL(q ‖ softmax(z_s)), [N], where q = p^γ / Σ p^γ is a power γ of the teacher's probabilities p = softmax(z_t).
 * The student has no temperature, so no T² either.
 *
 * Logits [N, C]. Throws SHAPE. Zheng and Yang 2024, section 3.
 */
export function transformedDivergences(student: Tensor, teacher: Tensor, power: number): Tensor {
  // A power of a softmax, normalised, is the softmax of the logits times that power.
  return divergences(student, mul(teacher, power));
}

export const ttm: Method<typeof options, "logits"> = {
  name: "ttm",
  title: "Transformed teacher",
  summary: "Matches the teacher's probabilities raised to a power and normalised; the student is not softened.",
  paper:
    "Zheng, Yang: Knowledge Distillation Based on Transformed Teacher Matching, 2024. https://arxiv.org/abs/2402.11148",
  options,
  presets: {
    cifar: {
      source: "zkxufo/TTM, README, for vgg8 from vgg13 on CIFAR-100: --ttm_l 0.1 -r 1 -b 45",
      options: {},
    },
  },
  labels: { weight: 1 },
  needsTeacher: true,
  targets: (teacher) => ({ logits: teacher.logits }),
  losses: ({ student, targets }, { power, standardise }) => ({
    ttm: mean(
      transformedDivergences(
        standardisedIf(standardise, student.logits),
        standardisedIf(standardise, targets.logits),
        power,
      ),
    ),
  }),
  weights: ({ ttmWeight }) => ({ ttm: ttmWeight }),
};
