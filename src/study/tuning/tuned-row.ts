/** @file A row of the table while its settings are chosen: which trials entered each rung, who goes on, what is trained at last. */
import { mean } from "../../statistics.ts";
import type { DescribedRun } from "../expand.ts";
import type { Draw } from "./draw.ts";
import type { Rung } from "./rungs.ts";
import { shortened, withDraw } from "./trial-settings.ts";

/** What all rows share. */
export interface Protocol {
  /** Of the first rung. */
  readonly trials: number;
  /** One in so many goes on. */
  readonly halving: number;
  /** Training images that are held out of the trials: how many, or a share. */
  readonly validation: number | string;
  /** Of each trial, and none of the final runs'. */
  readonly seeds: readonly number[];
  /** Whether the final runs leave the validation images out too, as the description wants. */
  readonly holdsOut: boolean;
}

/** A method with a teacher, or the student alone, in a group. */
export interface TunedRow {
  readonly group: string;
  readonly row: string;
  /** Its runs as they are described, one for each seed. */
  readonly runs: readonly DescribedRun[];
  readonly rungs: readonly Rung[];
  /** What each trial draws, by its number from 0. */
  readonly draws: readonly Draw[];
  /** The described values of what is drawn. */
  readonly described: Draw;
  readonly inEpochs: Draw;
  /** The runs of each rung that has begun, a trial's one after the other. */
  readonly entered: readonly (readonly Entry[])[];
  /** Ids of the runs with the chosen settings, one for each seed; none before they are chosen. */
  readonly final: readonly string[];
}

/** A trial on a rung with one of its seeds. */
export interface Entry {
  readonly trial: number;
  /** Of its run. */
  readonly id: string;
}

/** A study's tuning, in its plan. */
export interface Tuning extends Protocol {
  readonly rows: readonly TunedRow[];
}

/** What a trial came to: its accuracy on the validation images in percent, or that it was set aside. */
export type Outcome = number | "failed";

/** The outcome of a run by its id; `undefined` for one that is not done. */
export type OutcomeOf = (id: string) => Outcome | undefined;

/** What comes next: a rung with these trials, or the final runs with what this trial drew. */
export type Step =
  | { readonly kind: "rung"; readonly trials: readonly number[] }
  | { readonly kind: "final"; readonly trial: number };

/**
 * The row's next step, a function of what its trials came to alone, so that every worker finds the same; `undefined` while some are not done, when the
 * final runs are planned, and where all trials of a rung failed.
 */
export function nextStep(row: TunedRow, outcomeOf: OutcomeOf): Step | undefined {
  const { entered, rungs, final, draws } = row;
  if (final.length > 0) return undefined;
  const next = rungs[entered.length];
  const last = entered.at(-1);
  if (!last) return { kind: "rung", trials: draws.map((_, trial) => trial) };
  if (!isSettled(last, outcomeOf)) return undefined;
  const [best, ...others] = ranked(last, outcomeOf);
  if (!best) return undefined;
  if (!next) return { kind: "final", trial: best.trial };
  return { kind: "rung", trials: [best, ...others].slice(0, next.trials).map(({ trial }) => trial) };
}

/** A trial with the mean accuracy of its seeds on the validation images. */
export interface RankedTrial {
  readonly trial: number;
  readonly accuracy: number;
}

/** The trials of a rung that did not fail with any seed, the most accurate first; of equal ones, that with the lower number. */
export function ranked(entries: readonly Entry[], outcomeOf: OutcomeOf): readonly RankedTrial[] {
  return [...new Set(entries.map(({ trial }) => trial))]
    .flatMap((trial) => {
      const outcomes = entries.flatMap((entry) => (entry.trial === trial ? [outcomeOf(entry.id)] : []));
      const accuracies = outcomes.filter((outcome) => typeof outcome === "number");
      return accuracies.length === outcomes.length ? [{ trial, accuracy: mean(accuracies) }] : [];
    })
    .toSorted((a, b) => b.accuracy - a.accuracy || a.trial - b.trial);
}

/** Runs that the row still plans: trials of the rungs to come, and the final ones; none where nothing can be chosen. */
export function runsToCome(row: TunedRow, { seeds }: Pick<Protocol, "seeds">, outcomeOf: OutcomeOf): number {
  const { entered, rungs, runs, final } = row;
  if (final.length > 0 || hasFailed(row, outcomeOf)) return 0;
  return rungs.slice(entered.length).reduce((sum, { trials }) => sum + trials * seeds.length, runs.length);
}

/** Whether all trials of its last rung failed, so that nothing can be chosen. */
export function hasFailed({ entered }: TunedRow, outcomeOf: OutcomeOf): boolean {
  const last = entered.at(-1) ?? [];
  return last.length > 0 && isSettled(last, outcomeOf) && ranked(last, outcomeOf).length === 0;
}

function isSettled(entries: readonly Entry[], outcomeOf: OutcomeOf): boolean {
  return entries.every(({ id }) => outcomeOf(id) !== undefined);
}

/** The runs of a step: each trial with each of the protocol's seeds, without a look at the test images, or the described runs with what was chosen. */
export function runsOfStep(row: TunedRow, step: Step, protocol: Protocol): readonly DescribedRun[] {
  const { runs, draws } = row;
  if (step.kind === "rung") return runs.slice(0, 1).flatMap((run) => trialRuns(row, run, step.trials, protocol));
  return runs.map((run) => ({ ...run, settings: withDraw(run.settings, draws[step.trial] ?? {}) }));
}

function trialRuns(
  { row, group, rungs, draws, inEpochs, entered }: TunedRow,
  run: DescribedRun,
  trials: readonly number[],
  { seeds, validation }: Protocol,
): readonly DescribedRun[] {
  const full = rungs.at(-1)?.epochs ?? 0;
  const epochs = rungs[entered.length]?.epochs ?? full;
  const named = [row, group].filter(Boolean).join(", ");
  const base = { ...shortened(run.settings, inEpochs, epochs, full), tested: false, validation };
  return trials.flatMap((trial) =>
    seeds.map((seed) => ({
      ...run,
      title: `${named}, trial ${trial + 1}, ${epochs} ${epochs === 1 ? "epoch" : "epochs"}${seeds.length > 1 ? `, seed ${seed}` : ""}`,
      role: "trial" as const,
      seed,
      settings: withDraw({ ...base, seed }, draws[trial] ?? {}),
    })),
  );
}
