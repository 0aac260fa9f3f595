/** @file Relational distillation: distances and angles between images are the same in both networks' embeddings. */
import { z } from "zod";
import {
  abs,
  add,
  div,
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
} from "../tensor/index.ts";
import { isPositive } from "./losses/normalise.ts";
import { symmetricProducts } from "./losses/products.ts";
import { crossEntropy } from "./losses.ts";
import type { Method } from "./method.ts";
import { chosenVector, vectorPlaces } from "./places.ts";

/** Squared distances up to here, of embeddings of mean size 1, count as 0: two images in one place. */
const smallest = 1e-12;

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

/** [N, N], and [N, N, N] whose element [j, i, k] belongs to the angle at image j. */
function relations(embedding: Tensor): { readonly distances: Tensor; readonly angles: Tensor } {
  const [n, d] = embedding.shape as [number, number];
  const size = stopGradient(mean(abs(embedding))); // No result depends on it, but squares of large numbers overflow.
  const e = div(embedding, add(size, sub(1, isPositive(size))));
  const apart = sub(reshape(e, [n, 1, d]), reshape(e, [1, n, d])); // [N, N, D]
  const squared = sum(square(apart), { axes: [2] });
  // NOTE: the root of 0 has an infinite gradient; 1 stands there instead, and counts for nothing.
  const isApart = isPositive(sub(squared, smallest));
  const lengths = sqrt(add(mul(squared, isApart), sub(1, isApart)));
  const distances = mul(lengths, isApart);
  const average = mul(sum(distances), 1 / Math.max(1, n * (n - 1)));
  const directions = mul(apart, reshape(div(isApart, lengths), [n, n, 1]));
  return {
    distances: div(distances, add(average, sub(1, isPositive(average)))),
    angles: symmetricProducts(directions),
  };
}

/** mean of d² / 2 where d = |a - b| < 1, else of d - 1/2: PyTorch's smooth_l1_loss. */
function smoothL1(a: Tensor, b: Tensor): Tensor {
  const difference = abs(sub(a, b));
  const above = relu(sub(difference, 1));
  return mean(add(mul(square(sub(difference, above)), 0.5), above));
}

const options = z.strictObject({
  ...vectorPlaces,
  distanceWeight: z.number().nonnegative().default(25).describe("weight of the loss of distances"),
  angleWeight: z.number().nonnegative().default(50).describe("weight of the loss of angles"),
  ceWeight: z.number().nonnegative().default(1).describe("weight of the cross entropy with the labels"),
});

export const rkd: Method<z.output<typeof options>> = {
  name: "rkd",
  title: "Relational distillation",
  summary: "Keeps the distances between images and the angles among three, as the teacher's embeddings have them.",
  paper: "Park, Kim, Lu, Cho: Relational Knowledge Distillation, 2019. https://arxiv.org/abs/1904.05068",
  options,
  needsTeacher: true,
  targets: (teacher, { teacherFeature }) => ({ embedding: chosenVector(teacher, teacherFeature) }),
  losses: ({ student, targets, labels }, { studentFeature }) => ({
    ...relationLosses(chosenVector(student, studentFeature), targets["embedding"]!),
    ce: crossEntropy(student.logits, labels),
  }),
  weights: ({ distanceWeight, angleWeight, ceWeight }) => ({
    distance: distanceWeight,
    angle: angleWeight,
    ce: ceWeight,
  }),
};
