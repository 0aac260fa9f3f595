/** @file Similarity preserving: images that are alike to the teacher become alike to the student. */
import { flatten, matmul, mean, square, sub, type Tensor } from "../../tensor/index.ts";
import { normalise } from "../losses/normalise.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";
import { mapPair, pairedMaps } from "../pairs.ts";

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

const options = {
  pairs: mapPair,
  similarityWeight: option.weight(3000, "weight of the similarities' squared differences"),
};

export const sp: Method<typeof options, never, "feature"> = {
  name: "sp",
  title: "Similarity preserving",
  summary: "Matches the similarities between the images of a batch.",
  paper: "Tung, Mori: Similarity-Preserving Knowledge Distillation, 2019. https://arxiv.org/abs/1907.09682",
  options,
  presets: {
    cifar: { source: "HobbitLong/RepDistiller, scripts/run_cifar_distill.sh", options: {} },
  },
  labels: { weight: 1 },
  needsTeacher: true,
  pairs: (student, teacher, { pairs }) => pairedMaps("sp", student, teacher, pairs),
  pairTargets: ({ teacher }) => ({ feature: flatten(teacher.output) }),
  losses: ({ compared: [{ output, targets }] }) => ({
    similarity: similarityLoss(output, targets.feature),
  }),
  weights: ({ similarityWeight }) => ({ similarity: similarityWeight }),
};
