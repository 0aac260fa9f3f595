/** @file What training and evaluation tell whoever watches: steps, epochs and their means, progress; and how they stop when asked. */
import { LimbeckError } from "../errors.ts";

/** Which step. */
export interface StepPlace {
  readonly kind: "step";
  /** From 1, over the whole training, and of how many. */
  readonly step: number;
  readonly steps: number;
  /** The name of the pre-training phase, if this is one; its epochs count for themselves. */
  readonly phase?: string | undefined;
  /** From 1. */
  readonly epoch: number;
  /** From 1, within the epoch. */
  readonly stepInEpoch: number;
  readonly stepsPerEpoch: number;
  readonly epochs: number;
}

/** One batch: the weighted total, and each loss term unweighted, as they were before the update. */
export interface StepEvent extends StepPlace {
  readonly loss: number;
  readonly terms: Readonly<Record<string, number>>;
}

/** One pass over the training images: means of the batches' losses. */
export interface EpochEvent {
  readonly kind: "epoch";
  /** As a step has it. */
  readonly phase?: string | undefined;
  readonly epoch: number;
  readonly epochs: number;
  readonly loss: number;
  readonly terms: Readonly<Record<string, number>>;
  /** Seconds of its steps. */
  readonly seconds: number;
  /** Percent of the validation images that are classified rightly after it, where there are any. */
  readonly validationAccuracy?: number;
  /** The mean cross entropy of those images, where it is finite. */
  readonly validationLoss?: number | undefined;
}

/** What the validation after an epoch found. */
export type Validated = Pick<EpochEvent, "validationAccuracy" | "validationLoss">;

/** Images done, of how many. */
export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** Validation images are being classified after an epoch. */
export interface ValidationEvent extends Progress {
  readonly kind: "validation";
  readonly epoch: number;
  readonly epochs: number;
}

export type TrainEvent = StepEvent | EpochEvent | ValidationEvent;

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
  place: Pick<EpochEvent, "epoch" | "epochs" | "phase" | keyof Validated>,
): EpochEvent {
  const means = Object.entries(terms).map(([name, sum]) => [name, sum / batches] as const);
  return { kind: "epoch", ...place, loss: loss / batches, terms: Object.fromEntries(means), seconds };
}

/** Runs such work to its end, calling `watch` with each event and waiting for a promise that it returns; where it throws, the work is closed. */
export async function result<Event, Result>(
  work: AsyncGenerator<Event, Result>,
  watch?: (event: Event) => unknown,
): Promise<Result> {
  try {
    for (;;) {
      const { done, value } = await work.next();
      if (done) return value;
      await watch?.(value);
    }
  } finally {
    await work.return(undefined as never);
  }
}

/** The same work, each of its events reported as another. */
export async function* reported<Event, Reported, Result>(
  work: AsyncGenerator<Event, Result>,
  as: (event: Event) => Reported,
): AsyncGenerator<Reported, Result> {
  for (;;) {
    const { done, value } = await work.next();
    if (done) return value;
    yield as(value);
  }
}

/** Throws ABORTED if the caller has asked to stop; `state` says what the work leaves behind. */
export function stopIfAborted(signal: AbortSignal | undefined, state: string): void {
  if (signal?.aborted) throw new LimbeckError("ABORTED", `stopped as asked; ${state}`, { cause: signal.reason });
}
