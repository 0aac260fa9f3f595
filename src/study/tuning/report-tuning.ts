/** @file How the settings of a study were chosen, in sentences and row by row. */
import type { Draw } from "./draw.ts";
import {
  hasFailed,
  nextStep,
  ranked,
  runsToCome,
  type Entry,
  type OutcomeOf,
  type TunedRow,
  type Tuning,
} from "./tuned-row.ts";
import { optionName } from "./trial-settings.ts";

/** What was chosen for a row, and at what cost. */
export interface RowTuning {
  readonly group: string;
  readonly row: string;
  /** Settings that were tried. */
  readonly trials: number;
  /** That each was tried with. */
  readonly seeds: readonly number[];
  /** Trials of all rungs that were set aside, with one seed or more. */
  readonly failed: number;
  /** Of all trials of all rungs so far. */
  readonly epochs: number;
  /** Whether all trials of a rung failed, so that the row has no final runs. */
  readonly hasFailed: boolean;
  /** Runs that are not planned yet, since they depend on trials. */
  readonly toCome: number;
  /** The settings of the final runs; `undefined` before they are chosen. */
  readonly chosen: Draw | undefined;
  /** The number of the trial that drew them, from 1; the first has the described ones. */
  readonly trial: number | undefined;
  /** Of that trial at full length, in percent: the mean of its seeds. */
  readonly validationAccuracy: number | undefined;
}

/** How a study's settings were chosen. */
export interface StudyTuning {
  /** For a report's page of methods, a sentence each. */
  readonly protocol: readonly string[];
  readonly rows: readonly RowTuning[];
}

/** The protocol as sentences, and what it chose for each row. */
export function reportTuning(tuning: Tuning, outcomeOf: OutcomeOf): StudyTuning {
  return { protocol: protocolSentences(tuning), rows: tuning.rows.map((row) => reportRow(row, tuning, outcomeOf)) };
}

function reportRow(row: TunedRow, { seeds }: Tuning, outcomeOf: OutcomeOf): RowTuning {
  const { entered, rungs, draws, described } = row;
  const step = nextStep({ ...row, final: [] }, outcomeOf);
  const best = step?.kind === "final" ? ranked(entered.at(-1) ?? [], outcomeOf)[0] : undefined;
  return {
    group: row.group,
    row: row.row,
    trials: draws.length,
    seeds,
    failed: entered.reduce((sum, entries) => sum + failedIn(entries, outcomeOf), 0),
    epochs: entered.reduce((sum, entries, i) => sum + entries.length * (rungs[i]?.epochs ?? 0), 0),
    hasFailed: hasFailed(row, outcomeOf),
    toCome: runsToCome(row, { seeds }, outcomeOf),
    chosen: best && { ...described, ...draws[best.trial] },
    trial: best && best.trial + 1,
    validationAccuracy: best?.accuracy,
  };
}

function failedIn(entries: readonly Entry[], outcomeOf: OutcomeOf): number {
  return new Set(entries.flatMap(({ trial, id }) => (outcomeOf(id) === "failed" ? [trial] : []))).size;
}

/** What was done for every row alike. */
function protocolSentences({ trials, halving, validation, seeds, holdsOut, rows }: Tuning): readonly string[] {
  const rungs = [
    ...new Set(rows.map((row) => row.rungs.map((rung) => `${rung.trials} of ${epochsOf(rung.epochs)}`).join(", "))),
  ];
  const names = [...new Set(rows.flatMap(({ described }) => Object.keys(described)))];
  const held = typeof validation === "string" ? validation : String(validation);
  return [
    `Settings were chosen on validation images, ${held} of the training images: ${trials} trials for each row, the student alone among them; the first has the described settings, the others are drawn at random.`,
    `Searched: ${names.map(settingName).join(", ")}; each row those that it has.`,
    rungs.length === 1 && rows[0]?.rungs.length === 1
      ? `All trials have the full ${epochsOf(rows[0].rungs[0]?.epochs ?? 0)}.`
      : `Successive halving: one trial in ${halving} goes on, trained anew with more epochs (${rungs.join("; or ")}).`,
    `${trialSeeds(seeds)} never look at the test images. The best on the validation images is trained anew with the table's seeds, ${
      holdsOut
        ? "without the validation images, which the study holds out"
        : "on all training images, the validation images among them"
    }, and these runs alone look at the test images.`,
    "Teachers are not tuned; one that was trained on the same images knows the validation images, in all taught rows alike.",
  ];
}

/** `Trials have seed 0 and`; with several seeds, what they are for. */
function trialSeeds(seeds: readonly number[]): string {
  return seeds.length === 1
    ? `Trials have seed ${seeds[0]} and`
    : `Each trial is trained with the seeds ${seeds.join(", ")}, and its mean accuracy counts. Trials`;
}

/** What a reader has to know of each row: what was chosen, and what failed. */
export function rowNotes(rows: readonly RowTuning[]): readonly string[] {
  return rows.flatMap(({ row, trials, failed, hasFailed: isOut, chosen, trial, validationAccuracy }) => [
    ...(isOut ? [`${row}: all of its trials failed, so no settings could be chosen, and it is not in the table.`] : []),
    ...(failed > 0 && !isOut ? [`${row}: ${failed} of its trials failed and count as the worst.`] : []),
    ...(chosen && validationAccuracy !== undefined
      ? [
          `${row}: ${settingsText(chosen)}${trial === 1 ? ", as described" : ""} (${validationAccuracy.toFixed(2)}% of the validation images, the best of ${trials} trials).`,
        ]
      : []),
  ]);
}

/** `learning rate 0.0023, temperature 3.1` */
export function settingsText(chosen: Draw): string {
  return Object.entries(chosen)
    .map(([name, value]) => `${settingName(name)} ${Number(value.toPrecision(3))}`)
    .join(", ");
}

function settingName(name: string): string {
  return { learningRate: "learning rate", weightDecay: "weight decay" }[name] ?? optionName(name);
}

function epochsOf(epochs: number): string {
  return epochs === 1 ? "1 epoch" : `${epochs} epochs`;
}
