/** @file Freezing: parameters that are trained in the first epochs alone. */
import { LimbeckError } from "../../errors.ts";
import { checkFitting, fits, type Freeze } from "../../optim/index.ts";
import type { Tensor } from "../../tensor/index.ts";
import type { Feature, FeatureSetting } from "../feature.ts";

/** The names of parameters that are frozen after so many epochs. */
export function frozenAfter(epochsDone: number, freeze: readonly Freeze[], names: Iterable<string>): Set<string> {
  const isFrozen = (name: string): boolean =>
    freeze.some(({ parameters, afterEpochs }) => afterEpochs <= epochsDone && fits(parameters, name));
  return new Set([...names].filter(isFrozen));
}

/**
 * Parameters without a gradient from an epoch of the training proper on. Throws ARGUMENT for a pattern that no parameter fits, epochs that
 * are no whole number from 0, and where nothing would be left to train.
 */
export function frozen({ options, pretraining, epochs, parameters }: FeatureSetting): Feature | undefined {
  const { freeze = [] } = options;
  if (pretraining || freeze.length === 0) return undefined;
  const names = [...parameters.keys()];
  const patterns = freeze.map(({ parameters }) => parameters);
  checkFitting("freeze", patterns, names);
  for (const { parameters, afterEpochs } of freeze) {
    if (!(Number.isInteger(afterEpochs) && afterEpochs >= 0)) {
      throw new LimbeckError(
        "ARGUMENT",
        `freeze: ${parameters} should be frozen after a whole number of epochs, or 0, got ${String(afterEpochs)}`,
      );
    }
    if (afterEpochs < epochs && frozenAfter(afterEpochs, freeze, names).size === names.length) {
      throw new LimbeckError(
        "ARGUMENT",
        `freeze: after ${afterEpochs} of ${epochs} epochs nothing is left to train; freeze fewer of ${patterns.join(", ")}, or end the training there`,
      );
    }
  }
  return {
    changesAfter: freeze.map(({ afterEpochs }) => afterEpochs),
    gradients({ gradients, perLoss }, epochsDone) {
      const stopped = frozenAfter(epochsDone, freeze, names);
      const trained = (all: readonly (Tensor | null)[]): (Tensor | null)[] =>
        all.map((gradient, i) => (stopped.has(names[i]!) ? null : gradient));
      return {
        gradients: trained(gradients),
        perLoss: perLoss && { task: trained(perLoss.task), distillation: trained(perLoss.distillation) },
      };
    },
  };
}
