/** @file Variational information distillation: the student's maps predict the teacher's, and learn how surely. */
import { conv2d, parameter, relu, sequential, type Module } from "../../nn/index.ts";
import { axisSize, add, div, log, mean, mul, square, sub, type Tensor } from "../../tensor/index.ts";
import { commonSize, pooledTo } from "../losses/maps.ts";
import { softplus } from "../losses/elementwise.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";
import { pairedStages, stagePairs, sumOverPairs } from "../pairs.ts";

/**
 * ½ mean over n, c, h and w of (μ - f)² / σ_c² + ln σ_c²: how improbable the teacher's map f is under a normal
 * distribution around the prediction μ, but for a constant.
 *
 * predicted and target [N, C, H, W], variance [C]. Ahn et al. 2019, equation 4.
 */
export function variationalLoss(predicted: Tensor, target: Tensor, variance: Tensor): Tensor {
  const squares = mean(square(sub(predicted, target)), { axes: [0, 2, 3] }); // [C]
  return mul(mean(add(div(squares, variance), log(variance))), 0.5);
}

/** σ² = ln(1 + e^s) + ε: positive for any s. Equation 5. */
export function varianceOf(logScale: Tensor, leastVariance: number): Tensor {
  return add(softplus(logScale), leastVariance);
}

const options = {
  pairs: stagePairs,
  firstVariance: option.positive(5, "variance of the predictions before it is learned"),
  leastVariance: option.positive(1e-5, "no variance falls below this", { search: false }),
  vidWeight: option.weight(1, "weight of the teacher's maps' negative log likelihood"),
};

export const vid: Method<typeof options, never, "map"> = {
  name: "vid",
  title: "Variational information",
  summary: "Maximises the likelihood of the teacher's feature maps, given a regressor's prediction from the student's.",
  paper:
    "Ahn, Hu, Damianou, Lawrence, Dai: Variational Information Distillation for Knowledge Transfer, 2019. https://arxiv.org/abs/1904.05835",
  options,
  check: ({ firstVariance, leastVariance }) =>
    firstVariance > leastVariance ? {} : { firstVariance: "should be larger than leastVariance" },
  presets: {
    cifar: { source: "HobbitLong/RepDistiller, scripts/run_cifar_distill.sh; distiller_zoo/VID.py", options: {} },
  },
  labels: { weight: 1 },
  needsTeacher: true,
  pairs: (student, teacher, { pairs }) => pairedStages(student, teacher, pairs),
  pairTargets: ({ student: { output: s }, teacher: { output: t } }) => ({
    map: pooledTo(t, commonSize("vid", s.shape, t.shape)),
  }),
  auxiliaries: ({ compared }, values) =>
    Object.fromEntries(
      compared.flatMap(({ output, targets: { map } }, i) => [
        [`regressor${i + 1}`, { module: regressorOf(axisSize(output, 1), axisSize(map, 1)) }],
        [`variance${i + 1}`, { module: varianceModule(axisSize(map, 1), values) }],
      ]),
    ),
  losses: (batch) =>
    sumOverPairs(batch, ({ output, targets: { map } }, i) => {
      const predicted = batch.auxiliary(
        `regressor${i + 1}`,
        pooledTo(output, commonSize("vid", output.shape, map.shape)),
      );
      return { vid: variationalLoss(predicted, map, batch.auxiliary(`variance${i + 1}`, predicted)) };
    }),
  weights: ({ vidWeight }) => ({ vid: vidWeight }),
};

/** Three 1x1 convolutions to as many channels as the teacher has. */
function regressorOf(from: number, to: number): Module {
  const pointwise = (inputs: number): Module => conv2d(inputs, to, 1, { bias: false });
  return sequential([pointwise(from), relu(), pointwise(to), relu(), pointwise(to)]);
}

/** One variance a channel, whatever it is run on. */
function varianceModule(
  channels: number,
  { firstVariance, leastVariance }: Pick<option.ValuesOf<typeof options>, "firstVariance" | "leastVariance">,
): Module {
  const beyond = firstVariance - leastVariance;
  const first = beyond + Math.log(-Math.expm1(-beyond)); // ln (e^beyond - 1)
  const logScale = parameter("log_scale", [channels], () => new Float32Array(channels).fill(first));
  return { parameters: { log_scale: logScale }, forward: () => varianceOf(logScale.tensor, leastVariance) };
}
