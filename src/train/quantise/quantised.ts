/** @file Fake quantisation: the last epochs train the network as whole numbers of 8 bits will compute it. */
import { LimbeckError } from "../../errors.ts";
import type { Model } from "../../models/index.ts";
import { record, type Pass } from "../../nn/index.ts";
import type { Tensor } from "../../tensor/index.ts";
import type { Feature, FeatureSetting } from "../feature.ts";
import { epochsBegun } from "../length.ts";
import { observed, type ObservedPass } from "../../distill/observe.ts";
import { averagingOf, type Averaging } from "./ranges.ts";

/** Fake quantisation of the last epochs of the training proper, where `quantize` asks for it. Throws ARGUMENT for a number of epochs that it cannot have. */
export function quantised({ options, pretraining, epochs, ranges, stepCount }: FeatureSetting): Feature | undefined {
  const { quantize, learner } = options;
  if (!quantize || pretraining) return undefined;
  if (!(Number.isInteger(quantize.epochs) && quantize.epochs >= 1 && quantize.epochs <= epochsBegun(options.epochs))) {
    throw new LimbeckError(
      "ARGUMENT",
      `quantize: its epochs should be a whole number from 1 to the ${options.epochs} epochs of the training, got ${String(quantize.epochs)}`,
    );
  }
  const from = epochs - quantize.epochs;
  const before = from * ranges.length;
  const averaging = averagingOf(quantize.ranges, before, stepCount - before);
  return {
    learned: new Map([...quantize.ranges.states].map(([name, tensor]) => [`range ${name}`, tensor])),
    scalars: [averaging.share],
    changesAfter: [from],
    selectableAfter: from,
    record: (x, epochsDone, after) =>
      epochsDone < from ? undefined : observeQuantised(learner.model, x, averaging, after),
  };
}

/** A model recorded in evaluation mode as whole numbers of 8 bits will compute it; its updates are those of the ranges. */
export function observeQuantised(model: Model, x: Tensor, averaging: Averaging, after?: Pass): ObservedPass {
  const pass = record(model.module, x, { training: false, after });
  return observed(model, averaging.ranges.rounded(pass, x, model, averaging));
}
