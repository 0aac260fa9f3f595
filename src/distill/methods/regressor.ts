/** @file Hints: a convolution beside the student regresses the teacher's feature maps from the student's. */
import { LimbeckError } from "../../errors.ts";
import { conv2d, sequential } from "../../nn/index.ts";
import { axisSize, formatShape } from "../../tensor/index.ts";
import { meanSquaredError } from "../losses/basic.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";
import { mapPair, pairedMaps } from "../pairs.ts";

const options = {
  pairs: mapPair,
  mseWeight: option.weight(0.25, "weight of the squared error between regressor and hint"),
};

export const regressor: Method<typeof options, never, "feature"> = {
  name: "regressor",
  title: "Regressor",
  summary:
    "Predicts the teacher's feature maps from the student's, through a 3x3 convolution that is dropped afterwards.",
  paper: "Romero, Ballas, Kahou, Chassang, Gatta, Bengio: FitNets, 2015. https://arxiv.org/abs/1412.6550",
  options,
  presets: {
    tutorial: { source: "PyTorch's knowledge distillation tutorial", options: {} },
  },
  labels: { weight: 0.75 },
  needsTeacher: true,
  pairs: (student, teacher, { pairs }) => pairedMaps("regressor", student, teacher, pairs),
  pairTargets: ({ teacher }) => ({ feature: teacher.output }),
  auxiliaries: ({ compared: [{ output, paths, targets }] }) => {
    const from = output.shape;
    const to = targets.feature.shape;
    if (from.length !== 4 || to.length !== 4 || from[2] !== to[2] || from[3] !== to[3]) {
      throw new LimbeckError(
        "SHAPE",
        `regressor: both features should be [N, C, H, W] with the same H and W, got ${formatShape(from)} for the ` +
          `student and ${formatShape(to)} for the teacher; choose other modules with pairs`,
      );
    }
    const module = sequential([conv2d(axisSize(output, 1), axisSize(targets.feature, 1), 3, { padding: 1 })]);
    const [builtAfter = paths.output] = paths.output.split(".");
    return { regressor: { module, builtAfter } };
  },
  losses: ({ compared: [{ output, targets }], auxiliary }) => ({
    mse: meanSquaredError(auxiliary("regressor", output), targets.feature),
  }),
  weights: ({ mseWeight }) => ({ mse: mseWeight }),
};
