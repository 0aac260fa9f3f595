/** @file Weighted soft labels: an image's soft targets count the less, the better the student knows it already. */
import {
  axisSize,
  add,
  div,
  exp,
  logSoftmax,
  mul,
  neg,
  gather,
  softmax,
  stopGradient,
  sub,
  sum,
  type Tensor,
} from "../../tensor/index.ts";
import { standardisedIf, standardiseOption } from "../losses/logits.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";

const options = {
  temperature: option.positive(4, "divides both networks' logits"),
  softWeight: option.weight(2.25, "weight of the weighted soft-label loss (already times T²)"),
  standardise: standardiseOption,
};

/**
 * T² / N Σ_n w_n Σ_c -p_t log p_s with p = softmax(z / T), where w = 1 - exp(-ℓ_s / (ℓ_t + 1e-7)) and ℓ is a network's
 * cross entropy with the image's label at T = 1. No gradient flows through w. With `standardise`, p is that of standardised
 * logits, and w still that of the logits as they are: how well a network knows an image is no matter of its scale.
 *
 * Logits [N, C], labels int32 [N]. Throws SHAPE. Zhou et al. 2021, section 4.
 */
export function weightedSoftLabelLoss(
  student: Tensor,
  teacher: Tensor,
  labels: Tensor,
  { temperature, standardise = false }: { readonly temperature: number; readonly standardise?: boolean },
): Tensor {
  const ownLoss = (logits: Tensor): Tensor => neg(gather(logSoftmax(logits), labels)); // [N]
  const weight = stopGradient(sub(1, exp(neg(div(ownLoss(student), add(ownLoss(teacher), 1e-7))))));
  const [s, t] = [student, teacher].map((logits) => div(standardisedIf(standardise, logits), temperature)) as [
    Tensor,
    Tensor,
  ];
  const soft = mul(softmax(t), logSoftmax(s)); // [N, C]
  return mul(sum(mul(weight, sum(soft, { axes: [1] }))), -(temperature ** 2) / axisSize(student, 0));
}

export const wsld: Method<typeof options, "logits"> = {
  name: "wsld",
  title: "Weighted soft labels",
  summary:
    "Matches soft targets; images that the student already classifies well compared with the teacher count less.",
  paper:
    "Zhou, Song, Chen, Zhou, Wang, Yuan, Zhang: Rethinking Soft Labels for Knowledge Distillation, 2021. https://arxiv.org/abs/2102.00650",
  options,
  presets: {
    cifar: { source: "yzd-v/cls_KD, configs/distillers/cifar100/res34_distill_res18_cifar.py", options: {} },
    imagenet: {
      source: "yzd-v/cls_KD, configs/distillers/imagenet/res34_distill_res18_img.py",
      options: { temperature: 2, softWeight: 2.5 },
    },
  },
  labels: { weight: 1 },
  needsTeacher: true,
  targets: (teacher) => ({ logits: teacher.logits }),
  losses: ({ student, targets, labels }, { temperature, standardise }) => ({
    soft: weightedSoftLabelLoss(student.logits, targets.logits, labels, { temperature, standardise }),
  }),
  weights: ({ softWeight }) => ({ soft: softWeight }),
};
