/** @file Loss curves for a page: a smoothed line over all steps, and as many raw points as a screen can show. */
import { LimbeckError } from "../errors.ts";
import type { EpochRecord } from "../experiment/index.ts";

/** One batch, as a line of `steps.jsonl` has it. */
export interface StepLoss {
  /** From 1, over the whole training. */
  readonly step: number;
  /** The name of a pre-training phase. */
  readonly phase?: string;
  /** From 1, within the phase. */
  readonly epoch: number;
  /** Unweighted losses by name. */
  readonly terms: Readonly<Record<string, number>>;
}

/** One term of one run. */
export interface Curve {
  /** Index of the run, which gives its colour. */
  readonly run: number;
  readonly title: string;
  /** In epochs: 1.5 is the middle of the second. */
  readonly x: readonly number[];
  /** Of single batches; of a validation there are none. */
  readonly raw: readonly (number | null)[];
  readonly smooth: readonly number[];
  /** Measured on validation images, after epochs. */
  readonly isValidation?: boolean;
}

/** A figure of the validation after each epoch, of the runs that have one. */
export function validationCurves(
  runs: readonly { readonly title: string; readonly epochs: readonly EpochRecord[] }[],
  figure: (epoch: EpochRecord) => number | undefined,
): Curve[] {
  return runs.flatMap(({ title, epochs }, run) => {
    const found = epochs.flatMap((epoch) => {
      const value = figure(epoch);
      return value === undefined ? [] : [[epoch.epoch, value] as const];
    });
    if (found.length === 0) return [];
    const smooth = found.map(([, value]) => digits(value));
    const x = found.map(([epoch]) => epoch);
    return [{ run, title: `${title}, validation`, x, raw: smooth.map(() => null), smooth, isValidation: true }];
  });
}

/** Every term, with the runs that have it, in the order in which runs name them; `PHASE: TERM` of a pre-training phase. */
export function curvesByTerm(
  runs: readonly { readonly name: string; readonly title: string }[],
  steps: Readonly<Record<string, readonly StepLoss[]>>,
): ReadonlyMap<string, readonly Curve[]> {
  const terms = new Map<string, Curve[]>();
  for (const [run, { name, title }] of runs.entries()) {
    for (const [phase, recorded] of byPhase(steps[name] ?? [])) {
      for (const term of Object.keys(recorded[0]?.terms ?? {})) {
        const label = phase === undefined ? term : `${phase}: ${term}`;
        terms.set(label, [...(terms.get(label) ?? []), { run, title, ...curve(recorded, term) }]);
      }
    }
  }
  return terms;
}

/**
 * Exponential moving average over both sides, so that the line does not lag behind: the mean of
 * Σ_j β^(i-j) x_j / Σ_j β^(i-j) over j ≤ i, and the same over j ≥ i, with β = 1 - 2 / (span + 1).
 * Throws ARGUMENT for a span below 1.
 */
export function smooth(values: readonly number[], span: number): number[] {
  if (!(span >= 1)) throw new LimbeckError("ARGUMENT", `smooth: span should be at least 1, got ${span}`);
  const beta = 1 - 2 / (span + 1);
  const left = trailing(values, beta);
  const right = trailing(values.toReversed(), beta).toReversed();
  return left.map((value, i) => (value + (right[i] ?? value)) / 2);
}

/** Every k-th index below `length`, k the smallest that leaves at most `most`, and always the last. */
export function thin(length: number, most: number): number[] {
  const stride = Math.max(1, Math.ceil(length / most));
  return Array.from({ length: Math.ceil(length / stride) }, (_, i) => length - 1 - i * stride).toReversed();
}

/** The share of a run over which the smoothed line averages. */
export const smoothingShare = 1 / 40;

const pointsShown = 400;

function byPhase(steps: readonly StepLoss[]): ReadonlyMap<string | undefined, readonly StepLoss[]> {
  const groups = new Map<string | undefined, StepLoss[]>();
  for (const step of steps) {
    const group = groups.get(step.phase);
    if (group) group.push(step);
    else groups.set(step.phase, [step]);
  }
  return groups;
}

function curve(recorded: readonly StepLoss[], term: string): Pick<Curve, "x" | "raw" | "smooth"> {
  const values = recorded.map(({ terms }) => terms[term] ?? Number.NaN);
  const smoothed = smooth(values, Math.max(1, values.length * smoothingShare));
  const shown = thin(values.length, pointsShown);
  const second = recorded.findIndex(({ epoch }) => epoch === 2);
  const stepsPerEpoch = second < 0 ? recorded.length : second;
  return {
    x: shown.map((i) => digits((i + 1) / stepsPerEpoch)),
    raw: at(values, shown).map(digits),
    smooth: at(smoothed, shown).map(digits),
  };
}

function at(values: readonly number[], indices: readonly number[]): number[] {
  return indices.map((i) => values[i] ?? Number.NaN);
}

function trailing(values: readonly number[], beta: number): number[] {
  let sum = 0;
  let weight = 0;
  return values.map((value) => {
    sum = beta * sum + value;
    weight = beta * weight + 1;
    return sum / weight;
  });
}

/** Five significant digits: finer than a pixel, and a third of the file's size. */
function digits(value: number): number {
  return Number(value.toPrecision(5));
}
