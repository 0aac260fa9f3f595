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
const CALIBRATION_BINS = 15;

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

/**
 * The expected calibration error in percent: Σ_b n_b / n |accuracy_b - confidence_b|, of n_b images in bin b. 0 of no images.
 *
 * C. Guo, G. Pleiss, Y. Sun and K. Weinberger, On calibration of modern neural networks, 2017.
 */
export function calibrationError(bins: readonly CalibrationBin[]): number {
  const images = bins.reduce((sum, bin) => sum + bin.images, 0);
  const gaps = bins.reduce((sum, bin) => sum + Math.abs(bin.correct - bin.confidence), 0);
  return (100 * gaps) / Math.max(1, images);
}
