/** @file Overhaul of feature distillation: the student's maps before their activation meet what matters of the teacher's. */
import { z } from "zod";
import { LimbeckError } from "../errors.ts";
import {
  abs,
  add,
  broadcastTo,
  div,
  maximum,
  minimum,
  mul,
  relu,
  reshape,
  square,
  sub,
  sum,
  type Tensor,
} from "../tensor/index.ts";
import { connector } from "./connector.ts";
import { laterStages } from "./later-stages.ts";
import { crossEntropy } from "./losses.ts";
import { normalDensity, normalProbability } from "./losses/normal.ts";
import { isPositive } from "./losses/normalise.ts";
import { commonSize, pooledTo } from "./losses/pool.ts";
import type { Method } from "./method.ts";
import { pairedStages, stagesOf, stageTargets, type Stage, type TeacherWeights } from "./observed.ts";

/**
 * 1/N Σ (s - t')² with t' = max(t, m), over the places where s > t' or t > 0: below 0 the student may be as low as it likes,
 * once it is as low as the teacher or the margin m.
 *
 * student s and teacher t [N, C, H, W] before their activation, margin [N, C] or [1, C], negative. Heo et al. 2019, equation 3.
 */
export function partialSquares(student: Tensor, teacher: Tensor, margin: Tensor): Tensor {
  const target = maximum(teacher, reshape(margin, [...margin.shape, 1, 1]));
  const above = square(relu(sub(student, target)));
  const below = mul(square(relu(sub(target, student))), isPositive(teacher));
  return div(sum(add(above, below)), student.shape[0]!);
}

/**
 * m = E[x | x < 0] of x normal with mean μ and deviation σ: μ - σ φ(μ/σ) / Φ(-μ/σ), or -3σ where negative values are rarer
 * than one in a thousand. A batch norm's bias is the mean of what it gives, its weight's size the deviation.
 *
 * weight and bias [C]. Section 3.1.
 */
export function marginOf(weight: Tensor, bias: Tensor): Tensor {
  const deviation = maximum(abs(weight), 1e-12);
  // NOTE: beyond 4 the other branch is taken; the bound keeps this one a number.
  const ratio = minimum(div(bias, deviation), 4);
  const isBelow = normalProbability(mul(ratio, -1));
  const expected = sub(bias, mul(deviation, div(normalDensity(ratio), isBelow)));
  const isCommon = isPositive(sub(isBelow, 0.001));
  return add(mul(isCommon, expected), mul(sub(1, isCommon), mul(deviation, -3)));
}

const options = z.strictObject({
  featureWeight: z
    .number()
    .nonnegative()
    .default(0.001)
    .describe("weight of the squared differences, summed over a map"),
  ceWeight: z.number().nonnegative().default(1).describe("weight of the cross entropy with the labels"),
});

export const ofd: Method<z.output<typeof options>> = {
  name: "ofd",
  title: "Overhaul of features",
  summary:
    "Brings the student's maps before their activation to the teacher's positive responses, and below a margin elsewhere.",
  paper:
    "Heo, Kim, Yun, Park, Kwak, Choi: A Comprehensive Overhaul of Feature Distillation, 2019. https://arxiv.org/abs/1904.01866",
  options,
  needsTeacher: true,
  targets: (teacher, _, weights) => {
    const stages = laterStages(teacher.stages);
    const margins = stages.map((stage, i) => [`margin ${i + 1}`, marginOfStage(stage, weights)] as const);
    return { ...stageTargets({ stages }, ({ preActivation }) => preActivation), ...Object.fromEntries(margins) };
  },
  extras: ({ student, targets }) =>
    Object.fromEntries(
      pairedStages(laterStages(student.stages), stagesOf(targets)).map(([{ preActivation }, target], i) => [
        `connector${i + 1}`,
        { module: connector(preActivation.shape[1]!, target.shape[1]!) },
      ]),
    ),
  losses: ({ student, targets, labels, extra }) => {
    const teachers = stagesOf(targets).map((target, i) => ({ target, margin: targets[`margin ${i + 1}`]! }));
    const pairs = pairedStages(laterStages(student.stages), teachers);
    const feature = pairs.map(([{ preActivation }, { target, margin }], i) => {
      const size = commonSize("ofd", preActivation.shape, target.shape);
      const connected = extra(`connector${i + 1}`, pooledTo(preActivation, size));
      // Each stage counts twice what the one before does.
      return mul(partialSquares(connected, pooledTo(target, size), margin), 2 ** (i + 1 - pairs.length));
    });
    return { feature: feature.reduce((total, loss) => add(total, loss)), ce: crossEntropy(student.logits, labels) };
  },
  weights: ({ featureWeight, ceWeight }) => ({ feature: featureWeight, ce: ceWeight }),
};

/** [N, C]: the same for every image, and kept with what is pooled or not before it is compared. */
function marginOfStage({ preActivation, paths }: Stage, weights: TeacherWeights): Tensor {
  if (paths.norm === undefined) {
    throw new LimbeckError(
      "ARGUMENT",
      `ofd: a teacher's stages should end in a batch norm, which tells how negative their values are, but ` +
        `${paths.preActivation} has none; take a teacher with batch norms, or another method`,
    );
  }
  const margin = marginOf(weights.state(`${paths.norm}.weight`), weights.state(`${paths.norm}.bias`));
  return broadcastTo(margin, preActivation.shape.slice(0, 2));
}
