/** @file How well a model classifies images it was not trained on. */
import { checkArguments, having, optional } from "../arguments.ts";
import { aSplit } from "../data/dataset.ts";
import { LimbeckError } from "../errors.ts";
import { aRandom, loaderOrder, type Random } from "../random/index.ts";
import { inferenceOptions, openInference, type InferenceOptions } from "./inference.ts";
import { calibration, confidenceOf, type CalibrationBin } from "./calibration.ts";
import { result, type Progress } from "./events.ts";
import { checkFits, checkInitialised } from "./check-model.ts";

export interface EvaluateOptions extends InferenceOptions {
  /** Where PyTorch's loader would draw its base seed from: an evaluation between trainings moves the stream on. */
  readonly random?: Random;
}

/** The outcome of classifying the test images. */
export interface Evaluation {
  /** Percent. */
  readonly accuracy: number;
  readonly correct: number;
  readonly count: number;
  /** `confusion[true class][predicted class]`; empty for more than 1,000 classes, whose matrix would be too large to keep. */
  readonly confusion: readonly (readonly number[])[];
  /** Predicted class of each test image. */
  readonly predictions: readonly number[];
  /** How sure it is of them, in 15 bins; missing where confidences are not known. */
  readonly calibration?: readonly CalibrationBin[];
}

/**
 * Classifies every image of the split in evaluation mode. Throws SHAPE for a model that does not fit, WEIGHTS for one that was
 * never given values, NOT_FINITE for logits that are not numbers.
 */
export function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  return result(evaluating(options));
}

/** The same, telling how far it is. */
export async function* evaluating(options: EvaluateOptions): AsyncGenerator<Progress, Evaluation> {
  checkArguments("evaluate", {
    options: [options, having("an object", { ...inferenceOptions, split: aSplit, random: optional(aRandom) })],
  });
  const { engine, model, split, random } = options;
  for (const { name, module } of model.members ?? [model]) await checkInitialised(engine, name, module);
  if (random) loaderOrder(random, split.count, { shuffle: false });
  const evaluation = await openEvaluation(options);
  try {
    return yield* evaluation.classifying();
  } finally {
    evaluation.close();
  }
}

/** An evaluation that is compiled once, to be made again whenever the weights have changed. */
export interface OpenEvaluation {
  /** Throws NOT_FINITE, ABORTED. */
  classifying(): AsyncGenerator<Progress, Evaluation>;
  close(): void;
}

/** Classes that a matrix of confusions is kept for. */
const mostConfused = 1000;

/** All zeros; no rows for more classes than a matrix is kept for. */
export function emptyConfusion(classes: number): number[][] {
  const rows = classes > mostConfused ? 0 : classes;
  return Array.from({ length: rows }, () => new Array<number>(classes).fill(0));
}

/** Compiles it. Throws SHAPE for a model that does not fit. */
export async function openEvaluation(options: InferenceOptions): Promise<OpenEvaluation> {
  const { model, dataset, split } = options;
  checkFits(model, dataset);
  const classes = dataset.classes.length;
  const inference = await openInference(options, ({ logits }) => ({ logits }));
  return {
    async *classifying() {
      const predictions: number[] = [];
      const confusion = emptyConfusion(classes);
      const confidences = calibration();
      let correct = 0;
      for await (const { from, to, outputs } of inference.images()) {
        for (let i = from; i < to; i++) {
          const logits = outputs.logits.subarray((i - from) * classes, (i - from + 1) * classes);
          const predicted = largest(logits);
          const confidence = predicted < 0 ? Number.NaN : confidenceOf(logits, predicted);
          if (Number.isNaN(confidence)) {
            throw new LimbeckError(
              "NOT_FINITE",
              `${model.name} gives logits that are no numbers for image ${i} of ${dataset.name}; its weights are damaged, train it again`,
            );
          }
          predictions.push(predicted);
          const label = split.labels[i]!;
          if (label === predicted) correct++;
          confidences.add(confidence, label === predicted);
          const row = confusion[label];
          if (row) row[predicted]! += 1;
        }
        yield { done: to, total: split.count };
      }
      return {
        accuracy: (100 * correct) / split.count,
        correct,
        count: split.count,
        confusion,
        predictions,
        calibration: confidences.bins(),
      };
    },
    close: () => inference.close(),
  };
}

/** The place of the first largest entry, -1 if one is NaN. */
function largest(logits: Float32Array): number {
  let best = 0;
  for (let c = 0; c < logits.length; c++) {
    if (Number.isNaN(logits[c])) return -1;
    if (logits[c]! > logits[best]!) best = c;
  }
  return best;
}
