/** @file Soft targets: the student matches the teacher's softened class probabilities. */
import { z } from "zod";
import { crossEntropy, softTargetLoss } from "./losses.ts";
import { standardisedIf, standardiseOption } from "./losses/standardise.ts";
import type { Method } from "./method.ts";

const options = z.strictObject({
  temperature: z.number().positive().default(2).describe("divides both networks' logits; higher is softer"),
  kdWeight: z.number().nonnegative().default(0.25).describe("weight of the soft-target loss (already times T²)"),
  standardise: standardiseOption,
  ceWeight: z.number().nonnegative().default(0.75).describe("weight of the cross entropy with the labels"),
});

export const kd: Method<z.output<typeof options>> = {
  name: "kd",
  title: "Soft targets",
  summary: "Matches the teacher's class probabilities, softened by a temperature.",
  paper: "Hinton, Vinyals, Dean: Distilling the Knowledge in a Neural Network, 2015. https://arxiv.org/abs/1503.02531",
  options,
  needsTeacher: true,
  targets: (teacher) => ({ logits: teacher.logits }),
  losses: ({ student, targets, labels }, { temperature, standardise }) => ({
    kd: softTargetLoss(
      standardisedIf(standardise, student.logits),
      standardisedIf(standardise, targets["logits"]!),
      temperature,
    ),
    ce: crossEntropy(student.logits, labels),
  }),
  weights: ({ kdWeight, ceWeight }) => ({ kd: kdWeight, ce: ceWeight }),
};
