/** @file Neuron selectivity transfer: what the student's channels respond to is distributed as the teacher's. */
import { z } from "zod";
import { add, matmul, mean, mul, reshape, square, sub, type Tensor } from "../tensor/index.ts";
import { normalise } from "./losses/normalise.ts";
import { commonSize, pooledTo } from "./losses/pool.ts";
import { crossEntropy } from "./losses.ts";
import type { Method } from "./method.ts";
import { pairedStages, stagesOf } from "./observed.ts";
import { chosenStages, pairTargets, stagePlaces } from "./places.ts";

/**
 * mean k(t, t) + mean k(s, s) - 2 mean k(s, t) over images and pairs of channels, by the kernel k(a, b) = (a·b / |a||b|)²:
 * the squared maximum mean discrepancy of two sets of channels.
 *
 * Features [N, C, H, W]: C may differ, and the larger map is averaged down. Throws SHAPE. Huang and Wang 2017, equation 6 with
 * the polynomial kernel, as in RepDistiller and mdistiller.
 */
export function selectivityLoss(student: Tensor, teacher: Tensor): Tensor {
  const size = commonSize("nst", student.shape, teacher.shape);
  const [s, t] = [channels(pooledTo(student, size)), channels(pooledTo(teacher, size))];
  const kernel = (a: Tensor, b: Tensor): Tensor => mean(square(matmul(a, b, { transposeB: true }))); // of [N, C_a, C_b]
  return sub(add(kernel(t, t), kernel(s, s)), mul(kernel(s, t), 2));
}

/** Each channel's map, at length 1: [N, C, H·W]. */
function channels(feature: Tensor): Tensor {
  return normalise(reshape(feature, [feature.shape[0]!, feature.shape[1]!, -1]));
}

const options = z.strictObject({
  ...stagePlaces,
  selectivityWeight: z.number().nonnegative().default(50).describe("weight of the discrepancy of the channels"),
  ceWeight: z.number().nonnegative().default(1).describe("weight of the cross entropy with the labels"),
});

export const nst: Method<z.output<typeof options>> = {
  name: "nst",
  title: "Neuron selectivity transfer",
  summary: "Distributes what the student's channels respond to as the teacher's channels do.",
  paper:
    "Huang, Wang: Like What You Like: Knowledge Distill via Neuron Selectivity Transfer, 2017. https://arxiv.org/abs/1707.01219",
  options,
  needsTeacher: true,
  targets: (teacher, { studentFeatures, teacherFeatures }, _, student) =>
    pairTargets(chosenStages(student, studentFeatures), chosenStages(teacher, teacherFeatures), (s, t) =>
      pooledTo(t.output, commonSize("nst", s.output.shape, t.output.shape)),
    ),
  losses: ({ student, targets, labels }, { studentFeatures }) => ({
    selectivity: pairedStages(chosenStages(student, studentFeatures), stagesOf(targets))
      .map(([{ output }, target]) => selectivityLoss(output, target))
      .reduce((total, loss) => add(total, loss)),
    ce: crossEntropy(student.logits, labels),
  }),
  weights: ({ selectivityWeight, ceWeight }) => ({ selectivity: selectivityWeight, ce: ceWeight }),
};
