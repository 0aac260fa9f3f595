/** @file How sure a network is of its predictions, beside how often it is right: counted in bins of equal width. */

/** The images whose confidence, the softmax of the predicted class, lies in one bin. */
export interface CalibrationBin {
  readonly images: number;
  /** Of these, how many are classified rightly. */
  readonly correct: number;
  /** The sum of their confidences. */
  readonly confidence: number;
}

/** Bins of the confidences from 0 to 1, as Guo et al. 2017 have them; bin b, from 0, holds those in (b / 15, (b + 1) / 15]. */
export const CALIBRATION_BINS = 15;

/** Adds up predictions. */
export interface Calibration {
  add(confidence: number, isRight: boolean): void;
  bins(): readonly CalibrationBin[];
}

export function calibration(): Calibration {
  const bins = Array.from({ length: CALIBRATION_BINS }, () => ({ images: 0, correct: 0, confidence: 0 }));
  return {
    add(confidence, isRight) {
      const bin = bins[Math.max(0, Math.ceil(confidence * CALIBRATION_BINS) - 1)]!;
      bin.images++;
      bin.confidence += confidence;
      if (isRight) bin.correct++;
    },
    bins: () => bins.map((bin) => ({ ...bin })),
  };
}

/** The softmax of the class with the largest logit, in float64: 1 / Σ exp(logit - largest). NaN where it is not defined. */
export function confidenceOf(logits: Float32Array, predicted: number): number {
  const largest = logits[predicted]!;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - largest);
  return 1 / sum;
}
