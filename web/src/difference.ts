/** @file How much more often one network is right than another, about the same pictures, and whether that may be chance. */
import { pairedDifference, type PairedDifference } from "limbeck/report";
import { isTaught, type Lesson, type RunState } from "./lesson.ts";
import type { Gallery } from "./messages.ts";

/** Nothing before both were judged. */
export function difference(
  gallery: Gallery | undefined,
  run: RunState | undefined,
  other: RunState | undefined,
): PairedDifference | undefined {
  if (!gallery || !run?.judgement || !other?.judgement) return undefined;
  return pairedDifference(other.judgement.predictions, run.judgement.predictions, gallery.truths);
}

/** `+6.3` */
export function points(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)}`;
}

/** `−7.8 to +19.1` */
export function interval({ interval: [low, high] }: PairedDifference): string {
  return `${points(low)} to ${points(high)}`;
}

export function mayBeChance({ interval: [low, high] }: PairedDifference): boolean {
  return low <= 0 && high >= 0;
}

/** What came of a lesson: the best of the students that were taught, beside the student alone, and how far that can be trusted. */
export function conclusion({ runs, gallery }: Pick<Lesson, "runs" | "gallery">): string {
  const alone = runs.find(({ id }) => id === "alone");
  const taught = runs.filter((run) => isTaught(run) && run.judgement);
  const [best] = taught.toSorted((a, b) => (b.judgement?.accuracy ?? 0) - (a.judgement?.accuracy ?? 0));
  const found = difference(gallery, best, alone);
  if (!best?.judgement || !alone?.judgement || !found || !gallery) return "";
  const sentences = [
    `Of ${gallery.truths.length} test pictures, the student taught by ${best.title.toLowerCase()} gets ` +
      `${best.judgement.accuracy.toFixed(1)} % right, and alone ${alone.judgement.accuracy.toFixed(1)} %: ` +
      `${points(found.points)} points, with a 95 % interval of ${interval(found)}.`,
    mayBeChance(found) && "The interval holds 0, so the difference may be chance.",
    "Another seed gives other figures.",
    taught.length > 1 && `The best of ${taught.length} methods was picked on these pictures, which flatters it.`,
  ];
  return sentences.filter((sentence) => sentence !== false).join(" ");
}
