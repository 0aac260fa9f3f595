/** @file Refined logits: the teacher's knowledge without what contradicts the labels. */
import {
  axisSize,
  add,
  div,
  equal,
  exp,
  gather,
  less,
  log,
  logSoftmax,
  max,
  maximum,
  mul,
  reshape,
  sub,
  sum,
  type Tensor,
} from "../../tensor/index.ts";
import { binaryDivergence, FAR_BELOW, logOfOthers, standardisedIf, standardiseOption } from "../losses/logits.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";

const options = {
  temperature: option.positive(4, "divides both networks' logits where classes are compared among themselves"),
  confidenceTemperature: option.positive(4, "divides both networks' logits where their confidence is compared"),
  confidenceWeight: option.weight(1, "weight of the loss on how sure the student is of the label's class"),
  correlationWeight: option.weight(8, "weight of the loss on the classes that the teacher puts below the label's"),
  rampEpochs: option.epochs(20, "epochs in which these two weights grow to their values"),
  standardise: standardiseOption,
};

/** Temperatures of the two losses. */
export interface RefinedOptions {
  readonly temperature: number;
  readonly confidenceTemperature: number;
}

/**
 * With p = softmax(z / τ) and the label y, the teacher's largest probability m = max p_t, and p̂ = softmax(z / T) over the
 * classes that the teacher puts below y, z_t[c] < z_t[y]:
 *
 *     confidence = τ² / N Σ_n KL((m, 1 - m) ‖ (p_s[y], 1 - p_s[y]))      correlation = T² / N Σ_n KL(p̂_t ‖ p̂_s)
 *
 * The teacher's confidence is passed on to the label's class, whichever class the teacher has it in. No class below y, no correlation.
 * Logits [N, C], labels int32 [N]. Throws SHAPE. Sun et al. 2024, section 3.
 */
export function refinedLosses(
  student: Tensor,
  teacher: Tensor,
  labels: Tensor,
  { temperature, confidenceTemperature }: RefinedOptions,
): { readonly confidence: Tensor; readonly correlation: Tensor } {
  const images = axisSize(student, 0);
  const [s, t] = [div(student, confidenceTemperature), div(teacher, confidenceTemperature)];
  const ofLabel = { target: gather(logSoftmax(s), labels), others: logOfOthers(s, labels) };
  const isBelow = less(teacher, reshape(gather(teacher, labels), [images, 1])); // [N, C]
  const [amongS, amongT] = [among(div(student, temperature), isBelow), among(div(teacher, temperature), isBelow)];
  return {
    confidence: mul(binaryDivergence(ofLabel, mostProbable(t)), confidenceTemperature ** 2 / images),
    correlation: mul(sum(mul(exp(amongT), sub(amongT, amongS))), temperature ** 2 / images),
  };
}

/** Log-probabilities among the classes of which `isMember` is 1; of none, all are alike. [N, C] */
function among(logits: Tensor, isMember: Tensor): Tensor {
  return logSoftmax(add(mul(logits, isMember), mul(sub(isMember, 1), FAR_BELOW)));
}

/** Log-probabilities [N] of the most probable class, and of all others together. */
function mostProbable(logits: Tensor): { readonly target: Tensor; readonly others: Tensor } {
  const probabilities = logSoftmax(logits);
  const target = max(probabilities, { axes: [1] });
  const isLargest = equal(logits, max(logits, { axes: [1], keepDims: true }));
  // As `logOfOthers`; but where several are the largest, the others have half or more, and no digits are lost.
  const rest = among(logits, sub(1, isLargest));
  const ofRest = sum(mul(exp(rest), sub(probabilities, rest)), { axes: [1] });
  const isTied = less(1, sum(isLargest, { axes: [1] }));
  const ofTied = log(maximum(sub(1, exp(target)), 0.5));
  return { target, others: add(mul(isTied, ofTied), mul(sub(1, isTied), ofRest)) };
}

export const rld: Method<typeof options, "logits"> = {
  name: "rld",
  title: "Refined logits",
  summary:
    "Gives the label's class the teacher's highest probability, and matches the classes that the teacher ranks below it.",
  paper:
    "Sun, Chen, Lyu, Chen, Chen, Wang: Knowledge Distillation with Refined Logits, 2024. https://arxiv.org/abs/2408.07703",
  options,
  presets: {
    cifar: {
      source:
        "zju-SWJ/RLD, README, for CIFAR-100: --same-t RLD.ALPHA 1. RLD.BETA 8. RLD.T 4.; mdistiller/engine/cfg.py",
      options: {},
    },
    imagenet: {
      source: "zju-SWJ/RLD, configs/imagenet/r34_r18/rld.yaml",
      options: { temperature: 1, confidenceTemperature: 1, correlationWeight: 0.5, rampEpochs: 1 },
    },
  },
  labels: { weight: 1 },
  needsTeacher: true,
  targets: (teacher) => ({ logits: teacher.logits }),
  losses: ({ student, targets, labels }, { standardise, ...temperatures }) => ({
    ...refinedLosses(
      standardisedIf(standardise, student.logits),
      standardisedIf(standardise, targets.logits),
      labels,
      temperatures,
    ),
  }),
  weights: ({ confidenceWeight, correlationWeight, rampEpochs }) => ({
    confidence: { value: confidenceWeight, rampEpochs },
    correlation: { value: correlationWeight, rampEpochs },
  }),
};
