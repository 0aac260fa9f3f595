/** @file The losses that methods are made of: pure functions of symbolic tensors, each a scalar mean over the batch. */
import { LimbeckError } from "../../errors.ts";
import {
  axisSize,
  add,
  exp,
  formatShape,
  div,
  logSoftmax,
  mean,
  mul,
  neg,
  gather,
  sameShape,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
} from "../../tensor/index.ts";

/** How much classes count in the loss of labels. */
export interface ClassWeights {
  /** [C] */
  readonly each: Tensor;
  /** The mean of the weights of a batch's labels, a scalar: of all of it where a part of it is computed. */
  readonly mean: Tensor;
}

/**
 * -1/N Σ_n log softmax(logits[n])[labels[n]], or with weights -Σ_n w[labels[n]] log softmax(logits[n])[labels[n]] / Σ_n w[labels[n]], as PyTorch's cross_entropy
 * with weight = w.
 *
 * logits [N, C], labels int32 [N]. Throws SHAPE.
 */
export function crossEntropy(logits: Tensor, labels: Tensor, weights?: ClassWeights): Tensor {
  return perWeight(neg(mean(gather(weightedLogSoftmax(logits, weights), labels))), weights);
}

/**
 * (1 - ε) · crossEntropy(z, y) - ε/(N C) Σ_n Σ_c log softmax(z)[n, c], as PyTorch's cross_entropy with label_smoothing = ε. With weights, those of c are
 * in the sum, and the labels' sum stands for N.
 *
 * logits [N, C], labels int32 [N]. Throws SHAPE.
 */
export function smoothedCrossEntropy(
  logits: Tensor,
  labels: Tensor,
  smoothing: number,
  weights?: ClassWeights,
): Tensor {
  const uniform = perWeight(neg(mean(weightedLogSoftmax(logits, weights))), weights);
  return add(mul(crossEntropy(logits, labels, weights), 1 - smoothing), mul(uniform, smoothing));
}

/** [N, C] */
function weightedLogSoftmax(logits: Tensor, weights: ClassWeights | undefined): Tensor {
  return weights ? mul(logSoftmax(logits), weights.each) : logSoftmax(logits);
}

function perWeight(loss: Tensor, weights: ClassWeights | undefined): Tensor {
  return weights ? div(loss, weights.mean) : loss;
}

/**
 * T² / N Σ_n Σ_c p_t (log p_t - log p_s), where p = softmax(logits / T): the sum runs over classes, the mean over the
 * batch only. T² keeps the gradient's size when T changes.
 *
 * Both logits [N, C]. Throws SHAPE. Hinton, Vinyals and Dean 2015, section 2.
 */
export function softTargetLoss(studentLogits: Tensor, teacherLogits: Tensor, temperature: number): Tensor {
  checkAlike("softTargetLoss", studentLogits, teacherLogits);
  const logStudent = logSoftmax(div(studentLogits, temperature)); // [N, C]
  // NOTE: the teacher's log-softmax, never the log of its softmax, which underflows to log 0.
  const logTeacher = logSoftmax(div(teacherLogits, temperature));
  const divergence = sum(mul(exp(logTeacher), sub(logTeacher, logStudent)));
  return mul(divergence, temperature ** 2 / axisSize(studentLogits, 0));
}

/**
 * 1/N Σ_n 1 - (a·b) / √((|a|² + ε)(|b|² + ε)) with ε = 1e-12, as PyTorch's cosine_embedding_loss for target 1.
 *
 * a and b [N, D]. Throws SHAPE.
 */
export function cosineLoss(a: Tensor, b: Tensor): Tensor {
  checkAlike("cosineLoss", a, b);
  const rowSum = (x: Tensor): Tensor => sum(x, { axes: [1] }); // [N]
  const norms = mul(add(rowSum(square(a)), 1e-12), add(rowSum(square(b)), 1e-12));
  return mean(sub(1, div(rowSum(mul(a, b)), sqrt(norms))));
}

/** The mean of (a - b)² over all elements. Throws SHAPE where the shapes differ: nothing is stretched. */
export function meanSquaredError(a: Tensor, b: Tensor): Tensor {
  checkAlike("meanSquaredError", a, b);
  return mean(square(sub(a, b)));
}

function checkAlike(loss: string, a: Tensor, b: Tensor): void {
  if (sameShape(a.shape, b.shape)) return;
  throw new LimbeckError(
    "SHAPE",
    `${loss}: both tensors should have one shape, got ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
  );
}
