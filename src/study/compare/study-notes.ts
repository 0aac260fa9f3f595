/** @file What a reader of the table has to know. */
import type { ComparedRow } from "./comparison.ts";

/** A sentence for each thing that limits what the rows say; the way in which they were computed last. */
export function studyNotes(rows: readonly ComparedRow[], resamples: number): readonly string[] {
  const gains = rows.flatMap(({ gain }) => gain ?? []);
  const tested = gains.filter(({ p }) => p !== undefined).length;
  return [
    ...mixedEngines(rows),
    ...singleSeeds(rows),
    ...unshared(rows),
    ...(gains.length > 1
      ? ["The largest gain was picked on the same test images that measured it, which flatters it."]
      : []),
    ...(tested > 0
      ? [
          `Gains are paired by seed. Intervals are Student's, 95 %; p values are of paired t tests, two-sided${tested > 1 ? `, adjusted for ${tested} comparisons (Holm)` : ""}.`,
        ]
      : []),
    ...(gains.some(({ bootstrap }) => bootstrap)
      ? [`Bootstrap intervals, 95 %, draw both seeds and test images anew, ${resamples} times.`]
      : []),
  ];
}

function mixedEngines(rows: readonly ComparedRow[]): string[] {
  const engines = [...new Set(rows.flatMap(({ engines }) => engines))];
  if (engines.length < 2) return [];
  return [
    `Runs of different engines are in this table (${engines.join("; ")}): accuracies may differ by rounding, and times cannot be compared.`,
  ];
}

function singleSeeds(rows: readonly ComparedRow[]): string[] {
  const single = rows.filter(({ accuracy, isTeacher }) => accuracy.n === 1 && !isTeacher);
  if (single.length === 0) return [];
  return [`${names(single)}: one seed shows neither a deviation nor an interval.`];
}

/** Rows whose gain leaves out some of their own seeds. */
function unshared(rows: readonly ComparedRow[]): string[] {
  if (!rows.some(({ isBaseline }) => isBaseline)) return [];
  const partly = rows.filter(
    ({ seeds, gain, isBaseline, isTeacher }) => !isBaseline && !isTeacher && (gain?.seeds.length ?? 0) < seeds.length,
  );
  if (partly.length === 0) return [];
  return [
    `${names(partly)}: the student alone lacks some of these seeds; they count in the mean accuracy, not in the gain.`,
  ];
}

/** The first three titles, and how many more there are. */
function names(rows: readonly ComparedRow[]): string {
  const shown = rows.slice(0, 3).map(({ title }) => title);
  const more = rows.length - shown.length;
  return shown.join("; ") + (more > 0 ? ` and ${more} more` : "");
}
