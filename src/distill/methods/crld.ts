/** @file Consistency over views: a weak and a strong view of each image, each matched with the teacher's view of both. */
import { add, div, less, logSoftmax, exp, max, mean, mul, sub, type Tensor } from "../../tensor/index.ts";
import { divergences, standardisedIf, standardiseOption } from "../losses/logits.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";

const probability = { least: 0, most: 1 };
const options = {
  temperature: option.positive(4, "divides both networks' logits"),
  withinWeight: option.weight(2, "weight of the losses within each view (already times T²)"),
  crossWeight: option.weight(0.5, "weight of the losses between the views (already times T²)"),
  withinConfidence: option.number(
    0.9,
    "least certainty of the teacher about the weak view, for an image to count within views",
    probability,
    { search: { from: 0.5, to: 0.98, scale: "linear" } },
  ),
  crossConfidence: option.number(
    0.2,
    "least certainty of the teacher about the strong view, for it to count between views",
    probability,
    { search: { from: 0.05, to: 0.6, scale: "linear" } },
  ),
  standardise: standardiseOption,
};

/** Logits of a weak and a strong view, [N, C] each. */
export interface Views {
  readonly weak: Tensor;
  readonly strong: Tensor;
}

/** What the losses between views are made with. */
export interface ConsistencyOptions {
  readonly temperature: number;
  readonly withinConfidence: number;
  readonly crossConfidence: number;
  readonly standardise?: boolean;
}

/**
 * With K(t, s) = T² KL(softmax(t / T) ‖ softmax(s / T)), views w and s, and m the teacher's largest probability:
 *
 *     within = 1/N Σ_n [m_w ≥ τ_w] (K(t_w, s_w) + K(t_s, s_s))      cross = 1/N Σ_n [m_s ≥ τ_s] (K(t_w, s_s) + K(t_s, s_w))
 *
 * Logits [N, C]. Throws SHAPE. Zhang et al. 2024, section 3.
 */
export function consistencyLosses(
  student: Views,
  teacher: Views,
  { temperature, withinConfidence, crossConfidence, standardise = false }: ConsistencyOptions,
): { readonly within: Tensor; readonly cross: Tensor } {
  const soft = (logits: Tensor): Tensor => div(standardisedIf(standardise, logits), temperature);
  const apart = (s: Tensor, t: Tensor): Tensor => divergences(soft(s), soft(t)); // [N]
  const isSure = (logits: Tensor, least: number): Tensor =>
    sub(1, less(exp(max(logSoftmax(logits), { axes: [1] })), least));
  const within = add(apart(student.weak, teacher.weak), apart(student.strong, teacher.strong));
  const cross = add(apart(student.strong, teacher.weak), apart(student.weak, teacher.strong));
  const scaled = (each: Tensor, counts: Tensor): Tensor => mul(mean(mul(each, counts)), temperature ** 2);
  return {
    within: scaled(within, isSure(teacher.weak, withinConfidence)),
    cross: scaled(cross, isSure(teacher.strong, crossConfidence)),
  };
}

export const crld: Method<typeof options, "logits"> = {
  name: "crld",
  title: "Consistency over views",
  summary: "Matches the teacher on a weak and a strong view of each image, within each view and across both.",
  paper:
    "Zhang, Liu, Cai, Ma: Cross-View Consistency Regularisation for Knowledge Distillation, 2024. https://arxiv.org/abs/2412.16493",
  options,
  presets: {
    cifar: {
      source: "scx-822/CRLD-main, a copy of the authors' code, mdistiller/engine/cfg.py; mdistiller/distillers/CRLD.py",
      options: {},
    },
    imagenet: {
      source: "scx-822/CRLD-main, a copy of the authors' code, configs/imagenet/r34_r18/crld.yaml",
      options: { temperature: 1, ceWeight: 2 },
    },
  },
  labels: { weight: 1, description: "weight of the cross entropy with the labels, of either view" },
  needsTeacher: true,
  needs: () => ({ strongView: true }),
  targets: (teacher) => ({ logits: teacher.logits }),
  losses: ({ student, targets, strong, labelsLoss }, settings) => ({
    ...consistencyLosses(
      { weak: student.logits, strong: strong.student.logits },
      { weak: targets.logits, strong: strong.targets.logits },
      settings,
    ),
    strongCe: labelsLoss(strong.student.logits),
  }),
  weights: ({ withinWeight, crossWeight, ceWeight }) => ({
    within: withinWeight,
    cross: crossWeight,
    strongCe: ceWeight,
  }),
};
