/** @file Hints: a stage of the student, through a convolution that is dropped afterwards, gives the teacher's feature maps. */
import { LimbeckError } from "../../errors.ts";
import { batchNorm2d, conv2d, convTranspose2d, relu, sequential, type Module } from "../../nn/index.ts";
import { formatShape, type Shape } from "../../tensor/index.ts";
import { meanSquaredError } from "../losses/basic.ts";
import { checkMaps } from "../losses/maps.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";
import { only, pairedStages, pairsOption } from "../pairs.ts";

const options = {
  pairs: pairsOption("the second of the stages that belong together, after the first"),
  hintWeight: option.weight(100, "weight of the squared error between regressor and hint"),
};

/**
 * hint = mean over all elements of (r(f_s) - f_t)², in one stage with the labels, as RepDistiller and mdistiller train it.
 *
 * The method `regressor` is the tutorial's: there r is a convolution alone, and the two features are chosen by their paths.
 */
export const fitnet: Method<typeof options, never, "hint"> = {
  name: "fitnet",
  title: "Hints",
  summary: "Predicts the teacher's maps of a middle stage from the student's, through a convolution and a norm.",
  paper: "Romero, Ballas, Kahou, Chassang, Gatta, Bengio: FitNets, 2015. https://arxiv.org/abs/1412.6550",
  options,
  presets: {
    cifar: { source: "HobbitLong/RepDistiller, scripts/run_cifar_distill.sh", options: {} },
  },
  labels: { weight: 1 },
  needsTeacher: true,
  pairs: (student, teacher, { pairs }) =>
    only("fitnet", student, teacher, pairs) ?? pairedStages(student, teacher, []).slice(0, 2).slice(-1),
  pairTargets: ({ student, teacher }) => {
    checkMaps("fitnet", student.output.shape, teacher.output.shape);
    return { hint: teacher.output };
  },
  auxiliaries: ({ compared: [{ output, targets }] }) => ({
    regressor: { module: regressorOf(output.shape, targets.hint.shape) },
  }),
  losses: ({ compared: [{ output, targets }], auxiliary }) => ({
    hint: meanSquaredError(auxiliary("regressor", output), targets.hint),
  }),
  weights: ({ hintWeight }) => ({ hint: hintWeight }),
};

/** A convolution that ends at the teacher's size, a norm and a ReLU: of 3x3 in steps of 2, transposed of 4x4, or as small as it can be. */
function regressorOf(from: Shape, to: Shape): Module {
  const [channels, height, width] = from.slice(1) as [number, number, number];
  const [toChannels, toHeight, toWidth] = to.slice(1) as [number, number, number];
  const convolution = (): Module => {
    if (height === 2 * toHeight && width === 2 * toWidth)
      return conv2d(channels, toChannels, 3, { stride: 2, padding: 1 });
    if (2 * height === toHeight && 2 * width === toWidth)
      return convTranspose2d(channels, toChannels, 4, { stride: 2, padding: 1 });
    if (height >= toHeight && width >= toWidth)
      return conv2d(channels, toChannels, [1 + height - toHeight, 1 + width - toWidth]);
    throw new LimbeckError(
      "SHAPE",
      `fitnet: the student's map should be at least half as high and wide as the teacher's, got ${formatShape(from)} for the ` +
        `student and ${formatShape(to)} for the teacher; choose other modules with pairs`,
    );
  };
  return sequential([convolution(), batchNorm2d(toChannels), relu()]);
}
