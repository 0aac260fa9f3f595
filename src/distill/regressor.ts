/** @file Hints: a convolution beside the student regresses the teacher's feature maps from the student's. */
import { z } from "zod";
import { LimbeckError } from "../errors.ts";
import { conv2d, sequential } from "../nn/index.ts";
import { formatShape } from "../tensor/index.ts";
import { crossEntropy, meanSquaredError } from "./losses.ts";
import type { Method } from "./method.ts";
import { mapPair, pairedMaps } from "./pairs.ts";

const options = z.strictObject({
  pairs: mapPair,
  mseWeight: z.number().nonnegative().default(0.25).describe("weight of the squared error between regressor and hint"),
  ceWeight: z.number().nonnegative().default(0.75).describe("weight of the cross entropy with the labels"),
});

export const regressor: Method<z.output<typeof options>> = {
  name: "regressor",
  title: "Regressor",
  summary:
    "Predicts the teacher's feature maps from the student's through a 3x3 convolution that is dropped afterwards.",
  paper: "Romero, Ballas, Kahou, Chassang, Gatta, Bengio: FitNets, 2015. https://arxiv.org/abs/1412.6550",
  options,
  presets: {
    tutorial: { source: "PyTorch's knowledge distillation tutorial", options: {} },
  },
  needsTeacher: true,
  pairs: (student, teacher, { pairs }) => pairedMaps("regressor", student, teacher, pairs),
  targets: (_, __, ___, [pair]) => ({ feature: pair!.teacher.output }),
  extras: ({ compared: [map], targets }) => {
    const from = map!.output.shape;
    const to = targets["feature"]!.shape;
    if (from.length !== 4 || to.length !== 4 || from[2] !== to[2] || from[3] !== to[3]) {
      throw new LimbeckError(
        "SHAPE",
        `regressor: both features should be [N, C, H, W] with the same H and W, got ${formatShape(from)} for the ` +
          `student and ${formatShape(to)} for the teacher; choose other modules with pairs`,
      );
    }
    const module = sequential([conv2d(from[1]!, to[1]!, 3, { padding: 1 })]);
    return { regressor: { module, builtAfter: map!.paths.output.split(".")[0]! } };
  },
  losses: ({ student, compared: [map], targets, labels, extra }) => ({
    mse: meanSquaredError(extra("regressor", map!.output), targets["feature"]!),
    ce: crossEntropy(student.logits, labels),
  }),
  weights: ({ mseWeight, ceWeight }) => ({ mse: mseWeight, ce: ceWeight }),
};
