/** @file Similarity preserving: images that are alike to the teacher become alike to the student. */
import { z } from "zod";
import { flatten, matmul, mean, square, sub, type Tensor } from "../tensor/index.ts";
import { normalise } from "./losses/normalise.ts";
import { crossEntropy } from "./losses.ts";
import type { Method } from "./method.ts";
import { mapPair, pairedMaps } from "./pairs.ts";

/**
 * 1/N² Σ (G_s - G_t)², where G [N, N] holds the products f[n]·f[m] of the batch's images, each row divided by its length.
 *
 * Features [N, ...], flattened; the networks' may differ in all but N. Tung and Mori 2019, equation 4.
 */
export function similarityLoss(student: Tensor, teacher: Tensor): Tensor {
  return mean(square(sub(similarities(student), similarities(teacher))));
}

function similarities(feature: Tensor): Tensor {
  const flat = flatten(feature);
  return normalise(matmul(flat, flat, { transposeB: true })); // [N, N]
}

const options = z.strictObject({
  pairs: mapPair,
  similarityWeight: z.number().nonnegative().default(3000).describe("weight of the similarities' squared differences"),
  ceWeight: z.number().nonnegative().default(1).describe("weight of the cross entropy with the labels"),
});

export const sp: Method<z.output<typeof options>> = {
  name: "sp",
  title: "Similarity preserving",
  summary: "Makes images of a batch as alike to the student as they are to the teacher.",
  paper: "Tung, Mori: Similarity-Preserving Knowledge Distillation, 2019. https://arxiv.org/abs/1907.09682",
  options,
  presets: {
    cifar: { source: "HobbitLong/RepDistiller, scripts/run_cifar_distill.sh", options: {} },
  },
  needsTeacher: true,
  pairs: (student, teacher, { pairs }) => pairedMaps("sp", student, teacher, pairs),
  targets: (_, __, ___, [pair]) => ({ feature: flatten(pair!.teacher.output) }),
  losses: ({ student, compared: [map], targets, labels }) => ({
    similarity: similarityLoss(map!.output, targets["feature"]!),
    ce: crossEntropy(student.logits, labels),
  }),
  weights: ({ similarityWeight, ceWeight }) => ({ similarity: similarityWeight, ce: ceWeight }),
};
