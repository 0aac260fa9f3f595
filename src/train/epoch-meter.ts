/** @file The epoch meter: sums over the batches of an epoch so far, in double precision. */
import type { EpochEvent } from "./events.ts";

/** A batch's losses: the weighted total, and each term unweighted. */
export interface BatchLosses {
  readonly loss: number;
  readonly terms: Readonly<Record<string, number>>;
}

/** What has been added up since the epoch began. */
export interface EpochMeter extends BatchLosses {
  readonly batches: number;
  readonly seconds: number;
}

export const emptyMeter: EpochMeter = { loss: 0, terms: {}, batches: 0, seconds: 0 };

/** With one more batch, which took `seconds`. */
export function metered(meter: EpochMeter, { loss, terms }: BatchLosses, seconds: number): EpochMeter {
  const sums = Object.entries(terms).map(([name, value]) => [name, (meter.terms[name] ?? 0) + value] as const);
  return {
    loss: meter.loss + loss,
    terms: Object.fromEntries(sums),
    batches: meter.batches + 1,
    seconds: meter.seconds + seconds,
  };
}

/** The epoch's means: Σ of its batches' losses / their number, a short batch counting as a full one, as PyTorch's tutorial has it. */
export function epochOf(
  { loss, terms, batches, seconds }: EpochMeter,
  place: Pick<EpochEvent, "epoch" | "epochs" | "phase" | "validationAccuracy">,
): EpochEvent {
  const means = Object.entries(terms).map(([name, sum]) => [name, sum / batches] as const);
  return { kind: "epoch", ...place, loss: loss / batches, terms: Object.fromEntries(means), seconds };
}
