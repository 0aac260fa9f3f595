/** @file The gains of students over each other, as a square. */
import { holm } from "../statistics/index.ts";
import { points } from "../../report/index.ts";
import { oneLine } from "../../printable.ts";
import type { StudyComparison } from "./comparison.ts";

/** A cell: its row less its column. */
export interface MatrixCell {
  /** Points. */
  readonly points: number;
  /** Seeds that both have. */
  readonly n: number;
  /** Whether Holm's p, over all pairs of the matrix, is below 0.05. */
  readonly isBeyondNoise: boolean;
}

/** Students in the order of their rows, and each one's gains over every other. */
export interface GainMatrix {
  readonly titles: readonly string[];
  readonly cells: readonly (readonly (MatrixCell | undefined)[])[];
}

/** Nothing of fewer than three students, whose gains are in the table, and of more rows than `compareRuns` pairs. */
export function gainMatrix({ rows, gains }: StudyComparison): GainMatrix | undefined {
  const students = rows.flatMap(({ title, isTeacher }, i) => (isTeacher ? [] : [{ title, i }]));
  if (students.length < 3 || gains.length === 0) return undefined;
  const pairs = students.flatMap(({ i }) =>
    students.filter((other) => other.i < i).map((other) => gains[i]?.[other.i]),
  );
  const p = holm(pairs.map((gain) => gain?.p));
  const adjusted = new Map(pairs.map((gain, at) => [gain, p[at]]));
  const cell = (i: number, j: number): MatrixCell | undefined => {
    const gain = i > j ? gains[i]?.[j] : gains[j]?.[i];
    if (i === j || !gain) return undefined;
    const isBeyondNoise = (adjusted.get(gain) ?? 1) < 0.05;
    return { points: i > j ? gain.mean : -gain.mean, n: gain.n, isBeyondNoise };
  };
  return {
    titles: students.map(({ title }) => title),
    cells: students.map(({ i }) => students.map((other) => cell(i, other.i))),
  };
}

/** Students whose matrix a terminal or a page of text has room for. */
const MOST_IN_TEXT = 12;

/** What the numbers of `matrixLines` are. */
export const matrixCaption =
  "Points by which a row is above a column, on the seeds that both have; * beyond noise, adjusted for all pairs (Holm):";

/** Headings and a line for each student, the columns numbered; nothing where there is no matrix, or it is too wide. */
export function matrixLines(comparison: StudyComparison): readonly (readonly string[])[] | undefined {
  const matrix = gainMatrix(comparison);
  if (!matrix || matrix.titles.length > MOST_IN_TEXT) return undefined;
  const { titles, cells } = matrix;
  return [
    ["Run", ...titles.map((_, i) => String(i + 1))],
    ...titles.map((title, i) => [`${i + 1} ${oneLine(title)}`, ...(cells[i] ?? []).map(cellText)]),
  ];
}

function cellText(cell: MatrixCell | undefined): string {
  return cell ? `${points(cell.points)}${cell.isBeyondNoise ? "*" : ""}` : "";
}
