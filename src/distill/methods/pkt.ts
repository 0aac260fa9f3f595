/** @file Probabilistic knowledge transfer: how probably images are neighbours, in the student's features as in the teacher's. */
import { add, div, flatten, log, matmul, mean, mul, sub, sum, type Tensor } from "../../tensor/index.ts";
import { length } from "../losses/normalise.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";
import { pairedVectors, vectorPair } from "../pairs.ts";

/** Keeps logarithms and quotients finite; as in the authors' code. */
const epsilon = 1e-7;

/**
 * 1/N² Σ_n Σ_m p_t log((p_t + ε) / (p_s + ε)), where p[n, m] is (1 + u[n]·u[m]) / 2 divided by its row's sum,
 * u = f / (|f| + ε) and ε = 1e-7.
 *
 * Features [N, D]; the networks' D may differ. Passalis and Tefas 2018, equations 3 to 5 with the cosine kernel; the mean
 * over both axes is that of the authors' code.
 */
export function probabilityLoss(student: Tensor, teacher: Tensor): Tensor {
  const [p, q] = [neighbours(teacher), neighbours(student)];
  return mean(mul(p, sub(log(add(p, epsilon)), log(add(q, epsilon)))));
}

function neighbours(feature: Tensor): Tensor {
  const unit = div(feature, add(length(feature), epsilon));
  const kernel = mul(add(matmul(unit, unit, { transposeB: true }), 1), 0.5); // [N, N]
  return div(kernel, sum(kernel, { axes: [1], keepDims: true }));
}

const options = {
  pairs: vectorPair,
  probabilityWeight: option.weight(30000, "weight of the divergence of the probabilities"),
};

export const pkt: Method<typeof options, never, "embedding"> = {
  name: "pkt",
  title: "Probabilistic knowledge transfer",
  summary: "Matches the probability that two images are neighbours, by the cosine of their embeddings.",
  paper:
    "Passalis, Tefas: Learning Deep Representations with Probabilistic Knowledge Transfer, 2018. https://arxiv.org/abs/1803.10837",
  options,
  presets: {
    cifar: { source: "HobbitLong/RepDistiller, scripts/run_cifar_distill.sh", options: {} },
  },
  labels: { weight: 1 },
  needsTeacher: true,
  pairs: (student, teacher, { pairs }) => pairedVectors("pkt", student, teacher, pairs),
  pairTargets: ({ teacher }) => ({ embedding: flatten(teacher.output) }),
  losses: ({ compared: [{ output, targets }] }) => ({
    probability: probabilityLoss(flatten(output), targets.embedding),
  }),
  weights: ({ probabilityWeight }) => ({ probability: probabilityWeight }),
};
