/** @file Class probabilities without the class of the label. */
import { add, exp, logSoftmax, mul, oneHot, stopGradient, sub, sum, type Tensor } from "../../tensor/index.ts";

/** More than any logit, so that a class this far below the others has probability 0; its own logarithm stays finite. */
export const FAR_BELOW = 1e9;

/** Log-probabilities among the other classes alone: log softmax over c ≠ y of z [N, C], very low at c = y. labels int32 [N]. */
export function nonTargetLogSoftmax(logits: Tensor, labels: Tensor): Tensor {
  return logSoftmax(sub(logits, mul(oneHot(labels, logits.shape[1]!), FAR_BELOW)));
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
