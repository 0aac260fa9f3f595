/** @file Normalised distillation: the label's class by the teacher's own certainty, the others normalised among themselves. */
import { axisSize, div, exp, logSoftmax, mean, mul, neg, gather, sum, type Tensor } from "../../tensor/index.ts";
import { nonTargetLogSoftmax, standardiseOption, standardisedIf } from "../losses/logits.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";

const options = {
  temperature: option.positive(1, "divides both networks' logits of the other classes"),
  targetWeight: option.weight(1, "weight of the loss on the label's class"),
  nonTargetWeight: option.weight(1.5, "weight of the loss on the other classes"),
  standardise: standardiseOption,
};

/**
 * With p = softmax(z), and p̂ = softmax(z / T) over the classes other than y:
 *
 *     target = -1/N Σ_n p_t[y] log p_s[y]      others = -T² / N Σ_n Σ_{c≠y} p̂_t log p̂_s
 *
 * Logits [N, C], labels int32 [N]. Both have their least value where student and teacher agree: `others` the entropy of
 * p̂_t times T². Throws SHAPE. Yang et al. 2023, section 3.
 */
export function normalisedLosses(
  student: Tensor,
  teacher: Tensor,
  labels: Tensor,
  temperature: number,
): { readonly target: Tensor; readonly others: Tensor } {
  const target = mul(exp(gather(logSoftmax(teacher), labels)), gather(logSoftmax(student), labels)); // [N]
  const among = (logits: Tensor): Tensor => nonTargetLogSoftmax(div(logits, temperature), labels);
  const others = sum(mul(exp(among(teacher)), among(student)));
  return { target: neg(mean(target)), others: mul(others, -(temperature ** 2) / axisSize(student, 0)) };
}

export const nkd: Method<typeof options, "logits"> = {
  name: "nkd",
  title: "Normalised distillation",
  summary:
    "Matches the label's class, weighted by the teacher's probability, and the normalised distribution over the others.",
  paper:
    "Yang, Zeng, Li, Zhang, Yuan, Li: From Knowledge Distillation to Self-Knowledge Distillation, 2023. https://arxiv.org/abs/2303.13005",
  options,
  presets: {
    imagenet: { source: "yzd-v/cls_KD, configs/distillers/imagenet/res34_distill_res18_img.py", options: {} },
    cifar: {
      source: "yzd-v/cls_KD, configs/distillers/cifar100/res34_distill_res18_cifar.py",
      options: { temperature: 3, nonTargetWeight: 3.5 },
    },
  },
  labels: { weight: 1 },
  needsTeacher: true,
  targets: (teacher) => ({ logits: teacher.logits }),
  losses: ({ student, targets, labels }, { temperature, standardise }) => ({
    ...normalisedLosses(
      standardisedIf(standardise, student.logits),
      standardisedIf(standardise, targets.logits),
      labels,
      temperature,
    ),
  }),
  weights: ({ targetWeight, nonTargetWeight }) => ({
    target: targetWeight,
    others: nonTargetWeight,
  }),
};
