/** @file Plain training on the labels: what every distilled student is compared with. */
import type { Method } from "../method.ts";

const options = {};

export const ce: Method<typeof options> = {
  name: "ce",
  title: "Cross entropy",
  summary: "Trains on the labels alone, without a teacher.",
  paper: "None: the usual loss of a classifier.",
  options,
  labels: { weight: 1, isFixed: true },
  needsTeacher: false,
  losses: () => ({}),
  weights: () => ({}),
};
