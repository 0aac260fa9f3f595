/** @file How a row learned: a figure of every epoch, its mean over seeds and its spread. */
import { mean, standardDeviation } from "../../statistics.ts";

/** An epoch of a run, as far as rows can be compared by it. */
export interface ComparedEpoch {
  /** From 1. */
  readonly epoch: number;
  /** Cross entropy with the labels, before weighting; a method that learns from none has no such term. */
  readonly labelLoss?: number | undefined;
  /** Percent of the validation images. */
  readonly validationAccuracy?: number | undefined;
}

/** A figure after an epoch, over the seeds that have it. */
export interface CurvePoint {
  readonly epoch: number;
  readonly n: number;
  readonly mean: number;
  /** Of a sample; `undefined` for one seed. */
  readonly deviation: number | undefined;
}

/** The figure after each epoch; empty where no run has it. */
export function curveOf(
  runs: readonly { readonly epochs?: readonly ComparedEpoch[] | undefined }[],
  figure: "labelLoss" | "validationAccuracy",
): readonly CurvePoint[] {
  const found = new Map<number, number[]>();
  for (const { epochs = [] } of runs) {
    for (const { epoch, [figure]: value } of epochs) {
      if (value === undefined) continue;
      const others = found.get(epoch);
      if (others) others.push(value);
      else found.set(epoch, [value]);
    }
  }
  return [...found]
    .toSorted(([a], [b]) => a - b)
    .map(([epoch, values]) => ({
      epoch,
      n: values.length,
      mean: mean(values),
      deviation: standardDeviation(values),
    }));
}
