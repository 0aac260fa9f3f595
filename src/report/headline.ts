/** @file The result in a sentence, and how far it can be trusted. */
import {
  imagesMeasured,
  isAtChance,
  pairedDifference,
  type PairedDifference,
  type RunRecord,
} from "../experiment/index.ts";
import { checkPredictions, roles, type Roles } from "./comparison.ts";
import { commonestAnswer, largestShare } from "./class-balance.ts";
import { count, percent, points, pointsInterval } from "./format.ts";

export interface Headline {
  /** What was found. */
  readonly claim: string;
  /** Whether that is more than chance, and the comparison with the teacher; empty without a comparison. */
  readonly context: string;
  /** Why to be careful with it. */
  readonly caution: string;
}

/** A text whose first sentence is the claim. */
export function claimOf(text: string): Headline {
  const [claim = "", ...others] = text.split(/(?<=\.) (?=[A-Z])/);
  return { claim, context: others.join(" "), caution: "" };
}

/**
 * Text for people. Names the distilled students with the highest and the lowest test accuracy, and whether their differences are
 * more than these images can tell. `labels` are the true classes of the test images, `classes` the names of all. Throws ARGUMENT.
 */
export function headline(
  runs: readonly RunRecord[],
  seed: number,
  labels: ArrayLike<number>,
  classes: readonly string[] = [],
): Headline {
  for (const run of runs) checkPredictions(run, labels);
  const { teacher, alone, distilled } = roles(runs);
  const [best, ...others] = distilled.toSorted((a, b) => b.test.accuracy - a.test.accuracy);
  const worst = others.at(-1);
  const shown = best ?? alone ?? teacher;
  if (!shown) return { claim: "No run has finished.", context: "", caution: "" };
  const claim = best && worst ? bestAndWorst(best, worst, alone) : best && alone ? verdict(best, alone) : found(shown);
  const context = [
    ...(shown.measure === "agreement"
      ? [`${commonestAnswer(shown.test, classes[shown.test.largestClass.label])}.`]
      : []),
    balance([shown, worst, alone, teacher], classes),
    noBetter(runs.filter(({ epochs, test }) => epochs.length > 0 && isAtChance(test.predictions, labels))),
    ...(teacher && shown !== teacher ? [beside(shown, teacher, alone)] : []),
    ...(best ? [certainty({ teacher, best, worst, alone }, labels)] : []),
  ];
  return { claim, context: context.filter(Boolean).join(" "), caution: caution(shown, seed, distilled.length) };
}

function bestAndWorst(best: RunRecord, worst: RunRecord, alone: RunRecord | undefined): string {
  const against = (run: RunRecord): string => (alone ? ` (${points(run.test.accuracy - alone.test.accuracy)})` : "");
  return (
    `${best.title} did best with ${percent(best.test.accuracy)}${against(best)}; ` +
    `${worst.title} did worst with ${percent(worst.test.accuracy)}${against(worst)}` +
    (alone ? `; the student alone has ${percent(alone.test.accuracy)}.` : ".")
  );
}

function found(run: RunRecord): string {
  const share = `${percent(run.test.accuracy)} of the ${imagesMeasured(run)}`;
  return run.measure === "agreement"
    ? `${run.title} agrees with its teacher on ${share}.`
    : `${run.title}: ${share}${overClasses(run)}.`;
}

/** A remark about networks that learnt nothing. */
function noBetter(runs: readonly RunRecord[]): string {
  const [first, ...others] = runs.map(({ title }) => title);
  if (first === undefined) return "";
  const who = others.length === 0 ? `${first} is` : `${[first, ...others].join("; ")}: each is`;
  return (
    `${who} no better than guessing on these images: lower the learning rate, train for more epochs or on more images, or check that labels ` +
    "and images belong together."
  );
}

function overClasses({ test, ...run }: RunRecord): string {
  return largestShare(test, run) === undefined ? "" : `, ${percent(test.balancedAccuracy)} as the mean over classes`;
}

/** How far accuracies can be trusted where classes are unequal. */
function balance(runs: readonly (RunRecord | undefined)[], classes: readonly string[]): string {
  const [first, ...others] = [...new Set(runs)].filter((run) => run !== undefined);
  const share = first && largestShare(first.test, first, classes[first.test.largestClass.label]);
  if (!first || share === undefined) return "";
  if (others.length === 0) return `The ${share}.`;
  const means = [first, ...others].map(({ title, test }) => `${title} ${percent(test.balancedAccuracy)}`);
  return `The ${share}; as the mean over classes (balanced accuracy): ${means.join(", ")}.`;
}

function verdict(best: RunRecord, alone: RunRecord): string {
  const gain = best.test.accuracy - alone.test.accuracy;
  const [from, to] = [percent(alone.test.accuracy), percent(best.test.accuracy)];
  if (gain > 0) return `Distillation took the student from ${from} to ${to} (${points(gain)} points).`;
  if (gain === 0) return `Distillation changed nothing: ${to} with the teacher's help and without.`;
  return `Distillation did not help here: ${to}, and ${from} without a teacher (${points(gain)} points).`;
}

interface Compared extends Pick<Roles, "teacher" | "alone"> {
  readonly best: RunRecord;
  readonly worst: RunRecord | undefined;
}

/** What paired intervals say of the best's and the worst's difference from the student alone, or else from the teacher, and from each other. */
function certainty({ teacher, best, worst, alone }: Compared, labels: ArrayLike<number>): string {
  const base = alone ?? teacher;
  const name = alone ? "the student alone" : "the teacher";
  const between = (before: RunRecord, after: RunRecord): PairedDifference =>
    pairedDifference(before.test.predictions, after.test.predictions, labels);
  const findings: readonly (readonly [what: string, difference: PairedDifference])[] = [
    ...(base ? [[`${best.title} differs from ${name}`, between(base, best)] as const] : []),
    ...(base && worst ? [[`${worst.title} from it`, between(base, worst)] as const] : []),
    ...(worst ? [["the best from the worst", between(worst, best)] as const] : []),
  ];
  if (findings.length === 0) return "";
  const texts = findings.map(
    ([what, { interval }]) =>
      `${what} by ${pointsInterval(interval)}${isChance(interval) ? " (perhaps not at all)" : ""}`,
  );
  return `In points, by paired 95 % intervals on the same ${count(labels.length)} images (Agresti and Min): ${texts.join("; ")}.`;
}

function isChance([low, high]: PairedDifference["interval"]): boolean {
  return low <= 0 && high >= 0;
}

function beside(student: RunRecord, teacher: RunRecord, alone: RunRecord | undefined): string {
  const smaller = teacher.parameters / student.parameters;
  const size = smaller > 1.05 ? ` with ${smaller.toFixed(1)} times fewer parameters` : "";
  const reached = `${student.title} reaches ${percent(student.test.accuracy)}${size}; the teacher has ${percent(teacher.test.accuracy)}.`;
  if (!alone || alone === student) return reached;
  const gap = teacher.test.accuracy - alone.test.accuracy;
  const closed = (student.test.accuracy - alone.test.accuracy) / gap;
  if (gap <= 0) return `${reached} The teacher was no better than the student alone.`;
  if (closed <= 0) return reached;
  return `${reached} It closes ${closed >= 1 ? "the whole gap" : `${Math.round(closed * 100)}% of the gap`} between student and teacher.`;
}

function caution(run: RunRecord, seed: number, methods: number): string {
  const [low, high] = run.test.interval;
  const reach = (high - low) / 2;
  const sentences = [
    `One seed (${seed}) proves little: another moves such figures by about as much as methods differ.`,
    `${count(run.test.count)} ${imagesMeasured(run)} alone leave ±${reach.toFixed(1)} points of doubt about each ${run.measure ?? "accuracy"}.`,
  ];
  if (methods > 1) sentences.push(`The best of ${methods} was picked on those same images, which flatters it.`);
  if (run.measuredOn)
    sentences.push(
      "They are the validation images: where these chose an epoch or a setting, they flatter it; the test images were not looked at.",
    );
  return sentences.join(" ");
}
