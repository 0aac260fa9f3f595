/** @file Plain training on the labels: what every distilled student is compared with. */
import { z } from "zod";
import { crossEntropy } from "./losses.ts";
import type { Method } from "./method.ts";

const options = z.strictObject({});

export const ce: Method<z.output<typeof options>> = {
  name: "ce",
  title: "Cross entropy",
  summary: "Learns from the labels alone, without a teacher.",
  paper: "None: the usual loss of a classifier.",
  options,
  needsTeacher: false,
  targets: () => ({}),
  losses: ({ student, labels }) => ({ ce: crossEntropy(student.logits, labels) }),
  weights: () => ({ ce: 1 }),
};
