/** @file Cosine loss on features: the student's point the way that the teacher's do. */
import { z } from "zod";
import { LimbeckError } from "../errors.ts";
import { flatten, formatShape, mean, reshape, type Tensor } from "../tensor/index.ts";
import { cosineLoss, crossEntropy } from "./losses.ts";
import type { Method } from "./method.ts";
import { mapPair, pairedMaps } from "./pairs.ts";

const options = z.strictObject({
  pairs: mapPair,
  cosineWeight: z.number().nonnegative().default(0.25).describe("weight of the cosine loss"),
  ceWeight: z.number().nonnegative().default(0.75).describe("weight of the cross entropy with the labels"),
});

export const cosine: Method<z.output<typeof options>> = {
  name: "cosine",
  title: "Cosine loss",
  summary: "Turns the student's flattened features towards the teacher's, averaged down to their length.",
  paper:
    "Chariton: Knowledge Distillation Tutorial, PyTorch, 2023. https://docs.pytorch.org/tutorials/beginner/knowledge_distillation_tutorial.html",
  options,
  presets: {
    tutorial: { source: "PyTorch's knowledge distillation tutorial", options: {} },
  },
  needsTeacher: true,
  pairs: (student, teacher, { pairs }) => pairedMaps("cosine", student, teacher, pairs),
  targets: (_, __, ___, [pair]) => ({ feature: pair!.teacher.output }),
  losses: ({ student, compared: [map], targets, labels }) => {
    const feature = flatten(map!.output); // [N, D]
    return {
      cosine: cosineLoss(feature, averagedTo(feature, targets["feature"]!)),
      ce: crossEntropy(student.logits, labels),
    };
  },
  weights: ({ cosineWeight, ceWeight }) => ({ cosine: cosineWeight, ce: ceWeight }),
};

/**
 * The teacher's feature, flattened, each k neighbours averaged (PyTorch's avg_pool1d(flat, k)), k = teacher length /
 * student length. Throws SHAPE where k is not whole.
 */
function averagedTo(student: Tensor, teacher: Tensor): Tensor {
  const flat = flatten(teacher); // [N, k·D]
  const [n, length] = student.shape as [number, number];
  const k = flat.shape[1]! / length;
  if (!Number.isInteger(k)) {
    throw new LimbeckError(
      "SHAPE",
      `cosine: the teacher's flattened feature should be a whole number of times as long as the student's, got ` +
        `${formatShape(teacher.shape)} for the teacher and ${formatShape(student.shape)} for the student, flattened; ` +
        `choose other modules with pairs`,
    );
  }
  return k === 1 ? flat : mean(reshape(flat, [n, length, k]), { axes: [2] });
}
