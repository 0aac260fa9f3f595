/** @file A simple recipe: the student's vector through a linear projector, both normalised over the batch, by the logarithm of their distance. */
import { LimbeckError } from "../../errors.ts";
import { linear } from "../../nn/index.ts";
import { axisSize, add, div, flatten, log, mean, sqrt, square, sub, sum, type Tensor } from "../../tensor/index.ts";
import { softTargetLoss } from "../losses/basic.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";
import { pairedVectors, vectorPair } from "../pairs.ts";

const options = {
  pairs: vectorPair,
  projectorWeight: option.weight(2, "weight of the logarithm of the distance between the vectors"),
  kdWeight: option.weight(1, "weight of the soft-target loss (already times T²)"),
  temperature: option.positive(1, "divides both networks' logits in the soft-target loss"),
};

/** Keep a distance of 0, and a dimension without any spread, from being no number. */
const [leastDistance, leastVariance] = [1e-5, 1e-4];

/**
 * ln(Σ_n Σ_d (a' - b')⁴ + 1e-5), where a' and b' are a and b [N, D] with mean 0 and variance 1 over the batch, dimension by
 * dimension, as batch norms without parameters of their own give them while training.
 *
 * Throws SHAPE for a batch of one, which has no variance. Miles and Mikolajczyk 2024, equation 10: their α = 4.
 */
export function logDistance(a: Tensor, b: Tensor): Tensor {
  const fourthPower = square(square(sub(overBatch(a), overBatch(b))));
  return log(add(sum(fourthPower), leastDistance));
}

function overBatch(x: Tensor): Tensor {
  if (x.shape[0] === 1) {
    throw new LimbeckError(
      "SHAPE",
      "srd: a batch should have more than one image, since vectors are normalised over it; choose larger batches, or a batch " +
        "size that leaves no single image over",
    );
  }
  const centred = sub(x, mean(x, { axes: [0], keepDims: true }));
  return div(centred, sqrt(add(mean(square(centred), { axes: [0], keepDims: true }), leastVariance)));
}

export const srd: Method<typeof options, "logits", "embedding"> = {
  name: "srd",
  title: "Projector with batch norms",
  summary:
    "Matches the teacher's last vector with a linear projection of the student's, both batch-normalised, plus soft targets.",
  paper:
    "Miles, Mikolajczyk: Understanding the Role of the Projector in Knowledge Distillation, 2024. https://arxiv.org/abs/2303.11098",
  options,
  presets: {
    imagenet: {
      source:
        "roymiles/Simple-Recipe-Distillation, imagenet/torchdistill/losses/single.py; configs/ilsvrc2012/ours/res3418.yaml",
      options: {},
    },
  },
  labels: { weight: 1 },
  needsTeacher: true,
  pairs: (student, teacher, { pairs }) => pairedVectors("srd", student, teacher, pairs),
  pairTargets: ({ teacher }) => ({ embedding: flatten(teacher.output) }),
  targets: (teacher) => ({ logits: teacher.logits }),
  auxiliaries: ({ compared: [{ output, targets }] }) => ({
    projector: { module: linear(axisSize(flatten(output), 1), axisSize(targets.embedding, 1)) },
  }),
  losses: ({ compared: [{ output, targets: own }], student, targets, auxiliary }, { temperature }) => ({
    distance: logDistance(auxiliary("projector", flatten(output)), own.embedding),
    kd: softTargetLoss(student.logits, targets.logits, temperature),
  }),
  weights: ({ projectorWeight, kdWeight }) => ({ distance: projectorWeight, kd: kdWeight }),
};
