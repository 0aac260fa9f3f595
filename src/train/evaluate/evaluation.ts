/** @file What a network said of images whose classes are known, counted: how often it is right, of which classes, and how sure it is. */
import { calibration, calibrationError, type CalibrationBin } from "./calibration.ts";
import { classSizes, type ClassSizes } from "../../data/class-sizes.ts";
import type { Tta } from "../../data/test-views.ts";
import { share, wilson, type Interval, type Share } from "./interval.ts";

/** The outcome of classifying the test images. */
export interface Evaluation extends ClassSizes {
  /** Percent. */
  readonly accuracy: number;
  /** Percent: the mean over classes of the share of their images that is recognised, of those that have images. */
  readonly balancedAccuracy: number;
  /** Its 95 % confidence interval, percent; see `wilson`. */
  readonly interval: Interval;
  readonly correct: number;
  readonly count: number;
  /** Of each class's images, those that are recognised; empty for more than 1,000 classes. */
  readonly perClass: readonly Share[];
  /** `confusion[true class][predicted class]`; empty for more than 1,000 classes, whose matrix would be too large to keep. */
  readonly confusion: readonly (readonly number[])[];
  /** Predicted class of each test image. */
  readonly predictions: readonly number[];
  /** How sure it is of them, in 15 bins; missing where confidences are not known. */
  readonly calibration?: readonly CalibrationBin[];
  /** The expected calibration error of these bins, percent. */
  readonly calibrationError?: number | undefined;
  /** The mean of -ln(softmax of the true class); missing where that is not known, or not finite. */
  readonly crossEntropy?: number | undefined;
  /** By test-time augmentation, where that was asked for. All else is of one pass over each image as it is. */
  readonly augmented?: AugmentedEvaluation;
}

/** The same images by the weighted mean of several views' logits: not to be compared with what one pass gives. */
export interface AugmentedEvaluation extends Pick<
  Evaluation,
  "accuracy" | "interval" | "correct" | "count" | "crossEntropy"
> {
  readonly tta: Tta;
  /** Passes over an image. */
  readonly passes: number;
}

/** Adds up what is said of image after image. */
export interface EvaluationTally {
  /** The confidence is the softmax of the predicted class, the loss that of the true one. */
  add(label: number, said: { readonly predicted: number; readonly confidence: number; readonly loss?: number }): void;
  /** Of those so far, which should be one at least. */
  evaluation(): Evaluation;
}

/** Classes that a matrix of confusions is kept for. */
const mostConfused = 1000;

export function tally(classes: number): EvaluationTally {
  const rows = classes > mostConfused ? 0 : classes;
  const confusion = Array.from({ length: rows }, () => new Array<number>(classes).fill(0));
  const predictions: number[] = [];
  const confidences = calibration();
  const [images, right] = [new Array<number>(classes).fill(0), new Array<number>(classes).fill(0)];
  let correct = 0;
  let losses = 0;
  return {
    add(label, { predicted, confidence, loss = Number.NaN }) {
      predictions.push(predicted);
      confidences.add(confidence, predicted === label);
      images[label]! += 1;
      if (predicted === label) {
        right[label]! += 1;
        correct++;
      }
      losses += loss;
      const row = confusion[label];
      if (row) row[predicted]! += 1;
    },
    evaluation() {
      const count = predictions.length;
      const counts = { correct, count, confusion: confusion.map((row) => [...row]), calibration: confidences.bins() };
      const crossEntropy = losses / count;
      return {
        accuracy: (100 * correct) / count,
        ...counts,
        ...figuresOf(counts),
        ...balanceOf(images, right),
        predictions: [...predictions],
        crossEntropy: Number.isFinite(crossEntropy) ? crossEntropy : undefined,
      };
    },
  };
}

/** What the images of each class, and those of them that are recognised, come to. */
function balanceOf(
  images: readonly number[],
  right: readonly number[],
): Pick<Evaluation, "balancedAccuracy" | keyof ClassSizes> {
  const recalls = images.flatMap((all, label) => (all > 0 ? [right[label]! / all] : []));
  return {
    balancedAccuracy: (100 * recalls.reduce((sum, recall) => sum + recall, 0)) / recalls.length,
    ...classSizes(images),
  };
}

/** What follows from an evaluation's counts; of balance, where there is a matrix of confusions. */
export function figuresOf({
  correct,
  count,
  confusion,
  calibration: bins,
}: Pick<Evaluation, "correct" | "count" | "confusion" | "calibration">): Pick<
  Evaluation,
  "interval" | "perClass" | "calibrationError"
> &
  Partial<Pick<Evaluation, "balancedAccuracy" | keyof ClassSizes>> {
  const images = confusion.map((row) => row.reduce((sum, each) => sum + each, 0));
  const right = confusion.map((row, label) => row[label] ?? 0);
  return {
    interval: wilson(correct, count),
    perClass: images.map((all, label) => share(right[label]!, all)),
    ...(confusion.length > 0 && balanceOf(images, right)),
    calibrationError: bins && calibrationError(bins),
  };
}

/** What logits say: the first class with the largest, its softmax in float64, and -ln(softmax) of the true class; `undefined` where that is no number. */
export function sayingOf(
  logits: ArrayLike<number>,
  label: number,
): { readonly predicted: number; readonly confidence: number; readonly loss: number } | undefined {
  let predicted = 0;
  for (let c = 1; c < logits.length; c++) if (logits[c]! > logits[predicted]!) predicted = c;
  const largest = logits[predicted]!;
  let sum = 0;
  for (let c = 0; c < logits.length; c++) sum += Math.exp(logits[c]! - largest);
  // NaN wherever a logit is NaN, or the largest is infinite.
  const confidence = 1 / sum;
  return Number.isNaN(confidence)
    ? undefined
    : { predicted, confidence, loss: Math.log(sum) + largest - logits[label]! };
}

/** What test-time augmentation found, apart from what one pass did. */
export function augmentedEvaluation(
  tta: Tta,
  passes: number,
  { accuracy, interval, correct, count, crossEntropy }: Evaluation,
): AugmentedEvaluation {
  return { tta, passes, accuracy, interval, correct, count, crossEntropy };
}
