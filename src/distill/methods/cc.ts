/** @file Correlation congruence: how embeddings differ from the teacher's is unlike from one image to the next. */
import { axisSize, abs, constant, flatten, mean, mul, slice, sub, sum, type Tensor } from "../../tensor/index.ts";
import { linear } from "../../nn/index.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";
import { pairedVectors, vectorPair } from "../pairs.ts";

/**
 * 1/(N-1) Σ_n Σ_d |δ[n, d]|·|δ[n + 1, d]|, where δ = e_s - e_t are differences of embeddings [N, D] of neighbours in the
 * batch; 0 for a batch of one.
 *
 * As in RepDistiller, from the authors' code. Peng et al. 2019.
 */
export function congruenceLoss(student: Tensor, teacher: Tensor): Tensor {
  const n = axisSize(student, 0);
  if (n === 1) return constant(0);
  const distance = abs(sub(student, teacher));
  const rows = (from: number, to: number): Tensor => slice(distance, { axis: 0, from, to });
  return mean(sum(mul(rows(0, n - 1), rows(1, n)), { axes: [1] }));
}

const options = {
  pairs: vectorPair,
  dimensions: option.count(128, "length of the embeddings that are compared"),
  congruenceWeight: option.weight(0.02, "weight of the congruence loss"),
};

export const cc: Method<typeof options, never, "embedding"> = {
  name: "cc",
  title: "Correlation congruence",
  summary: "Matches linear embeddings of both networks, and how their differences change from one image to the next.",
  paper:
    "Peng, Jin, Liu, Zhou, Wu, Liu, Li, Zhang: Correlation Congruence for Knowledge Distillation, 2019. https://arxiv.org/abs/1904.01802",
  options,
  presets: {
    cifar: { source: "HobbitLong/RepDistiller, scripts/run_cifar_distill.sh", options: {} },
  },
  labels: { weight: 1 },
  needsTeacher: true,
  pairs: (student, teacher, { pairs }) => pairedVectors("cc", student, teacher, pairs),
  pairTargets: ({ teacher }) => ({ embedding: flatten(teacher.output) }),
  auxiliaries: ({ compared: [{ output, targets }] }, { dimensions }) => ({
    studentEmbedding: { module: linear(axisSize(flatten(output), 1), dimensions) },
    teacherEmbedding: { module: linear(axisSize(targets.embedding, 1), dimensions) },
  }),
  losses: ({ compared: [{ output, targets }], auxiliary }) => ({
    congruence: congruenceLoss(
      auxiliary("studentEmbedding", flatten(output)),
      auxiliary("teacherEmbedding", targets.embedding),
    ),
  }),
  weights: ({ congruenceWeight }) => ({ congruence: congruenceWeight }),
};
