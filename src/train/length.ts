/** @file How long a training is: the batches of an epoch, and steps in all, where the last epoch may be a part of one. */
import { batches, countBatches, type BatchRange } from "../data/loader.ts";
import { LimbeckError } from "../errors.ts";

/** How images make batches. */
export interface BatchSettings {
  readonly batchSize?: number | undefined;
  /** Whether an epoch leaves out the images that fill no whole batch: others each time, since the order is drawn anew. */
  readonly dropLast?: boolean | undefined;
}

/** The batches of an epoch, of which there is at least one. Throws ARGUMENT. */
export function epochBatches(images: number, { batchSize = 128, dropLast = false }: BatchSettings): BatchRange[] {
  const all = batches(images, batchSize);
  if (!dropLast) return all;
  const whole = all.filter(({ from, to }) => to - from === batchSize);
  if (whole.length > 0 || images === 0) return whole;
  throw new LimbeckError(
    "ARGUMENT",
    `the ${images} training images fill no batch of ${batchSize}; take a smaller batch, or leave dropLast out`,
  );
}

/** How many those are. */
export function stepsOfEpoch(images: number, { batchSize = 128, dropLast = false }: BatchSettings): number {
  return dropLast ? Math.floor(images / batchSize) : countBatches(images, batchSize);
}

/** Shares of an epoch are told apart down to a millionth: 0.1·30 is 3.0000000000000004, and three steps. */
const DECIMALS = 6;

/** The steps of so many epochs: 9.9 epochs of 48 steps are 476. */
export function countSteps(epochs: number, stepsPerEpoch: number): number {
  const exact = Number(epochs.toFixed(DECIMALS)) * stepsPerEpoch;
  return Math.ceil(Number(exact.toFixed(DECIMALS)));
}

/** How many epochs are begun: 10 of 9.9. */
export function epochsBegun(epochs: number): number {
  return Math.ceil(Number(epochs.toFixed(DECIMALS)));
}
