/** @file Correlation congruence: how embeddings differ from the teacher's is unlike from one image to the next. */
import { z } from "zod";
import { abs, constant, flatten, mean, mul, slice, sub, sum, type Tensor } from "../tensor/index.ts";
import { linear } from "../nn/index.ts";
import { crossEntropy } from "./losses.ts";
import type { Method } from "./method.ts";
import { pairedVectors, vectorPair } from "./pairs.ts";

/**
 * 1/(N-1) Σ_n Σ_d |δ[n, d]|·|δ[n + 1, d]|, where δ = e_s - e_t are differences of embeddings [N, D] of neighbours in the
 * batch; 0 for a batch of one.
 *
 * As in RepDistiller, from the authors' code. Peng et al. 2019.
 */
export function congruenceLoss(student: Tensor, teacher: Tensor): Tensor {
  const n = student.shape[0]!;
  if (n === 1) return constant(0);
  const distance = abs(sub(student, teacher));
  const rows = (from: number, to: number): Tensor => slice(distance, { axis: 0, from, to });
  return mean(sum(mul(rows(0, n - 1), rows(1, n)), { axes: [1] }));
}

const options = z.strictObject({
  pairs: vectorPair,
  dimensions: z.number().int().positive().default(128).describe("length of the embeddings that are compared"),
  congruenceWeight: z.number().nonnegative().default(0.02).describe("weight of the congruence loss"),
  ceWeight: z.number().nonnegative().default(1).describe("weight of the cross entropy with the labels"),
});

export const cc: Method<z.output<typeof options>> = {
  name: "cc",
  title: "Correlation congruence",
  summary: "Brings linear embeddings of both networks together, from one image of a batch to the next.",
  paper:
    "Peng, Jin, Liu, Zhou, Wu, Liu, Li, Zhang: Correlation Congruence for Knowledge Distillation, 2019. https://arxiv.org/abs/1904.01802",
  options,
  presets: {
    cifar: { source: "HobbitLong/RepDistiller, scripts/run_cifar_distill.sh", options: {} },
  },
  needsTeacher: true,
  pairs: (student, teacher, { pairs }) => pairedVectors("cc", student, teacher, pairs),
  targets: (_, __, ___, [pair]) => ({ embedding: flatten(pair!.teacher.output) }),
  extras: ({ compared: [vector], targets }, { dimensions }) => ({
    studentEmbedding: { module: linear(flatten(vector!.output).shape[1]!, dimensions) },
    teacherEmbedding: { module: linear(targets["embedding"]!.shape[1]!, dimensions) },
  }),
  losses: ({ student, compared: [vector], targets, labels, extra }) => ({
    congruence: congruenceLoss(
      extra("studentEmbedding", flatten(vector!.output)),
      extra("teacherEmbedding", targets["embedding"]!),
    ),
    ce: crossEntropy(student.logits, labels),
  }),
  weights: ({ congruenceWeight, ceWeight }) => ({ congruence: congruenceWeight, ce: ceWeight }),
};
