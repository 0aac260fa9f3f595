/** @file Decoupled distillation: how sure of the label's class, and how the others compare, weighed apart. */
import { axisSize, div, exp, logSoftmax, mul, gather, sub, sum, type Tensor } from "../../tensor/index.ts";
import {
  binaryDivergence,
  logOfOthers,
  nonTargetLogSoftmax,
  standardiseOption,
  standardisedIf,
} from "../losses/logits.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";

const options = {
  temperature: option.positive(4, "divides both networks' logits"),
  targetWeight: option.weight(1, "weight of the loss on the label's class against the rest"),
  nonTargetWeight: option.weight(8, "weight of the loss on the other classes among themselves"),
  rampEpochs: option.epochs(20, "epochs in which these two weights grow to their values"),
  standardise: standardiseOption,
};

/**
 * With p = softmax(z / T), b = (p_y, 1 - p_y) and p̂ = p over the classes other than y:
 *
 *     tckd = T² / N Σ_n KL(b_t ‖ b_s)      nckd = T² / N Σ_n KL(p̂_t ‖ p̂_s)
 *
 * Logits [N, C], labels int32 [N]. Throws SHAPE. Zhao et al. 2022, section 3.
 */
export function decoupledLosses(
  student: Tensor,
  teacher: Tensor,
  labels: Tensor,
  temperature: number,
): { readonly tckd: Tensor; readonly nckd: Tensor } {
  const scale = temperature ** 2 / axisSize(student, 0);
  const [s, t] = [div(student, temperature), div(teacher, temperature)];
  const binary = (logits: Tensor) => ({
    target: gather(logSoftmax(logits), labels),
    others: logOfOthers(logits, labels),
  });
  const [amongS, amongT] = [nonTargetLogSoftmax(s, labels), nonTargetLogSoftmax(t, labels)];
  return {
    tckd: mul(binaryDivergence(binary(s), binary(t)), scale),
    nckd: mul(sum(mul(exp(amongT), sub(amongT, amongS))), scale),
  };
}

export const dkd: Method<typeof options, "logits"> = {
  name: "dkd",
  title: "Decoupled distillation",
  summary:
    "Matches the probability of the label's class and the distribution over the other classes, weighted separately.",
  paper: "Zhao, Cui, Song, Qiu, Liang: Decoupled Knowledge Distillation, 2022. https://arxiv.org/abs/2203.08679",
  options,
  presets: {
    cifar: {
      source:
        "megvii-research/mdistiller, configs/cifar100/dkd/res32x4_res8x4.yaml; other pairs of networks have 2 or 6 in place of 8",
      options: {},
    },
    imagenet: {
      source: "megvii-research/mdistiller, configs/imagenet/r34_r18/dkd.yaml",
      options: { temperature: 1, nonTargetWeight: 0.5, rampEpochs: 1 },
    },
    standardised: {
      source:
        "sunshangquan/logit-standardization-KD for CIFAR-100, README: --base-temp 2 --kd-weight 9, which multiplies both weights",
      options: { standardise: true, temperature: 2, targetWeight: 9, nonTargetWeight: 72 },
    },
  },
  labels: { weight: 1 },
  needsTeacher: true,
  targets: (teacher) => ({ logits: teacher.logits }),
  losses: ({ student, targets, labels }, { temperature, standardise }) => ({
    ...decoupledLosses(
      standardisedIf(standardise, student.logits),
      standardisedIf(standardise, targets.logits),
      labels,
      temperature,
    ),
  }),
  weights: ({ targetWeight, nonTargetWeight, rampEpochs }) => ({
    tckd: { value: targetWeight, rampEpochs },
    nckd: { value: nonTargetWeight, rampEpochs },
  }),
};
