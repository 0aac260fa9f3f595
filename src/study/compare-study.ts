/** @file A study's finished runs compared: students with the same data, network and recipe beside each other. */
import { compareRuns, type ComparedRun, type StudyComparison } from "./compare/index.ts";
import type { DescribedRun } from "./expand.ts";
import { rowNotes, type StudyTuning } from "./tuning/report-tuning.ts";
import { correctOf, type Figures, type RunSummary } from "./summary.ts";

/** A run of a study that is done. */
export interface FinishedRun {
  readonly run: Pick<DescribedRun, "task" | "group" | "row" | "role" | "teacherTitle">;
  readonly summary: RunSummary;
}

/** Runs that can be compared, and what that showed. */
export interface GroupComparison {
  /** What they share, where a study has several such groups; else empty. */
  readonly group: string;
  /** The data set, where a study has several: accuracies of groups with the same one can be compared. */
  readonly task: string;
  readonly comparison: StudyComparison;
  /** How the settings of its rows were chosen, where the study tunes. */
  readonly tuning?: StudyTuning | undefined;
}

/**
 * One comparison for each group, in the order of the runs, with what was chosen for each row where the study tunes; trials are left out. Throws
 * ARGUMENT as `compareRuns`.
 */
export function compareStudy(finished: readonly FinishedRun[], tuning?: StudyTuning): readonly GroupComparison[] {
  const students = finished.filter(({ run }) => run.role !== "teacher" && run.role !== "trial");
  return [...new Set([...students.map(({ run }) => run), ...(tuning?.rows ?? [])].map(({ group }) => group))].map(
    (group) => {
      const runs = students.filter(({ run }) => run.group === group);
      const comparison = compareRuns([...teachersOf(runs), ...runs.map(studentRun)]);
      const task = runs[0]?.run.task ?? "";
      if (!tuning) return { group, task, comparison };
      const own = { ...tuning, rows: tuning.rows.filter((row) => row.group === group) };
      return { group, task, comparison: withTuning(comparison, own), tuning: own };
    },
  );
}

function withTuning(comparison: StudyComparison, { protocol, rows }: StudyTuning): StudyComparison {
  return {
    ...comparison,
    rows: comparison.rows.map((each) => ({ ...each, tuned: rows.find(({ row }) => row === each.row) })),
    notes: [...comparison.notes, ...protocol, ...rowNotes(rows)],
  };
}

function studentRun({ run, summary }: FinishedRun): ComparedRun {
  const { seed, engine, epochs } = summary;
  return {
    ...comparedFigures(summary, run.row),
    seed,
    engine,
    epochs,
    isBaseline: run.role === "alone",
    isTeacher: false,
  };
}

function comparedFigures(figures: Figures, row: string) {
  const { accuracy, parameters, multiplyAdds, bytes, seconds } = figures;
  return { row, title: row, accuracy, parameters, multiplyAdds, bytes, seconds, correct: correctOf(figures) };
}

/** Each teacher once, however many learned from it. */
function teachersOf(runs: readonly FinishedRun[]): readonly ComparedRun[] {
  const teachers = new Map<string, ComparedRun>();
  for (const { run, summary } of runs) {
    const { teacher, seed } = summary;
    const title = run.teacherTitle ?? "teacher";
    if (!teacher || teachers.has(title)) continue;
    teachers.set(title, { ...comparedFigures(teacher, title), seed, isBaseline: false, isTeacher: true });
  }
  return [...teachers.values()];
}
