/** @file Relational distillation: distances and angles between images are the same in both networks' embeddings. */
import {
  abs,
  add,
  div,
  flatten,
  matmul,
  mean,
  mul,
  relu,
  reshape,
  sqrt,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
} from "../../tensor/index.ts";
import { isPositive } from "../losses/normalise.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";
import { pairedVectors, vectorPair } from "../pairs.ts";

/**
 * Two losses of embeddings [N, D], whose D may differ: `distance`, of the distances of two images, divided by their mean; and
 * `angle`, of the cosine of the angle at one image between two others. Each is the mean, over pairs or triples of the batch, of
 * d² / 2 where the networks' values differ by d < 1, and of d - 1/2 beyond. Images in one place have distance 0, angles of 0
 * and no gradient.
 *
 * Park, Kim, Lu and Cho 2019, sections 3.2.1 and 3.2.2.
 */
export function relationLosses(
  student: Tensor,
  teacher: Tensor,
): { readonly distance: Tensor; readonly angle: Tensor } {
  const [s, t] = [relations(student), relations(teacher)];
  return { distance: smoothL1(s.distances, t.distances), angle: smoothL1(s.angles, t.angles) };
}

/**
 * Distances [N, N], and cosines of angles [N, N, N] whose element [j, i, k] belongs to the angle at image j, by the law of
 * cosines:
 *
 *     cos[j, i, k] = (d[j, i]² + d[j, k]² - d[i, k]²) / (2 d[j, i] d[j, k])
 */
function relations(embedding: Tensor): { readonly distances: Tensor; readonly angles: Tensor } {
  const [n] = embedding.shape as [number];
  const squared = squaredDistances(embedding);
  const isApart = isPositive(squared);
  // NOTE: the root of 0 has an infinite gradient; 1 stands there instead, and counts for nothing.
  const lengths = sqrt(add(mul(squared, isApart), sub(1, isApart)));
  const distances = mul(lengths, isApart);
  const average = mul(sum(distances), 1 / Math.max(1, n * (n - 1)));
  // The losses stay the same when i and k change places, so that the gradient through [j, k] is that through [j, i].
  const atI = (x: Tensor): Tensor => reshape(sub(mul(x, 2), stopGradient(x)), [n, n, 1]);
  const atK = (x: Tensor): Tensor => reshape(stopGradient(x), [n, 1, n]);
  const inverse = div(isApart, lengths);
  const legs = mul(sub(add(atI(squared), atK(squared)), reshape(squared, [1, n, n])), 0.5);
  return {
    distances: div(distances, add(average, sub(1, isPositive(average)))),
    angles: mul(legs, mul(atI(inverse), atK(inverse))),
  };
}

/**
 * Squared distances [N, N] of embeddings [N, D], divided by a common size so that nothing overflows: no relation changes.
 *
 * The values are sums of squared differences, exact for images that are close together. The gradient is that of
 * |a|² + |b|² - 2 a·b, which is the same and needs no [N, N, D] on the way back.
 */
function squaredDistances(embedding: Tensor): Tensor {
  const [n, features] = embedding.shape as [number, number];
  const around = sub(embedding, stopGradient(mean(embedding, { axes: [0], keepDims: true })));
  const mean1 = stopGradient(mean(abs(around)));
  const size = add(mean1, sub(1, isPositive(mean1)));
  const e = div(around, size);
  const squares = sum(square(e), { axes: [1], keepDims: true }); // [N, 1]
  const byProducts = sub(add(squares, reshape(squares, [1, n])), mul(matmul(e, e, { transposeB: true }), 2));
  const [a, b] = [reshape(embedding, [n, 1, features]), reshape(embedding, [1, n, features])];
  const values = sum(square(div(sub(a, b), size)), { axes: [2] });
  return add(byProducts, stopGradient(sub(values, byProducts)));
}

/** mean of d² / 2 where d = |a - b| < 1, else of d - 1/2: PyTorch's smooth_l1_loss. */
function smoothL1(a: Tensor, b: Tensor): Tensor {
  const difference = abs(sub(a, b));
  const above = relu(sub(difference, 1));
  return mean(add(mul(square(sub(difference, above)), 0.5), above));
}

const options = {
  pairs: vectorPair,
  distanceWeight: option.weight(25, "weight of the loss of distances"),
  angleWeight: option.weight(50, "weight of the loss of angles"),
};

export const rkd: Method<typeof options, never, "embedding"> = {
  name: "rkd",
  title: "Relational distillation",
  summary: "Matches the distances between images and the angles of triples, in the embedding space.",
  paper: "Park, Kim, Lu, Cho: Relational Knowledge Distillation, 2019. https://arxiv.org/abs/1904.05068",
  options,
  presets: {
    cifar: { source: "HobbitLong/RepDistiller, scripts/run_cifar_distill.sh; distiller_zoo/RKD.py", options: {} },
  },
  labels: { weight: 1 },
  needsTeacher: true,
  pairs: (student, teacher, { pairs }) => pairedVectors("rkd", student, teacher, pairs),
  pairTargets: ({ teacher }) => ({ embedding: flatten(teacher.output) }),
  losses: ({ compared: [{ output, targets }] }) => relationLosses(flatten(output), targets.embedding),
  weights: ({ distanceWeight, angleWeight }) => ({
    distance: distanceWeight,
    angle: angleWeight,
  }),
};
