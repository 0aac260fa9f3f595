/** @file Hints: a convolution beside the student regresses the teacher's feature maps from the student's. */
import { z } from "zod";
import { LimbeckError } from "../errors.ts";
import { conv2d, sequential } from "../nn/index.ts";
import { formatShape } from "../tensor/index.ts";
import { crossEntropy, meanSquaredError } from "./losses.ts";
import type { Method } from "./method.ts";
import { chosenMap, mapPlaces } from "./places.ts";

const options = z.strictObject({
  ...mapPlaces,
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
  needsTeacher: true,
  targets: (teacher, { teacherFeature }) => ({ feature: chosenMap(teacher, teacherFeature) }),
  extras: ({ student, targets }, { studentFeature }) => {
    const from = chosenMap(student, studentFeature).shape;
    const to = targets["feature"]!.shape;
    if (from.length !== 4 || to.length !== 4 || from[2] !== to[2] || from[3] !== to[3]) {
      throw new LimbeckError(
        "SHAPE",
        `regressor: both features should be [N, C, H, W] with the same H and W, got ${formatShape(from)} for the ` +
          `student and ${formatShape(to)} for the teacher; choose other modules with studentFeature and teacherFeature`,
      );
    }
    const module = sequential([conv2d(from[1]!, to[1]!, 3, { padding: 1 })]);
    const path = studentFeature === "" ? student.stages.at(-1)!.paths.output : studentFeature;
    return { regressor: { module, builtAfter: path.split(".")[0]! } };
  },
  losses: ({ student, targets, labels, extra }, { studentFeature }) => ({
    mse: meanSquaredError(extra("regressor", chosenMap(student, studentFeature)), targets["feature"]!),
    ce: crossEntropy(student.logits, labels),
  }),
  weights: ({ mseWeight, ceWeight }) => ({ mse: mseWeight, ce: ceWeight }),
};
