/** @file What a study will cost on this machine, before it is done. */
import { availableParallelism } from "node:os";
import { mean } from "../../statistics.ts";
import { measurePace, type Pace, type PaceOptions } from "./pace.ts";
import { readSummaries, type StudyRun } from "./study-folder.ts";

/** Runs that differ in their seeds alone, or trials of the same epochs. */
export interface RowEstimate {
  readonly run: StudyRun;
  /** Runs that are left to do. */
  readonly left: number;
  /** As it was timed; not where its teacher is still to be trained. */
  readonly pace?: Pace | undefined;
  /** Of a run. */
  readonly seconds: number;
  /** Whether that is what others took: finished runs of the row, or the student alone where this could not be timed. */
  readonly basis: "finished" | "timed" | "student alone";
}

/** So many rows are timed; the others are taken for the student alone. */
const TIMED = 12;

/** Of each row that is not done. Seconds are of training alone: evaluation, and what a teacher computes before, come on top. Throws as `measurePace`. */
export async function estimateStudy(
  folder: string,
  runs: readonly StudyRun[],
  options: PaceOptions & { readonly onRow?: (done: number, total: number) => void },
): Promise<readonly RowEstimate[]> {
  const finished = await readSummaries(folder, { runs });
  const done = new Set(finished.map(({ run }) => run.id));
  const seconds = new Map(finished.map(({ run, summary }) => [run, summary.seconds]));
  const byRow = new Map<string, StudyRun[]>();
  for (const run of runs) {
    const key = JSON.stringify([run.group, run.row, run.role, run.settings["epochs"]]);
    const others = byRow.get(key);
    if (others) others.push(run);
    else byRow.set(key, [run]);
  }
  const rows = [...byRow.values()];
  const estimates: RowEstimate[] = [];
  let timed = 0;
  for (const [i, own] of rows.entries()) {
    const left = own.filter(({ id }) => !done.has(id));
    const [run] = left;
    if (!run) continue;
    const taken = own.flatMap((other) => seconds.get(other) ?? []);
    const canTime = (run.teacher === undefined || done.has(run.teacher)) && timed < TIMED;
    const pace = canTime ? await measurePace(folder, run, [availableParallelism()], options) : undefined;
    if (pace) timed++;
    options.onRow?.(i + 1, rows.length);
    const alone = estimates.find(({ run: other }) => other.group === run.group && isAlone(other, run));
    const [each, basis] =
      taken.length > 0
        ? [mean(taken), "finished" as const]
        : pace
          ? [secondsOf(pace), "timed" as const]
          : [alone?.seconds ?? NaN, "student alone" as const];
    estimates.push({ run, left: left.length, pace, seconds: each, basis });
  }
  return estimates;
}

/** Whether the run trains the student alone for as many epochs as the other. */
function isAlone(run: StudyRun, { settings }: StudyRun): boolean {
  return run.role !== "teacher" && run.command === "train" && run.settings["epochs"] === settings["epochs"];
}

function secondsOf({ steps, times: [first] }: Pace): number {
  return first ? (steps * first.milliseconds) / 1000 : NaN;
}
