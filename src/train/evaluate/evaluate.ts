/** @file How well a model classifies images it was not trained on. */
import { asIs } from "../../data/shift.ts";
import { viewsOf, type Tta } from "../../data/test-views.ts";
import { LimbeckError } from "../../errors.ts";
import { loaderOrder, type Random } from "../../random/index.ts";
import { openInference, type InferenceOptions } from "./inference.ts";
import { augmentedEvaluation, sayingOf, tally, type Evaluation, type EvaluationTally } from "./evaluation.ts";
import { result, type Progress } from "../events.ts";
import { checkFits, checkInitialised } from "../check-model.ts";

export interface EvaluateOptions extends InferenceOptions {
  /** Where PyTorch's loader would draw its base seed from: an evaluation between trainings moves the stream on. */
  readonly random?: Random | undefined;
  /** Also by test-time augmentation: 2 passes over each image, or 6. The evaluation then has `augmented` beside what one pass gives. */
  readonly tta?: Tta | undefined;
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

/** Compiles it. Throws SHAPE for a model that does not fit, UNKNOWN_NAME for a `tta` that is none. */
export async function openEvaluation(
  options: InferenceOptions & Pick<EvaluateOptions, "tta">,
): Promise<OpenEvaluation> {
  const { model, dataset, split, tta } = options;
  checkFits(model, dataset);
  const classes = dataset.classes.length;
  const views = tta === undefined ? [{ view: asIs, weight: 1 }] : viewsOf(tta, dataset.shape);
  const inference = await openInference(
    options,
    ({ logits }) => ({ logits }),
    views.map(({ view }) => view),
  );
  const count = (into: EvaluationTally, logits: ArrayLike<number>, image: number): void => {
    const label = split.labels[image]!;
    const said = sayingOf(logits, label);
    if (!said) {
      throw new LimbeckError(
        "NOT_FINITE",
        `${model.name} gives logits that are no numbers for image ${image} of ${dataset.name}; its weights are damaged, train it again`,
      );
    }
    into.add(label, said);
  };
  return {
    async *classifying() {
      const [counted, augmented] = [tally(classes), tally(classes)];
      let sums = new Float64Array();
      for await (const { from, to, view, outputs } of inference.images()) {
        const { logits } = outputs;
        if (view === 0) {
          for (let i = from; i < to; i++)
            count(counted, logits.subarray((i - from) * classes, (i - from + 1) * classes), i);
          sums = new Float64Array(logits.length);
        }
        const { weight } = views[view]!;
        for (const [i, logit] of logits.entries()) sums[i]! += weight * logit;
        if (view < views.length - 1) continue;
        if (tta !== undefined)
          for (let i = from; i < to; i++)
            count(augmented, sums.subarray((i - from) * classes, (i - from + 1) * classes), i);
        yield { done: to, total: split.count };
      }
      const evaluation = counted.evaluation();
      if (tta === undefined) return evaluation;
      return { ...evaluation, augmented: augmentedEvaluation(tta, views.length, augmented.evaluation()) };
    },
    close: () => inference.close(),
  };
}
