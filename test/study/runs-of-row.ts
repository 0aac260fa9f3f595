/** @file Runs to compare in tests. */
import type { ComparedRun } from "../../src/study/compare/index.ts";

/** Runs of a row, with seeds from 1 on. */
export function runsOfRow(row: string, accuracies: readonly number[], rest: Partial<ComparedRun> = {}): ComparedRun[] {
  return accuracies.map((accuracy, i) => ({
    row,
    title: row,
    seed: i + 1,
    accuracy,
    parameters: 267_738,
    bytes: 1_071_000,
    seconds: 60,
    isBaseline: row === "ce",
    isTeacher: row === "teacher",
    ...rest,
  }));
}
