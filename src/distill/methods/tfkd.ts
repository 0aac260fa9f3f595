/** @file Teacher-free distillation: a made-up teacher that is nearly sure of every label. */
import { add, logSoftmax, mul, oneHot, sub, sum, type Tensor } from "../../tensor/index.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";

const options = {
  temperature: option.positive(20, "divides the made-up teacher's probabilities before their softmax"),
  correctProbability: option.number(
    0.99,
    "the made-up teacher's probability of the label's class",
    {
      above: 0,
      below: 1,
    },
    { search: { from: 0.9, to: 0.999, scale: "linear" } },
  ),
  virtualWeight: option.weight(10, "weight of the loss against the made-up teacher"),
};

/**
 * 1 / (N C) Σ_n Σ_c q (log q - log softmax(z)) with q = softmax(u / T), where u = a for the label's class and
 * (1 - a) / (C - 1) for the others: a divergence averaged over batch and classes, as the published code has it.
 *
 * logits [N, C], labels int32 [N]. Throws SHAPE. Yuan et al. 2020, section 5.
 */
export function virtualTeacherLoss(logits: Tensor, labels: Tensor, correct: number, temperature: number): Tensor {
  const [images, classes] = logits.shape as [number, number];
  const [a, b] = [Math.exp(correct / temperature), Math.exp((1 - correct) / (classes - 1) / temperature)];
  const [target, other] = [a / (a + (classes - 1) * b), b / (a + (classes - 1) * b)];
  const isLabel = oneHot(labels, classes); // [N, C]
  const probability = add(mul(isLabel, target - other), other);
  const logProbability = add(mul(isLabel, Math.log(target / other)), Math.log(other));
  const divergence = sum(mul(probability, sub(logProbability, logSoftmax(logits))));
  return mul(divergence, 1 / (images * classes));
}

export const tfkd: Method<typeof options> = {
  name: "tfkd",
  title: "Teacher-free distillation",
  summary: "Matches a hand-made teacher that is almost certain of every label; without a teacher.",
  paper:
    "Yuan, Tay, Li, Wang, Feng: Revisiting Knowledge Distillation via Label Smoothing Regularization, 2020. https://arxiv.org/abs/1909.11723",
  options,
  presets: {
    cifar: {
      source: "yuanli2333/Teacher-free-Knowledge-Distillation, experiments/base_experiments/base_resnet18/params.json",
      options: {},
    },
  },
  labels: { weight: 0.9 },
  needsTeacher: false,
  losses: ({ student, labels }, { correctProbability, temperature }) => ({
    virtual: virtualTeacherLoss(student.logits, labels, correctProbability, temperature),
  }),
  weights: ({ virtualWeight }) => ({ virtual: virtualWeight }),
};
