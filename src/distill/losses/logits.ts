/** @file What losses on logits are made of: logits standardised image by image, how far apart two networks are on each, and class probabilities without the class of the label. */
import { flag, type Option } from "../option.ts";
import {
  axisSize,
  add,
  div,
  exp,
  logSoftmax,
  mean,
  mul,
  oneHot,
  sqrt,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
} from "../../tensor/index.ts";

/** The option of every method on logits. */
export const standardiseOption: Option<boolean> = flag(
  false,
  "whether both networks' logits are standardised first, image by image; the temperature then divides these",
);

/** The logits as a method with this option takes them. */
export function standardisedIf(standardise: boolean, logits: Tensor): Tensor {
  return standardise ? standardised(logits) : logits;
}

/**
 * (z - mean) / (σ + 1e-7) over each row's classes, where σ is the unbiased deviation: z [N, C]. A row without any spread
 * becomes zeros.
 *
 * Sun, Ren, Li, Wang, Cao: Logit Standardization in Knowledge Distillation, 2024. https://arxiv.org/abs/2403.01427
 */
export function standardised(logits: Tensor): Tensor {
  const classes = axisSize(logits, 1);
  const centred = sub(logits, mean(logits, { axes: [1], keepDims: true }));
  const variance = mul(sum(square(centred), { axes: [1], keepDims: true }), 1 / (classes - 1)); // [N, 1]
  // NOTE: so small a number changes no other row, and keeps the root's gradient finite at 0.
  const deviation = sqrt(add(variance, 1e-14));
  return div(centred, add(deviation, 1e-7));
}

/** KL(softmax(teacher) ‖ softmax(student)) of each image, [N]. Logits [N, C]. Throws SHAPE. */
export function divergences(student: Tensor, teacher: Tensor): Tensor {
  const target = logSoftmax(teacher);
  return sum(mul(exp(target), sub(target, logSoftmax(student))), { axes: [1] });
}

/** More than any logit, so that a class this far below the others has probability 0; its own logarithm stays finite. */
export const FAR_BELOW = 1e9;

/** Log-probabilities among the other classes alone: log softmax over c ≠ y of z [N, C], very low at c = y. labels int32 [N]. */
export function nonTargetLogSoftmax(logits: Tensor, labels: Tensor): Tensor {
  return logSoftmax(sub(logits, mul(oneHot(labels, axisSize(logits, 1)), FAR_BELOW)));
}

/**
 * log (1 - softmax(z)[n, y_n]), [N], without the loss of digits that the subtraction has where the label's class is sure.
 *
 * For every other class c it is log softmax(z)[c] - nonTargetLogSoftmax(z)[c]; any mean over them gives it.
 */
export function logOfOthers(logits: Tensor, labels: Tensor): Tensor {
  const among = nonTargetLogSoftmax(logits, labels);
  const difference = sub(logSoftmax(logits), among);
  return sum(mul(stopGradient(exp(among)), difference), { axes: [1] });
}

/** Σ_b p_t (log p_t - log p_s) over the two outcomes, label's class or any other, summed over the batch. Log-probabilities [N]. */
export function binaryDivergence(
  student: { readonly target: Tensor; readonly others: Tensor },
  teacher: { readonly target: Tensor; readonly others: Tensor },
): Tensor {
  const part = (s: Tensor, t: Tensor): Tensor => mul(exp(t), sub(t, s));
  return sum(add(part(student.target, teacher.target), part(student.others, teacher.others)));
}
