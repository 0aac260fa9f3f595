/** @file Distillation from a stronger teacher: correlations instead of exact probabilities. */
import { div, maximum, mean, mul, softmax, sub, sum, transpose, type Tensor } from "../../tensor/index.ts";
import { length } from "../losses/normalise.ts";
import { standardisedIf, standardiseOption } from "../losses/logits.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";

const options = {
  temperature: option.positive(4, "divides both networks' logits"),
  interWeight: option.weight(2, "weight of the loss between the classes of each image"),
  intraWeight: option.weight(2, "weight of the loss between the batch's images, class by class"),
  standardise: standardiseOption,
};

/** What lengths are taken for at least, so that a row that hardly spreads counts for little: a class that no image is taken for. */
const shortest = 1e-8;

/**
 * 1 - mean over the rows of Pearson's correlation of a and b: with rows centred, Σ a·b / (|a| |b|), where no length counts as
 * less than 1e-8, as in PyTorch's `cosine_similarity`.
 *
 * a and b [N, C]. 0 where each row of one is a rising line of the other's; 1 for rows without any spread.
 */
function correlationLoss(a: Tensor, b: Tensor): Tensor {
  const direction = (x: Tensor): Tensor => {
    const centred = sub(x, mean(x, { axes: [1], keepDims: true }));
    return div(centred, maximum(length(centred), shortest));
  };
  return sub(1, mean(sum(mul(direction(a), direction(b)), { axes: [1] })));
}

/**
 * inter = T² correlationLoss(p_s, p_t), intra = T² correlationLoss(p_sᵀ, p_tᵀ) with p = softmax(z / T).
 *
 * Logits [N, C]. Throws SHAPE. Huang et al. 2022, section 3.
 */
export function predictionRelations(
  student: Tensor,
  teacher: Tensor,
  temperature: number,
): { readonly inter: Tensor; readonly intra: Tensor } {
  const [s, t] = [softmax(div(student, temperature)), softmax(div(teacher, temperature))];
  const scaled = (loss: Tensor): Tensor => mul(loss, temperature ** 2);
  return { inter: scaled(correlationLoss(s, t)), intra: scaled(correlationLoss(transpose(s), transpose(t))) };
}

export const dist: Method<typeof options, "logits"> = {
  name: "dist",
  title: "Relations of predictions",
  summary:
    "Maximises the correlation with the teacher's probabilities, per image over classes and per class over images.",
  paper:
    "Huang, You, Wang, Qian, Xu: Knowledge Distillation from A Stronger Teacher, 2022. https://arxiv.org/abs/2205.10536",
  options,
  presets: {
    cifar: { source: "Huang et al. 2022, section 4", options: {} },
    imagenet: {
      source: "yoshitomo-matsubara/torchdistill, configs/sample/ilsvrc2012/dist/resnet18_from_resnet34.yaml",
      options: { temperature: 1 },
    },
  },
  labels: { weight: 1 },
  needsTeacher: true,
  targets: (teacher) => ({ logits: teacher.logits }),
  losses: ({ student, targets }, { temperature, standardise }) => ({
    ...predictionRelations(
      standardisedIf(standardise, student.logits),
      standardisedIf(standardise, targets.logits),
      temperature,
    ),
  }),
  weights: ({ interWeight, intraWeight }) => ({ inter: interWeight, intra: intraWeight }),
};
