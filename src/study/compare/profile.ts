/** @file Performance profiles: how much of a row's runs reaches which score. */
import { performanceProfile } from "../statistics/index.ts";
import type { StudyComparison } from "./comparison.ts";

/** Runs of a row from which on a distribution says more than mean and deviation. */
const FEWEST = 5;
/** Thresholds at most: finer than a screen shows. */
const MOST = 200;

/** The share of each row's runs above each threshold (Agarwal et al. 2021). */
export interface Profile {
  /** In the unit of the scores. */
  readonly thresholds: readonly number[];
  readonly rows: readonly { readonly title: string; readonly n: number; readonly shares: readonly number[] }[];
}

/** Scores of one row, or of one method over several comparisons. */
export interface Scored {
  readonly title: string;
  readonly scores: readonly number[];
}

/** Of the rows with five runs or more; `undefined` where there are fewer than two such rows. */
export function profileOf(rows: readonly Scored[]): Profile | undefined {
  const enough = rows.filter(({ scores }) => scores.length >= FEWEST);
  if (enough.length < 2) return undefined;
  const all = [...new Set(enough.flatMap(({ scores }) => scores))].toSorted((a, b) => a - b);
  const stride = Math.ceil(all.length / MOST);
  const thresholds = all.filter((_, i) => i % stride === 0 || i === all.length - 1);
  return {
    thresholds,
    rows: enough.map(({ title, scores }) => ({
      title,
      n: scores.length,
      shares: performanceProfile(scores, thresholds),
    })),
  };
}

/** Of the accuracies of the students of a comparison. */
export function accuracyProfile({ rows }: StudyComparison): Profile | undefined {
  return profileOf(
    rows.filter(({ isTeacher }) => !isTeacher).map(({ title, accuracies }) => ({ title, scores: accuracies })),
  );
}

/** Of gains over the student alone, a method's over all comparisons: accuracies on different images have no common scale. */
export function gainProfile(comparisons: readonly StudyComparison[]): Profile | undefined {
  if (comparisons.length < 2) return undefined;
  const scores = new Map<string, number[]>();
  for (const { title, gain } of comparisons.flatMap(({ rows }) => rows))
    if (gain) scores.set(title, [...(scores.get(title) ?? []), ...gain.each]);
  return profileOf([...scores].map(([title, own]) => ({ title, scores: own })));
}
