/** @file Embeddings without labels: each image's should be the teacher's, and as like the teacher's of other images as that is. */
import { buffer, linear, type Module } from "../../nn/index.ts";
import { axisSize, concat, div, flatten, matmul, mean, mul, slice, sub, sum, type Tensor } from "../../tensor/index.ts";
import { divergences } from "../losses/logits.ts";
import { normalise } from "../losses/normalise.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";
import { pairedVectors, vectorPair } from "../pairs.ts";

const options = {
  pairs: vectorPair,
  cosineWeight: option.weight(1, "weight of 1 - the cosine between the embeddings"),
  similarityWeight: option.weight(1, "weight of the divergence between the similarities to other images"),
  queue: option.count(4096, "how many of the teacher's latest embeddings an image is compared with"),
  studentTemperature: option.positive(0.2, "divides the student's similarities"),
  teacherTemperature: option.positive(0.01, "divides the teacher's similarities; lower is sharper"),
};

/**
 * With s the student's embedding behind a linear head, t the teacher's, both of length 1, and D the rows of the queue with t itself
 * before them: cosine = mean (1 - s·t), similarity = mean KL(softmax(D t / T_t) ‖ softmax(D s / T_s)).
 *
 * The labels have no part unless `ceWeight` gives them one; without them the student's own classifier learns nothing.
 */
export const embed: Method<typeof options, never, "embedding"> = {
  name: "embed",
  title: "Embeddings",
  summary: "Matches the teacher's embedding and its similarities to other images; needs no labels.",
  paper:
    "Fang, Wang, Wang, Zhang, Yang, Liu: SEED, Self-supervised Distillation for Visual Representation, 2021. https://arxiv.org/abs/2101.04731",
  options,
  presets: {
    small: {
      source: "chosen here: SEED's temperatures, both losses, and a queue that data sets of thousands of images fill",
      options: {},
    },
    imagenet: {
      source: "Fang et al. 2021, section 4: SEED, whose loss is the similarities' alone",
      options: { cosineWeight: 0, queue: 65_536 },
    },
  },
  labels: { weight: 0 },
  needsTeacher: true,
  pairs: (student, teacher, { pairs }) => pairedVectors("embed", student, teacher, pairs),
  pairTargets: ({ teacher }) => ({ embedding: flatten(teacher.output) }),
  auxiliaries: ({ compared: [{ output, targets }] }, { queue }) => {
    const size = axisSize(targets.embedding, 1);
    return {
      head: { module: linear(axisSize(flatten(output), 1), size) },
      queue: { module: rowsOfOthers(queue, size) },
    };
  },
  losses(batch, { studentTemperature, teacherTemperature }) {
    const [{ output, targets }] = batch.compared;
    const student = normalise(batch.auxiliary("head", flatten(output))); // [N, D of the teacher]
    const teacher = normalise(targets.embedding);
    const own = (vectors: Tensor): Tensor => sum(mul(vectors, teacher), { axes: [1], keepDims: true }); // [N, 1]
    const rows = batch.buffer("queue.rows");
    batch.update(rows, enqueued(rows, teacher));
    const likeness = (vectors: Tensor, temperature: number): Tensor =>
      div(concat([own(vectors), matmul(vectors, rows, { transposeB: true })], 1), temperature); // [N, 1 + queue]
    return {
      cosine: mean(sub(1, own(student))),
      similarity: mean(divergences(likeness(student, studentTemperature), likeness(teacher, teacherTemperature))),
    };
  },
  weights: ({ cosineWeight, similarityWeight }) => ({ cosine: cosineWeight, similarity: similarityWeight }),
};

/** The rows without the oldest, which come first, and with these at the end. */
export function enqueued(rows: Tensor, vectors: Tensor): Tensor {
  const [size, n] = [axisSize(rows, 0), axisSize(vectors, 0)];
  if (n >= size) return slice(vectors, { axis: 0, from: n - size });
  return concat([slice(rows, { axis: 0, from: n }), vectors], 0);
}

/** At first, rows of random directions. */
function rowsOfOthers(count: number, size: number): Module {
  return {
    buffers: { rows: buffer("rows", [count, size], (random) => unitRows(random.normal(count * size, 0, 1), size)) },
    forward: (x) => x,
  };
}

function unitRows(values: Float32Array, size: number): Float32Array {
  for (let at = 0; at < values.length; at += size) {
    const row = values.subarray(at, at + size);
    const length = Math.sqrt(row.reduce((total, value) => total + value * value, 0)) || 1;
    for (const [i, value] of row.entries()) row[i] = value / length;
  }
  return values;
}
