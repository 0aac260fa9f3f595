/** @file How well a model classifies images it was not trained on. */
import { checkArguments, having, optional } from "../arguments.ts";
import { aSplit } from "../data/dataset.ts";
import { LimbeckError } from "../errors.ts";
import { aRandom, loaderOrder, type Random } from "../random/index.ts";
import { inferenceOptions, openInference, type InferenceOptions } from "./inference.ts";
import { sayingOf, tally, type Evaluation } from "./evaluation.ts";
import { result, type Progress } from "./events.ts";
import { checkFits, checkInitialised } from "./check-model.ts";

export interface EvaluateOptions extends InferenceOptions {
  /** Where PyTorch's loader would draw its base seed from: an evaluation between trainings moves the stream on. */
  readonly random?: Random;
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

/** Compiles it. Throws SHAPE for a model that does not fit. */
export async function openEvaluation(options: InferenceOptions): Promise<OpenEvaluation> {
  const { model, dataset, split } = options;
  checkFits(model, dataset);
  const classes = dataset.classes.length;
  const inference = await openInference(options, ({ logits }) => ({ logits }));
  return {
    async *classifying() {
      const counted = tally(classes);
      for await (const { from, to, outputs } of inference.images()) {
        for (let i = from; i < to; i++) {
          const logits = outputs.logits.subarray((i - from) * classes, (i - from + 1) * classes);
          const label = split.labels[i]!;
          const said = sayingOf(logits, label);
          if (!said) {
            throw new LimbeckError(
              "NOT_FINITE",
              `${model.name} gives logits that are no numbers for image ${i} of ${dataset.name}; its weights are damaged, train it again`,
            );
          }
          counted.add(label, said);
        }
        yield { done: to, total: split.count };
      }
      return counted.evaluation();
    },
    close: () => inference.close(),
  };
}
