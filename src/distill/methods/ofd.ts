/** @file Overhaul of feature distillation: the student's maps before their activation meet what matters of the teacher's. */
import { LimbeckError } from "../../errors.ts";
import {
  axisSize,
  abs,
  add,
  clamp,
  div,
  maximum,
  mul,
  neg,
  relu,
  reshape,
  square,
  sub,
  sum,
  type Tensor,
} from "../../tensor/index.ts";
import { connector } from "../connector.ts";
import { normalDensity, normalProbability } from "../losses/elementwise.ts";
import { isPositive } from "../losses/normalise.ts";
import { commonSize, pooledTo } from "../losses/maps.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";
import type { Stage, TeacherWeights } from "../observed.ts";
import { pairedStages, stagePairs, sumOverPairs } from "../pairs.ts";

/**
 * 1/N Σ (s - t')² over the places where s > t' or t' > 0, with t' = max(t, m) and a margin m < 0: where the teacher is silent,
 * the student may be as low as it likes, once it is below the teacher or the margin.
 *
 * student s and target t' [N, C, H, W] before their activation. Heo et al. 2019, equation 3.
 */
export function partialSquares(student: Tensor, target: Tensor): Tensor {
  const above = square(relu(sub(student, target)));
  const below = mul(square(relu(sub(target, student))), isPositive(target));
  return div(sum(add(above, below)), axisSize(student, 0));
}

/** t' = max(t, m): teacher t [N, C, H, W], margin m [C]. */
export function aboveMargin(teacher: Tensor, margin: Tensor): Tensor {
  return maximum(teacher, reshape(margin, [margin.size, 1, 1]));
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
  const ratio = clamp(div(bias, deviation), { max: 4 });
  const isBelow = normalProbability(neg(ratio));
  const expected = sub(bias, mul(deviation, div(normalDensity(ratio), isBelow)));
  const isCommon = isPositive(sub(isBelow, 0.001));
  return add(mul(isCommon, expected), mul(sub(1, isCommon), mul(deviation, -3)));
}

const options = {
  pairs: stagePairs,
  featureWeight: option.weight(0.001, "weight of the squared differences, summed over a map"),
};

export const ofd: Method<typeof options, never, "map"> = {
  name: "ofd",
  title: "Overhaul of features",
  summary: "Matches the teacher's positive pre-activations; the student's others only have to stay below a margin.",
  paper:
    "Heo, Kim, Yun, Park, Kwak, Choi: A Comprehensive Overhaul of Feature Distillation, 2019. https://arxiv.org/abs/1904.01866",
  options,
  presets: {
    cifar: { source: "megvii-research/mdistiller, mdistiller/engine/cfg.py", options: {} },
  },
  labels: { weight: 1 },
  needsTeacher: true,
  pairs: (student, teacher, { pairs }) => pairedStages(student, teacher, pairs),
  pairTargets: ({ student: s, teacher: t }, _, weights) => {
    const size = commonSize("ofd", s.preActivation.shape, t.preActivation.shape);
    return { map: aboveMargin(pooledTo(t.preActivation, size), marginOfStage(t, weights)) };
  },
  auxiliaries: ({ compared }) =>
    Object.fromEntries(
      compared.map(({ preActivation, targets: { map } }, i) => [
        `connector${i + 1}`,
        { module: connector(axisSize(preActivation, 1), axisSize(map, 1)) },
      ]),
    ),
  losses: ({ compared, auxiliary }) =>
    sumOverPairs({ compared }, ({ preActivation, targets: { map } }, i) => {
      const pooled = pooledTo(preActivation, commonSize("ofd", preActivation.shape, map.shape));
      const squares = partialSquares(auxiliary(`connector${i + 1}`, pooled), map);
      // Each stage counts twice what the one before does.
      return { feature: mul(squares, 2 ** (i + 1 - compared.length)) };
    }),
  weights: ({ featureWeight }) => ({ feature: featureWeight }),
};

function marginOfStage({ paths }: Stage, weights: TeacherWeights): Tensor {
  if (paths.norm === undefined) {
    throw new LimbeckError(
      "ARGUMENT",
      `ofd: a teacher's stages should end in a batch norm, which tells how negative their values are, but the teacher declares ` +
        `none for ${paths.preActivation}; take a residual network or a VGG as the teacher with its own stages, or another method`,
    );
  }
  return marginOf(weights.state(`${paths.norm}.weight`), weights.state(`${paths.norm}.bias`));
}
