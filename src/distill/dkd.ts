/** @file Decoupled distillation: how sure of the label's class, and how the others compare, weighed apart. */
import { z } from "zod";
import { div, exp, logSoftmax, mul, pick, sub, sum, type Tensor } from "../tensor/index.ts";
import { crossEntropy } from "./losses.ts";
import { binaryDivergence, logOfOthers, nonTargetLogSoftmax } from "./losses/non-target.ts";
import { standardisedIf, standardiseOption } from "./losses/standardise.ts";
import type { Method } from "./method.ts";

const options = z.strictObject({
  temperature: z.number().positive().default(4).describe("divides both networks' logits"),
  targetWeight: z
    .number()
    .nonnegative()
    .default(1)
    .describe("weight of the loss on the label's class against the rest"),
  nonTargetWeight: z
    .number()
    .nonnegative()
    .default(8)
    .describe("weight of the loss on the other classes among themselves"),
  rampEpochs: z.int().positive().default(20).describe("epochs in which these two weights grow to their values"),
  standardise: standardiseOption,
  ceWeight: z.number().nonnegative().default(1).describe("weight of the cross entropy with the labels"),
});

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
  const scale = temperature ** 2 / student.shape[0]!;
  const [s, t] = [div(student, temperature), div(teacher, temperature)];
  const binary = (logits: Tensor) => ({
    target: pick(logSoftmax(logits), labels),
    others: logOfOthers(logits, labels),
  });
  const [amongS, amongT] = [nonTargetLogSoftmax(s, labels), nonTargetLogSoftmax(t, labels)];
  return {
    tckd: mul(binaryDivergence(binary(s), binary(t)), scale),
    nckd: mul(sum(mul(exp(amongT), sub(amongT, amongS))), scale),
  };
}

export const dkd: Method<z.output<typeof options>> = {
  name: "dkd",
  title: "Decoupled distillation",
  summary: "Matches how sure the teacher is of the label's class, and, weighed apart, how it ranks the other classes.",
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
  needsTeacher: true,
  targets: (teacher) => ({ logits: teacher.logits }),
  losses: ({ student, targets, labels }, { temperature, standardise }) => ({
    ...decoupledLosses(
      standardisedIf(standardise, student.logits),
      standardisedIf(standardise, targets["logits"]!),
      labels,
      temperature,
    ),
    ce: crossEntropy(student.logits, labels),
  }),
  weights: ({ targetWeight, nonTargetWeight, rampEpochs, ceWeight }) => ({
    tckd: { value: targetWeight, rampEpochs },
    nckd: { value: nonTargetWeight, rampEpochs },
    ce: ceWeight,
  }),
};
