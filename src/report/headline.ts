/** @file The result in a sentence, and how far it can be trusted. */
import { aNumber, checkArguments, listOf } from "../arguments.ts";
import type { RunRecord } from "../experiment/record.ts";
import { aRun, roles } from "./comparison.ts";
import { count, percent, points } from "./format.ts";

export interface Headline {
  /** What was found. */
  readonly claim: string;
  /** The comparison with the teacher; empty without one. */
  readonly context: string;
  /** Why to be careful with it. */
  readonly caution: string;
}

/** Text for people. Chooses the distilled student with the highest test accuracy, and says so. */
export function headline(runs: readonly RunRecord[], seed: number): Headline {
  checkArguments("headline", { runs: [runs, listOf(aRun)], seed: [seed, aNumber] });
  const { teacher, alone, distilled } = roles(runs);
  const best = distilled.toSorted((a, b) => b.test.accuracy - a.test.accuracy)[0];
  const shown = best ?? alone ?? teacher;
  if (!shown) return { claim: "No run has finished.", context: "", caution: "" };
  return {
    claim: best && alone ? verdict(best, alone) : `${shown.title}: ${percent(shown.test.accuracy)} of the test images.`,
    context: teacher && shown !== teacher ? beside(shown, teacher, alone) : "",
    caution: caution(shown, seed, distilled.length),
  };
}

function verdict(best: RunRecord, alone: RunRecord): string {
  const gain = best.test.accuracy - alone.test.accuracy;
  const [from, to] = [percent(alone.test.accuracy), percent(best.test.accuracy)];
  if (gain > 0) return `Distillation took the student from ${from} to ${to} (${points(gain)} points).`;
  if (gain === 0) return `Distillation changed nothing: ${to} with the teacher's help and without.`;
  return `Distillation did not help here: ${to} at best, ${from} without a teacher (${points(gain)} points).`;
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
    `${count(run.test.count)} test images alone leave ±${reach.toFixed(1)} points of doubt about each accuracy.`,
  ];
  if (methods > 1) sentences.push(`The best of ${methods} was picked on those same images, which flatters it.`);
  return sentences.join(" ");
}
