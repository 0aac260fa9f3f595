/** @file Activation boundaries: before the training proper, the student's neurons learn to be active wherever the teacher's are. */
import { axisSize, add, mul, relu, square, sub, sum, type Tensor } from "../../tensor/index.ts";
import { connected, connectorsOf } from "../connector.ts";
import { isPositive } from "../losses/normalise.ts";
import { commonSize, pooledTo, together } from "../losses/maps.ts";
import type { Batch, Method } from "../method.ts";
import * as option from "../option.ts";
import { pairedStages, stagePairs } from "../pairs.ts";

/**
 * 3/1000 Σ_i 2^(i - last) · 1/N Σ of (s + μ)² where s > -μ and the teacher is silent, and of (s - μ)² where s < μ and it
 * is active.
 *
 * s are stages [N, C, H, W] before their activation; `active` is 1 where the teacher's is positive, else 0; μ is the margin.
 * Heo, Lee, Yun and Choi 2019, equation 5, with the factors of RepDistiller.
 */
export function boundaryLoss(student: readonly Tensor[], active: readonly Tensor[], margin: number): Tensor {
  const stages = together("boundaryLoss", student, active).map(([s, isActive], i) => {
    const tooActive = square(relu(add(s, margin)));
    const tooSilent = square(relu(sub(margin, s)));
    const wrong = sum(add(mul(sub(1, isActive), tooActive), mul(isActive, tooSilent)));
    return mul(wrong, (0.003 * 2 ** (i - student.length + 1)) / axisSize(s, 0));
  });
  return stages.reduce((total, stage) => add(total, stage));
}

const options = {
  pairs: stagePairs,
  margin: option.weight(1, "how far beyond its boundary a neuron should be"),
  initialEpochs: option.epochs(30, "epochs on the boundaries alone, before the training"),
  boundaryWeight: option.weight(0, "weight of the boundaries' loss in the training as well"),
};

export const ab: Method<typeof options, never, "active"> = {
  name: "ab",
  title: "Activation boundaries",
  summary: "Pre-trains the student's neurons to be active where the teacher's are, then trains on the labels.",
  paper:
    "Heo, Lee, Yun, Choi: Knowledge Transfer via Distillation of Activation Boundaries Formed by Hidden Neurons, 2019. " +
    "https://arxiv.org/abs/1811.03233",
  options,
  presets: {
    cifar: { source: "HobbitLong/RepDistiller, train_student.py: the pre-training alone, 30 epochs", options: {} },
  },
  labels: { weight: 1 },
  needsTeacher: true,
  pairs: (student, teacher, { pairs }) => pairedStages(student, teacher, pairs),
  pairTargets: ({ student: { preActivation: s }, teacher: { preActivation: t } }) => ({
    active: isPositive(pooledTo(t, commonSize("ab", s.shape, t.shape))),
  }),
  auxiliaries: ({ compared }, { boundaryWeight }) => {
    const maps = compared.map(({ preActivation, targets }) => [preActivation, axisSize(targets.active, 1)] as const);
    return connectorsOf(maps, { pretrainingOnly: boundaryWeight === 0 });
  },
  pretraining: ({ initialEpochs, margin }) => [
    {
      name: "boundaries",
      title: "Activation boundaries",
      epochs: initialEpochs,
      losses: (batch) => ({ boundary: lossOf(batch, margin) }),
      weights: { boundary: 1 },
    },
  ],
  losses: (batch, { boundaryWeight, margin }) => (boundaryWeight > 0 ? { boundary: lossOf(batch, margin) } : {}),
  weights: ({ boundaryWeight }) => ({ boundary: boundaryWeight }),
};

function lossOf({ compared, auxiliary }: Batch<never, "active">, margin: number): Tensor {
  const maps = compared.map(({ preActivation, targets: { active } }, i) => {
    const pooled = pooledTo(preActivation, commonSize("ab", preActivation.shape, active.shape));
    return connected(pooled, axisSize(active, 1), i, auxiliary);
  });
  return boundaryLoss(
    maps,
    compared.map(({ targets }) => targets.active),
    margin,
  );
}
