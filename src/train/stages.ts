/** @file Stages of a phase: epochs with the same steps, until parameters are frozen or the network is in whole numbers. */
import { LimbeckError } from "../errors.ts";
import { checkFitting, fits } from "../optim/index.ts";

/** Parameters that are trained for the first epochs alone. */
export interface Freeze {
  /** A name, or a pattern: `*` stands for any characters. */
  readonly parameters: string;
  /** Epochs of the training proper, after which they stay as they are; 0 for those that are not trained at all. */
  readonly afterEpochs: number;
}

export interface Stage {
  /** How many of the phase's epochs are done when it begins. */
  readonly from: number;
  /** The names of parameters that no gradient is computed for. */
  readonly frozen: ReadonlySet<string>;
  readonly isQuantised: boolean;
}

export interface StageOptions {
  /** Of the parameters that the phase trains. */
  readonly names: readonly string[];
  /** That are begun. */
  readonly epochs: number;
  readonly freeze?: readonly Freeze[] | undefined;
  /** The epochs before the network is in whole numbers, if it ever is. */
  readonly quantisedFrom?: number | undefined;
}

/**
 * The stages of a phase, the first from its beginning on. Throws ARGUMENT for a pattern that no parameter fits, epochs that are no whole
 * number from 0, and where nothing would be left to train.
 */
export function stagesOf({
  names,
  epochs,
  freeze = [],
  quantisedFrom = Infinity,
}: StageOptions): readonly [Stage, ...Stage[]] {
  const patterns = freeze.map(({ parameters }) => parameters);
  checkFitting("freeze", patterns, names);
  for (const { parameters, afterEpochs } of freeze) {
    if (Number.isInteger(afterEpochs) && afterEpochs >= 0) continue;
    throw new LimbeckError(
      "ARGUMENT",
      `freeze: ${parameters} should be frozen after a whole number of epochs, or 0, got ${String(afterEpochs)}`,
    );
  }
  const stageFrom = (from: number): Stage => {
    const isFrozen = (name: string): boolean =>
      freeze.some(({ parameters, afterEpochs }) => afterEpochs <= from && fits(parameters, name));
    const frozen = new Set(names.filter(isFrozen));
    if (frozen.size < names.length) return { from, frozen, isQuantised: from >= quantisedFrom };
    throw new LimbeckError(
      "ARGUMENT",
      `freeze: after ${from} of ${epochs} epochs nothing is left to train; freeze fewer of ${patterns.join(", ")}, or end the training there`,
    );
  };
  const later = new Set([...freeze.map(({ afterEpochs }) => afterEpochs), quantisedFrom]);
  const begins = [...later].filter((from) => from > 0 && from < epochs).toSorted((a, b) => a - b);
  return [stageFrom(0), ...begins.map(stageFrom)];
}
