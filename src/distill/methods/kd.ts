/** @file Soft targets: the student matches the teacher's softened class probabilities. */
import { softTargetLoss } from "../losses/basic.ts";
import { standardisedIf, standardiseOption } from "../losses/logits.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";

const options = {
  temperature: option.positive(2, "divides both networks' logits; higher is softer"),
  kdWeight: option.weight(0.25, "weight of the soft-target loss (already times T²)"),
  standardise: standardiseOption,
};

export const kd: Method<typeof options, "logits"> = {
  name: "kd",
  title: "Soft targets",
  summary: "Matches the teacher's class probabilities, softened by a temperature.",
  paper: "Hinton, Vinyals, Dean: Distilling the Knowledge in a Neural Network, 2015. https://arxiv.org/abs/1503.02531",
  options,
  presets: {
    tutorial: { source: "PyTorch's knowledge distillation tutorial", options: {} },
    cifar: {
      source:
        "HobbitLong/RepDistiller, scripts/run_cifar_distill.sh; megvii-research/mdistiller, configs/cifar100/kd.yaml",
      options: { temperature: 4, kdWeight: 0.9, ceWeight: 0.1 },
    },
    imagenet: {
      source:
        "yoshitomo-matsubara/torchdistill, kd-resnet18_from_resnet34.yaml; megvii-research/mdistiller, configs/imagenet/r34_r18/kd.yaml",
      options: { temperature: 1, kdWeight: 0.5, ceWeight: 0.5 },
    },
    standardised: {
      source: "sunshangquan/logit-standardization-KD for CIFAR-100, README: --base-temp 2 --kd-weight 9",
      options: { standardise: true, temperature: 2, kdWeight: 9, ceWeight: 0.1 },
    },
  },
  labels: { weight: 0.75 },
  needsTeacher: true,
  targets: (teacher) => ({ logits: teacher.logits }),
  losses: ({ student, targets }, { temperature, standardise }) => ({
    kd: softTargetLoss(
      standardisedIf(standardise, student.logits),
      standardisedIf(standardise, targets.logits),
      temperature,
    ),
  }),
  weights: ({ kdWeight }) => ({ kd: kdWeight }),
};
