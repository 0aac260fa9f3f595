/** @file What a comparison found, in plain sentences that claim no more than its seeds can tell. */
import { count, percent, points } from "../../report/index.ts";
import { isBeyondNoise, type ComparedRow, type RowGain } from "./comparison.ts";

interface Method {
  readonly title: string;
  readonly gain: RowGain;
}

/**
 * How many methods are better than noise (Holm's adjusted p below 5 %), and the largest gain with its seeds. One seed, or gains that are equal
 * with all seeds, show no noise: then nothing is claimed.
 */
export function studyHeadline(rows: readonly ComparedRow[]): string {
  const methods = rows.flatMap(({ title, gain }): Method[] => (gain ? [{ title, gain }] : []));
  const [first, ...others] = methods.toSorted((a, b) => b.gain.mean - a.gain.mean);
  if (!first) return withoutGains(rows);
  if (others.length === 0) return alone(first);
  const best = methods.every(({ gain }) => gain.n === 1)
    ? `The largest gain is that of ${first.title}, ${measured(first)}.`
    : alone(first, first.gain.mean > 0 ? "The largest gain is that of" : "The best of them is");
  return `${tally(methods)} ${best}`;
}

/** `3 of 12 methods are better than noise.` */
function tally(methods: readonly Method[]): string {
  const found = methods.filter(({ gain }) => isBeyondNoise(gain));
  const better = found.filter(({ gain }) => gain.mean > 0).length;
  const worse = found.length - better;
  if (methods.every(({ gain }) => gain.n === 1))
    return `One seed cannot tell the gains of these ${methods.length} methods from noise.`;
  const counted =
    better === 0 ? `None of ${methods.length} methods is` : `${better} of ${methods.length} methods ${are(better)}`;
  return `${counted} better than noise${worse === 0 ? "" : `, and ${worse} ${are(worse)} worse than the student alone`}.`;
}

/** What one gain is worth. `start` replaces the subject of a sentence about the only method. */
function alone({ title, gain }: Method, start?: string): string {
  const subject = start ? `${start} ${title},` : `The gain of ${title} over the student alone,`;
  const size = `${subject} ${measured({ title, gain })}`;
  const is = start ? "; it is" : ", is";
  if (gain.n === 1) return `${size}: one seed cannot tell it from noise.`;
  if (gain.adjustedP === undefined)
    return gain.mean === 0
      ? `${title} has the accuracy of the student alone with each of ${gain.n} seeds.`
      : `${size}${is} the same with each seed; that shows no noise to compare it with, and proves nothing.`;
  const p = `p ${gain.adjustedP < 0.001 ? probability(gain.adjustedP) : `= ${probability(gain.adjustedP)}`}`;
  if (isBeyondNoise(gain))
    return start
      ? `${size} (${p}).`
      : `${size}${is} ${gain.mean > 0 ? "more than noise" : "a loss beyond noise"} (${p}).`;
  const needed = gain.seedsNeeded;
  const seeds = needed === undefined ? "" : `; about ${count(needed)} seeds would show a difference of this size`;
  return `${size}${is} within noise (${p})${seeds}.`;
}

/** `+0.40 points over 3 seeds` */
function measured({ gain }: Method): string {
  return `${points(gain.mean)} points over ${gain.n} ${gain.n === 1 ? "seed" : "seeds"}`;
}

function withoutGains(rows: readonly ComparedRow[]): string {
  const students = rows.filter(({ isTeacher }) => !isTeacher);
  const [best] = students.toSorted((a, b) => b.accuracy.mean - a.accuracy.mean);
  if (!best) return "No student has finished.";
  const found = `${best.title} has ${percent(best.accuracy.mean)}, n = ${best.accuracy.n}.`;
  if (best.isBaseline && students.length === 1) return `Only the student alone has finished: ${found}`;
  const why = rows.some(({ isBaseline }) => isBaseline)
    ? "No other student shares a seed with the student alone"
    : "The student alone is not among these runs";
  return `${why}, so no gain is known. The highest mean accuracy: ${found}`;
}

/** `0.012`, `< 0.001`: p values as tables and sentences show them. */
export function probability(p: number): string {
  return p < 0.001 ? "< 0.001" : p.toFixed(3);
}

function are(count: number): string {
  return count === 1 ? "is" : "are";
}
