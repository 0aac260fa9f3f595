/** @file Contrastive representation distillation: student and teacher agree about an image, and differ between images. */
import { buffer, linear, type Module } from "../../nn/index.ts";
import { axisSize, add, flatten, mul, indexCopy, indexSelect, type Tensor } from "../../tensor/index.ts";
import { contrastLoss, contrastScores, normalisation } from "../losses/contrast.ts";
import { normalise } from "../losses/normalise.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";
import { pairedVectors, vectorPair } from "../pairs.ts";

const options = {
  pairs: vectorPair,
  size: option.count(128, "length of the vectors that are compared"),
  negatives: option.count(16384, "images of other classes as negatives of each image; fewer if the data set has fewer"),
  temperature: option.positive(0.07, "divides the vectors' products"),
  momentum: option.number(0.5, "what an image's remembered vector counts when a new one comes", { least: 0, most: 1 }),
  crdWeight: option.weight(0.8, "weight of both contrasts"),
};

/** Both networks' embeddings are mapped to vectors of length 1, each contrasted with the memory of the other's. */
export const crd: Method<typeof options, never, "embedding"> = {
  name: "crd",
  title: "Contrastive representation",
  summary: "Learns to pick out each image's feature in the other network from those of thousands of other images.",
  paper: "Tian, Krishnan, Isola: Contrastive Representation Distillation, 2020. https://arxiv.org/abs/1910.10699",
  options,
  presets: {
    cifar: { source: "HobbitLong/RepDistiller, scripts/run_cifar_distill.sh; train_student.py", options: {} },
  },
  labels: { weight: 1 },
  needsTeacher: true,
  pairs: (student, teacher, { pairs }) => pairedVectors("crd", student, teacher, pairs),
  pairTargets: ({ teacher }) => ({ embedding: flatten(teacher.output) }),
  needs: ({ negatives }) => ({ negatives: { count: negatives } }),
  auxiliaries: ({ compared: [{ output, targets }], images }, { size }) => ({
    studentVector: { module: linear(axisSize(flatten(output), 1), size) },
    teacherVector: { module: linear(axisSize(targets.embedding, 1), size) },
    studentMemory: { module: memory(images, size) },
    teacherMemory: { module: memory(images, size) },
  }),
  losses(batch, { temperature, momentum }) {
    const { auxiliary, indices, negatives } = batch;
    const [{ output, targets }] = batch.compared;
    const vectors = {
      student: normalise(auxiliary("studentVector", flatten(output))),
      teacher: normalise(auxiliary("teacherVector", targets.embedding)),
    }; // [N, size]
    const contrast = (side: "student" | "teacher"): Tensor => {
      const other = side === "student" ? "teacher" : "student";
      const rows = batch.buffer(`${other}Memory.rows`);
      const scores = contrastScores({ vectors: vectors[side], memory: rows, indices, negatives, temperature });
      const known = batch.buffer(`${other}Memory.normalisation`);
      const now = normalisation(scores, known);
      batch.update(known, now);
      batch.update(rows, remembered(rows, indices, vectors[other], momentum));
      return contrastLoss(scores, now);
    };
    return { crd: add(contrast("student"), contrast("teacher")) };
  },
  weights: ({ crdWeight }) => ({ crd: crdWeight }),
};

/** The memory with the rows of these images moved towards their new vectors, and made of length 1 again. */
export function remembered(rows: Tensor, indices: Tensor, vectors: Tensor, momentum: number): Tensor {
  const moved = add(mul(indexSelect(rows, indices), momentum), mul(vectors, 1 - momentum));
  return indexCopy(rows, indices, normalise(moved));
}

/** A row for each training image, uniform within √(3 / size) at first, and the constant Z of its scores, 0 until the first batch sets it. */
function memory(images: number, size: number): Module {
  const bound = 1 / Math.sqrt(size / 3);
  return {
    buffers: {
      rows: buffer("rows", [images, size], (random) => random.uniform(images * size, -bound, bound)),
      normalisation: buffer("normalisation", [1], 0),
    },
    forward: (x) => x,
  };
}
