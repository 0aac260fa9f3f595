/** @file The runs of one experiment with several seeds, compared as a study's are. */
import type { RunRecord } from "../experiment/index.ts";
import { correctFlags, epochsOf } from "./summary.ts";
import { compareRuns, type ComparedRun, type StudyComparison } from "./compare/index.ts";

/** Seeds that students were trained with. */
export function seedsIn(runs: readonly RunRecord[]): number {
  return new Set(runs.filter(isStudent).map(({ seed }) => seed)).size;
}

/** A row for each method over its seeds; `labels` are the classes of the images that all runs were tested on. Throws ARGUMENT as `compareRuns`. */
export function compareRecords(runs: readonly RunRecord[], labels: ArrayLike<number>): StudyComparison {
  return compareRuns(runs.filter(isCompared).map((run) => recordedRun(run, labels)));
}

/** Whether a run is a student, a network trained without a teacher, or the teacher: assistants and parts of an ensemble are not compared. */
export function isCompared(run: RunRecord): boolean {
  return isStudent(run) || run.name === "teacher";
}

/** A run as a comparison takes it; without labels nothing is known of single images. */
export function recordedRun(record: RunRecord, labels?: ArrayLike<number>): ComparedRun {
  const { title, seed, method, test, parameters, multiplyAdds, bytes, latency } = record;
  const row = title.replace(/, seed \d+$/, "");
  return {
    row,
    title: row,
    seed,
    accuracy: test.accuracy,
    correct: labels && correctFlags(test.predictions, labels),
    parameters,
    multiplyAdds,
    bytes,
    seconds: record.seconds + record.teacherSeconds,
    epochs: epochsOf(record),
    latency: latency?.find(({ batch }) => batch === 1)?.milliseconds,
    isBaseline: isStudent(record) && method === "ce",
    isTeacher: !isStudent(record),
  };
}

function isStudent({ name }: RunRecord): boolean {
  return name.startsWith("student") || name === "model";
}
