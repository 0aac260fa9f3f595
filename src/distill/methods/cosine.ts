/** @file Cosine loss on features: the student's point the way that the teacher's do. */
import { LimbeckError } from "../../errors.ts";
import { axisSize, flatten, formatShape, mean, reshape, type Tensor } from "../../tensor/index.ts";
import { cosineLoss } from "../losses/basic.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";
import { mapPair, pairedMaps } from "../pairs.ts";

const options = {
  pairs: mapPair,
  cosineWeight: option.weight(0.25, "weight of the cosine loss"),
};

export const cosine: Method<typeof options, never, "feature"> = {
  name: "cosine",
  title: "Cosine loss",
  summary: "Aligns the student's flattened features with the teacher's, averaged down to the same length.",
  paper:
    "Chariton: Knowledge Distillation Tutorial, PyTorch, 2023. https://docs.pytorch.org/tutorials/beginner/knowledge_distillation_tutorial.html",
  options,
  presets: {
    tutorial: { source: "PyTorch's knowledge distillation tutorial", options: {} },
  },
  labels: { weight: 0.75 },
  needsTeacher: true,
  pairs: (student, teacher, { pairs }) => pairedMaps("cosine", student, teacher, pairs),
  pairTargets: ({ teacher }) => ({ feature: teacher.output }),
  losses: ({ compared: [{ output, targets }] }) => {
    const feature = flatten(output); // [N, D]
    return { cosine: cosineLoss(feature, averagedTo(feature, targets.feature)) };
  },
  weights: ({ cosineWeight }) => ({ cosine: cosineWeight }),
};

/**
 * The teacher's feature, flattened, each k neighbours averaged (PyTorch's avg_pool1d(flat, k)), k = teacher length /
 * student length. Throws SHAPE where k is not whole.
 */
function averagedTo(student: Tensor, teacher: Tensor): Tensor {
  const flat = flatten(teacher); // [N, k·D]
  const [n, length] = student.shape as [number, number];
  const k = axisSize(flat, 1) / length;
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
