/** @file The runs side by side: who plays which part, what each gained, and the table for a terminal or a Markdown page. */
import { aNumber, aString, checkArguments, having, listOf, optional, type Kind } from "../arguments.ts";
import type { Interval, RunRecord } from "../experiment/record.ts";
import { printable } from "../printable.ts";
import { bytes, count, duration, percent, points } from "./format.ts";

/** The parts that runs play in a comparison. */
export interface Roles {
  readonly teacher: RunRecord | undefined;
  /** The student trained by cross entropy alone. */
  readonly alone: RunRecord | undefined;
  readonly distilled: readonly RunRecord[];
}

/** One line of the comparison. */
export interface Row {
  readonly name: string;
  readonly title: string;
  readonly method: string;
  /** Percent of the test images. */
  readonly accuracy: number;
  /** Percent; see `Evaluation`. */
  readonly interval: Interval;
  /** Points above the student alone; only for distilled students beside one. */
  readonly gain: number | undefined;
  readonly parameters: number;
  readonly bytes: number;
  /** Training, and computing the teacher's outputs beforehand. */
  readonly seconds: number;
}

/** Of a teacher that is several, and of assistants between teacher and student, none is a student. */
const NO_STUDENT = /^(teacher|assistant)(-\d+)?$/;

/** The run named `teacher`, the student trained by plain cross entropy, and those distilled by a method. */
export function roles(runs: readonly RunRecord[]): Roles {
  const students = runs.filter(({ name }) => !NO_STUDENT.test(name));
  return {
    teacher: runs.find(({ name }) => name === "teacher"),
    alone: students.find(({ method }) => method === "ce"),
    distilled: students.filter(({ method }) => method !== "ce"),
  };
}

/** For `checkArguments`. */
export const aRun: Kind = having("a run's record", {
  name: aString,
  title: aString,
  method: aString,
  parameters: aNumber,
  bytes: aNumber,
  seconds: aNumber,
  teacherSeconds: aNumber,
  test: having("an evaluation", { accuracy: aNumber, correct: aNumber, count: aNumber }),
});
const aRow = having("a row", {
  title: aString,
  accuracy: aNumber,
  gain: optional(aNumber),
  parameters: aNumber,
  bytes: aNumber,
  seconds: aNumber,
});

/** The finished runs, one a row: how well each classifies, and what it gained over the student alone. Throws ARGUMENT. */
export function comparison(runs: readonly RunRecord[]): readonly Row[] {
  checkArguments("comparison", { runs: [runs, listOf(aRun)] });
  const { alone, distilled } = roles(runs);
  return runs.map((run) => ({
    name: run.name,
    title: run.title,
    method: run.method,
    accuracy: run.test.accuracy,
    interval: run.test.interval,
    gain: alone && distilled.includes(run) ? run.test.accuracy - alone.test.accuracy : undefined,
    parameters: run.parameters,
    bytes: run.bytes,
    seconds: run.seconds + run.teacherSeconds,
  }));
}

/** Aligned columns for a terminal: names to the left, numbers to the right; where it is narrow, without the last ones. */
export function terminalTable(rows: readonly Row[], columns = Infinity): string {
  checkArguments("terminalTable", { rows: [rows, listOf(aRow)] });
  const lines = [headings, ...rows.map(cells)];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  while (widths.length > 2 && widths.reduce((sum, width) => sum + width + 2, -2) > columns) widths.pop();
  return lines
    .map((line) =>
      widths
        .map((width, column) => (column === 0 ? line[column]?.padEnd(width) : line[column]?.padStart(width)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export function markdownTable(rows: readonly Row[]): string {
  checkArguments("markdownTable", { rows: [rows, listOf(aRow)] });
  const line = (parts: readonly string[]): string => `| ${parts.join(" | ")} |`;
  const escape = (text: string): string => text.replaceAll(/[\\|]/g, "\\$&").replaceAll(/\s+/g, " ");
  return [
    line(headings),
    line(headings.map((_, column) => (column === 0 ? "---" : "---:"))),
    ...rows.map((row) => line(cells(row).map(escape))),
  ].join("\n");
}

const headings = ["Run", "Test accuracy", "Gain", "Parameters", "Size", "Time"];

function cells(row: Row): readonly string[] {
  return [
    printable(row.title),
    percent(row.accuracy),
    row.gain === undefined ? "" : points(row.gain),
    count(row.parameters),
    bytes(row.bytes),
    duration(row.seconds),
  ];
}
