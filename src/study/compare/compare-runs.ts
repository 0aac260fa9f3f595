/** @file Runs of a study side by side: one row a cell, its gain over the student alone, and what that is worth. */
import { mean } from "../../statistics.ts";
import {
  bootstrapGain,
  drawImages,
  holm,
  interquartileMean,
  pairedGain,
  probabilityOfImprovement,
  seedsNeeded,
  summarise,
  type Bounds,
  type ImageDraws,
  type PairedGain,
} from "../statistics/index.ts";
import { groupRuns, type ComparedRun } from "./compared-run.ts";
import { curveOf } from "./curves.ts";
import type { ComparedRow, RowGain, StudyComparison } from "./comparison.ts";
import { studyHeadline } from "./study-headline.ts";
import { studyNotes } from "./study-notes.ts";

/** Rows up to which each is compared with each: of more nobody reads the pairs, whose number grows as the square. */
const MOST_PAIRED = 100;

/** How to compare. */
export interface CompareOptions {
  /** Samples of each bootstrap, default 1000, and 200 for more than 1000 runs; 0 for none. */
  readonly resamples?: number;
}

/**
 * One row for each cell, in the order in which the runs name them. Accuracies are summarised over seeds; gains are paired with the student alone
 * on the seeds that both have, and their p values adjusted by Holm for all rows. See the functions of statistics for formulas. The same runs
 * give the same result. Throws ARGUMENT for a seed twice in a row, several students alone, runs of different test images, and numbers that are none.
 */
export function compareRuns(
  runs: readonly ComparedRun[],
  { resamples = runs.length > 1000 ? 200 : 1000 }: CompareOptions = {},
): StudyComparison {
  const groups = [...groupRuns(runs).values()];
  const baseline = groups.find(([first]) => first?.isBaseline);
  const images = runs.find(({ correct }) => correct)?.correct?.length ?? 0;
  // The same for all rows: drawn anew for each, they would take nearly all of the time.
  const draws = baseline && resamples > 0 && images > 0 ? drawImages(images, resamples) : undefined;
  const measured = groups.map((own) =>
    baseline && own !== baseline && !own[0]?.isTeacher ? gainOver(own, baseline, draws) : undefined,
  );
  const isPaired = groups.length <= MOST_PAIRED;
  const adjusted = holm(measured.map((gain) => gain?.p));
  const rows = groups.flatMap((own, i) => {
    const gain = measured[i];
    return comparedRow(own, gain && { ...gain, adjustedP: adjusted[i] });
  });
  return {
    rows,
    gains: isPaired ? pairwise(groups) : [],
    headline: studyHeadline(rows),
    notes: [
      ...studyNotes(rows, resamples),
      ...(isPaired ? [] : [`Gains of rows over each other are left out above ${MOST_PAIRED} rows.`]),
    ],
  };
}

function comparedRow(runs: readonly ComparedRun[], gain: RowGain | undefined): ComparedRow[] {
  const accuracies = runs.map(({ accuracy }) => accuracy);
  const timed = runs.flatMap(({ latency }) => (latency === undefined ? [] : [latency]));
  return runs.slice(0, 1).map(({ row, title, isBaseline, isTeacher, parameters, multiplyAdds }) => ({
    row,
    title,
    isBaseline,
    isTeacher,
    seeds: runs.map(({ seed }) => seed),
    accuracy: summarise(accuracies),
    accuracies,
    interquartileMean: interquartileMean(accuracies),
    gain,
    parameters,
    multiplyAdds,
    bytes: mean(runs.map(({ bytes }) => bytes)),
    seconds: mean(runs.map(({ seconds }) => seconds)),
    latency: timed.length === 0 ? undefined : mean(timed),
    engines: [...new Set(runs.flatMap(({ engine }) => engine ?? []))],
    tuned: undefined,
    curves: { labelLoss: curveOf(runs, "labelLoss"), validationAccuracy: curveOf(runs, "validationAccuracy") },
  }));
}

type Pair = readonly [run: ComparedRun, other: ComparedRun];

function gainOver(
  runs: readonly ComparedRun[],
  baseline: readonly ComparedRun[],
  draws: ImageDraws | undefined,
): Omit<RowGain, "adjustedP"> | undefined {
  const pairs = bySeed(runs, baseline);
  const gain = pairedAccuracies(pairs);
  if (!gain) return undefined;
  return {
    ...gain,
    seeds: pairs.map(([{ seed }]) => seed),
    each: pairs.map(([own, other]) => own.accuracy - other.accuracy),
    bootstrap: draws && bootstrapOf(pairs, draws),
    probabilityOfImprovement: probabilityOfImprovement(
      pairs.map(([{ accuracy }]) => accuracy),
      pairs.map(([, { accuracy }]) => accuracy),
    ),
    seedsNeeded: gain.deviation === undefined ? undefined : seedsNeeded(gain.mean, gain.deviation),
  };
}

function bootstrapOf(pairs: readonly Pair[], draws: ImageDraws): Bounds | undefined {
  const flagged = pairs.flatMap(([{ correct }, other]) =>
    correct && other.correct ? [[correct, other.correct] as const] : [],
  );
  if (flagged.length < pairs.length) return undefined;
  return bootstrapGain(
    flagged.map(([own]) => own),
    flagged.map(([, other]) => other),
    { draws },
  );
}

/** The runs of the seeds that both have. */
function bySeed(runs: readonly ComparedRun[], others: readonly ComparedRun[]): readonly Pair[] {
  const found = new Map(others.map((other) => [other.seed, other]));
  return runs.flatMap((run) => {
    const other = found.get(run.seed);
    return other ? [[run, other] as const] : [];
  });
}

function pairedAccuracies(pairs: readonly Pair[]): PairedGain | undefined {
  if (pairs.length === 0) return undefined;
  return pairedGain(
    pairs.map(([{ accuracy }]) => accuracy),
    pairs.map(([, { accuracy }]) => accuracy),
  );
}

function pairwise(groups: readonly (readonly ComparedRun[])[]): StudyComparison["gains"] {
  return groups.map((runs, i) => groups.slice(0, i).map((others) => pairedAccuracies(bySeed(runs, others))));
}
