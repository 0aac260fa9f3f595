/** @file Model selection: which weights of a training are validated and left in the model: as they are, or their EMA; of the last epoch, or the best. */
import type { Engine } from "../engine/contract.ts";
import { LimbeckError } from "../errors.ts";
import { namedStates } from "../nn/index.ts";
import type { Tensor } from "../tensor/index.ts";
import { readStates, writeStates, type StateValues } from "./states.ts";
import { openEvaluation } from "./evaluate/evaluate.ts";
import { reported, type Validated, type ValidationEvent } from "./events.ts";
import type { Feature } from "./feature.ts";
import { imagesAtATime, type TrainOptions } from "./options.ts";

export interface ModelSelection {
  /** Classifies the validation images, if there are any, with the weights that would be taken now; returns what was found. */
  validating(place: Pick<ValidationEvent, "epoch" | "epochs">): AsyncGenerator<ValidationEvent, Validated>;
  /** The best epoch's weights so far, where they are to be kept. */
  best(): StateValues | undefined;
  /** Goes on with the best so far of a checkpoint, and each epoch's share of right answers. Throws WEIGHTS where one is there and the other is not. */
  restore(best: StateValues | undefined, accuracies: readonly (number | undefined)[]): void;
  /** Puts the weights that are taken into the model's states, for good. Throws NOT_FINITE for values that the last step made no numbers. */
  finish(): Promise<void>;
  close(): void;
}

/** Compiles the validation, if there are images for it. The features say which values are taken, and from which epoch on one may be the best. */
export async function openModelSelection(
  { engine, learner: { model }, dataset, keep = "last", signal, ...options }: TrainOptions,
  features: readonly Feature[],
): Promise<ModelSelection> {
  const split = dataset.validation;
  const batchSize = imagesAtATime(options);
  const evaluation = split && (await openEvaluation({ engine, model, dataset, split, batchSize, signal }));
  const states = new Map([...namedStates(model.module), ...features.flatMap(({ learned = [] }) => [...learned])]);
  const others = Math.max(0, ...features.map(({ selectableAfter = 0 }) => selectableAfter));
  const finishing = features.filter(({ finish }) => finish);
  const take = async (): Promise<void> => {
    for (const feature of finishing) await feature.finish?.(engine);
  };
  let best: { readonly accuracy: number; readonly values?: StateValues | undefined } = { accuracy: -1 };
  return {
    async *validating(place) {
      if (!evaluation) return {};
      const raw = finishing.length > 0 ? await readStates(engine, states) : undefined;
      await take();
      try {
        const found = yield* reported(evaluation.classifying(), (progress) => ({
          kind: "validation" as const,
          ...place,
          ...progress,
        }));
        const { accuracy, crossEntropy } = found;
        const mayBeKept = keep === "best" && place.epoch > others;
        if (mayBeKept && accuracy > best.accuracy) best = { accuracy, values: await readStates(engine, states) };
        return { validationAccuracy: accuracy, validationLoss: crossEntropy };
      } finally {
        if (raw) await writeStates(engine, states, raw);
      }
    },
    best: () => best.values,
    restore(values, accuracies) {
      if (keep !== "best") return;
      const accuracy = Math.max(-1, ...accuracies.slice(others).map((each) => each ?? -1));
      if (values === undefined && accuracy >= 0) {
        throw new LimbeckError(
          "WEIGHTS",
          "the checkpoint lacks the best epoch's weights; go on with the options it was made with",
        );
      }
      best = { accuracy, values };
    },
    async finish() {
      if (best.values) await writeStates(engine, states, best.values);
      else await take();
      await checkFinite(engine, model.name, states);
    },
    close: () => evaluation?.close(),
  };
}

/** The loss of a step says nothing of what that step made of the weights. */
async function checkFinite(engine: Engine, model: string, states: ReadonlyMap<string, Tensor>): Promise<void> {
  for (const [name, state] of states) {
    if ((await engine.read(state)).every(Number.isFinite)) continue;
    throw new LimbeckError(
      "NOT_FINITE",
      `${name} of ${model} holds values that are no numbers after the last step; lower the learning rate, or shorten gradients (clipped)`,
    );
  }
}
