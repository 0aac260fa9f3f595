/** @file Label smoothing: the label's class is wanted a little less than surely. */
import { smoothedCrossEntropy } from "../losses/basic.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";

const options = {
  smoothing: option.number(
    0.1,
    "share of the wanted probability that is spread over all classes",
    {
      least: 0,
      below: 1,
    },
    { search: { from: 0.02, to: 0.4, scale: "log" } },
  ),
};

export const ls: Method<typeof options> = {
  name: "ls",
  title: "Label smoothing",
  summary: "Trains on smoothed labels: a share of each label is spread evenly over all classes; without a teacher.",
  paper:
    "Szegedy, Vanhoucke, Ioffe, Shlens, Wojna: Rethinking the Inception Architecture for Computer Vision, 2015. https://arxiv.org/abs/1512.00567",
  options,
  presets: {
    imagenet: { source: "Szegedy et al. 2015, section 7", options: {} },
  },
  labels: {
    weight: 1,
    description: "weight of the cross entropy with the smoothed labels",
    loss: (logits, labels, { smoothing }, weights) => smoothedCrossEntropy(logits, labels, smoothing, weights),
  },
  needsTeacher: false,
  losses: () => ({}),
  weights: () => ({}),
};
